package io.cashew.proxy.route.gather;

import java.util.OptionalLong;

/**
 * Where an iteration of {@code SCAN} over all primaries of a Cluster stands, or over those of
 * several pools, of which one at least is a Cluster. Immutable.
 *
 * <p>The iteration goes from shard to shard in the order of {@link ScanPlaces}. A client's cursor
 * has the place of the shard in that order, so that it stays good while servers come and go; the
 * cursor of the server; and a mark of the server's address, since no other server knows its
 * cursors. If another one has the place by then, its keys are begun anew: they may come twice, and
 * none is left out. A key is missed only if its slot moves, while the iteration lasts, from a
 * server that has not been asked to one that has.
 *
 * @param shard that the next step asks
 * @param place of the shard in the order
 * @param serverCursor what its server is asked with
 * @param mark of the server's address
 */
record ClusterCursor(int shard, int place, long serverCursor, int mark) {
  private static final int MARK_BITS = ServerMark.BITS;

  /** Reads a client's cursor, an unsigned number. */
  static ClusterCursor of(long cursor, ScanPlaces places) {
    int bits = places.bits();
    int place = cursor == 0 ? places.placeBehind(-1) : (int) (cursor & ((1L << bits) - 1));
    int mark = (int) (cursor >>> bits) & ((1 << MARK_BITS) - 1);
    long ofServer = cursor >>> (bits + MARK_BITS);
    if (cursor != 0 && ofServer == 0 && places.shardAt(place) != ScanPlaces.NONE) {
      place = places.readerAt(place);
    }
    int shard = Math.max(0, places.shardAt(place));
    int its = places.markOf(shard);
    return new ClusterCursor(shard, place, mark == its ? ofServer : 0, its);
  }

  /**
   * The client's cursor after this step; empty if there is no room for it.
   *
   * @param next the server's, an unsigned number; 0: the server has no more
   */
  OptionalLong after(long next, ScanPlaces places) {
    int bits = places.bits();
    if (next == 0) {
      int behind = places.placeBehind(place);
      return OptionalLong.of(
          behind == ScanPlaces.NONE
              ? 0
              : cursor(0, places.markOf(places.shardAt(behind)), behind, bits));
    }
    return Long.compareUnsigned(next, -1L >>> (bits + MARK_BITS)) > 0
        ? OptionalLong.empty()
        : OptionalLong.of(cursor(next, mark, place, bits));
  }

  private static long cursor(long ofServer, int mark, int place, int bits) {
    return (ofServer << (bits + MARK_BITS)) | ((long) mark << bits) | place;
  }
}
