package io.cashew.proxy.route.gather;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.route.Router;
import io.cashew.proxy.topology.Copies;
import java.util.OptionalLong;
import java.util.function.LongFunction;

/**
 * Where a client's cursor of {@code SCAN} leads at one moment. Immutable.
 *
 * @param server that the next step asks
 * @param cursor what it is asked with
 * @param following the client's next cursor by the server's; empty if there is no room for it
 */
record ScanStep(Backend server, long cursor, LongFunction<OptionalLong> following) {

  /**
   * The step of a client's cursor.
   *
   * @param cursor an unsigned number
   * @param marks whether other servers may take the place of those that there are
   */
  static ScanStep of(long cursor, Router router, boolean marks) {
    if (router.table().slotsMove()) {
      ScanPlaces places = ScanPlaces.of(router.table());
      ClusterCursor at = ClusterCursor.of(cursor, places);
      Backend server = router.backends().get(at.shard());
      return new ScanStep(server, at.serverCursor(), next -> at.after(next, places));
    }
    Copies copies = router.copies();
    ScanCursor at = ScanCursor.of(cursor, copies);
    Backend server = router.backends().get(at.node());
    if (!marks) {
      return new ScanStep(server, at.nodeCursor(), next -> at.after(next, copies));
    }
    ServerMark mark = ServerMark.of(server.node().address());
    return new ScanStep(
        server,
        mark.unmarked(at.nodeCursor()),
        next -> {
          OptionalLong marked = next == 0 ? OptionalLong.of(0) : mark.marked(next);
          return marked.isEmpty() ? marked : at.after(marked.getAsLong(), copies);
        });
  }
}
