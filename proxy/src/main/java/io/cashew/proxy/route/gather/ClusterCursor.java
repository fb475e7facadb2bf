package io.cashew.proxy.route.gather;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.topology.SlotPlacement;
import java.util.List;
import java.util.OptionalLong;

/**
 * Where an iteration of {@code SCAN} over all primaries of a Cluster stands. Immutable.
 *
 * <p>The iteration goes from shard to shard in the order of their first slots, and to those without
 * slots at last. A client's cursor has the place of the shard in that order, so that it stays good
 * while servers come and go; the cursor of the server; and a mark of the server's address, since no
 * other server knows its cursors. If another one has the place by then, its keys are begun anew:
 * they may come twice, and none is left out. A key is missed only if its slot moves, while the
 * iteration lasts, from a server that has not been asked to one that has.
 *
 * @param shard that the next step asks
 * @param place of the shard in the order
 * @param serverCursor what its server is asked with
 * @param mark of the server's address
 */
record ClusterCursor(int shard, int place, long serverCursor, int mark) {
  private static final int PLACE_BITS = 15;
  private static final int MARK_BITS = ServerMark.BITS;
  private static final int SLOTS = 1 << 14;
  private static final long MOST = -1L >>> (PLACE_BITS + MARK_BITS);

  /** The shards at one moment. */
  interface Shards {
    int count();

    /** The first slot of a shard, or {@link SlotPlacement#NO_SLOT}. */
    int firstSlotOf(int shard);

    int shardOfSlot(int slot);

    /** Of the server of a shard. */
    String addressOf(int shard);

    /** The shards of a router's table. */
    static Shards of(SlotPlacement slots, List<Backend> primaries) {
      return new Shards() {
        @Override
        public int count() {
          return primaries.size();
        }

        @Override
        public int firstSlotOf(int shard) {
          return slots.firstSlotOf(shard);
        }

        @Override
        public int shardOfSlot(int slot) {
          return slots.shardOf(slot);
        }

        @Override
        public String addressOf(int shard) {
          return primaries.get(shard).node().address().text();
        }
      };
    }
  }

  /** Reads a client's cursor, an unsigned number. */
  static ClusterCursor of(long cursor, Shards shards) {
    int place = (int) (cursor & ((1 << PLACE_BITS) - 1));
    int mark = (int) (cursor >>> PLACE_BITS) & ((1 << MARK_BITS) - 1);
    int shard = cursor == 0 ? nextBehind(-1, shards) : at(place, shards);
    int itsMark = mark(shard, shards);
    return new ClusterCursor(
        shard,
        cursor == 0 ? place(shard, shards) : place,
        mark == itsMark ? cursor >>> (PLACE_BITS + MARK_BITS) : 0,
        itsMark);
  }

  /** The shard that has a place now; of one that is gone, the next. */
  private static int at(int place, Shards shards) {
    if (place < SLOTS) {
      return shards.shardOfSlot(place);
    }
    int next = nextBehind(place - 1, shards);
    return next < 0 ? 0 : next;
  }

  private static int place(int shard, Shards shards) {
    int slot = shards.firstSlotOf(shard);
    return slot == SlotPlacement.NO_SLOT
        ? SLOTS | (shards.addressOf(shard).hashCode() & (SLOTS - 1))
        : slot;
  }

  private static int mark(int shard, Shards shards) {
    return ServerMark.of(shards.addressOf(shard)).bits();
  }

  /** The shard of the least place above one; -1: there is none. */
  private static int nextBehind(int place, Shards shards) {
    int next = -1;
    for (int shard = 0; shard < shards.count(); shard++) {
      int its = place(shard, shards);
      if (its > place && (next < 0 || its < place(next, shards))) {
        next = shard;
      }
    }
    return next;
  }

  /**
   * The client's cursor after this step; empty if there is no room for it.
   *
   * @param next the server's, an unsigned number; 0: the server has no more
   */
  OptionalLong after(long next, Shards shards) {
    if (next == 0) {
      int behind = nextBehind(place, shards);
      return OptionalLong.of(
          behind < 0 ? 0 : cursor(0, mark(behind, shards), place(behind, shards)));
    }
    return Long.compareUnsigned(next, MOST) > 0
        ? OptionalLong.empty()
        : OptionalLong.of(cursor(next, mark, place));
  }

  private static long cursor(long ofServer, int mark, int place) {
    return (ofServer << (PLACE_BITS + MARK_BITS)) | ((long) mark << PLACE_BITS) | place;
  }
}
