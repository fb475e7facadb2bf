package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.KeyPositions;
import io.cashew.proxy.resp.RequestFrame;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Says of requests that are not sent yet which nodes they are about. One per user of it, pool and
 * worker; confined to the worker.
 */
public final class FirstKeys {
  private final Router router;
  private final KeyPositions positions = new KeyPositions();

  /** Of the requests of a router's pool. */
  public FirstKeys(Router router) {
    this.router = router;
  }

  /**
   * Where a request goes if it is not refused, by the first of its keys; where nobody knows, a node
   * that clients wait for.
   *
   * @return null if it will be refused, or goes nowhere where clients wait
   */
  public @Nullable Node nodeOf(RequestFrame frame, Command command) {
    if (router.anyNodeWillDo()) {
      return router.table().firstThatIsWaitedFor();
    }
    if (command.hasOneKey()) {
      return router.backends().get(router.nodeFor(frame, command.firstKey())).node();
    }
    if (!command.keys(frame, positions)) {
      return null;
    }
    return positions.count() == 0
        ? router.keylessBackend().node()
        : router.backends().get(router.nodeFor(frame, positions.index(0))).node();
  }

  /**
   * The first node, in the order of a request's keys, of which something is so.
   *
   * @return null if it is so of none, or any node will do, or the request will be refused
   */
  public @Nullable Node first(RequestFrame frame, Command command, Predicate<Node> is) {
    if (router.anyNodeWillDo() || !command.keys(frame, positions)) {
      return null;
    }
    if (positions.count() == 0) {
      Node node = router.keylessBackend().node();
      return is.test(node) ? node : null;
    }
    for (int i = 0; i < positions.count(); i++) {
      Backend at = router.backends().get(router.nodeFor(frame, positions.index(i)));
      if (is.test(at.node()) && !router.table().anyShardWillDo(at, at)) {
        return at.node();
      }
    }
    return null;
  }
}
