package io.cashew.proxy.cache;

import io.cashew.hashing.distribution.SlotRange;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.SlotPlacement;
import io.cashew.proxy.topology.Topology;
import java.util.Arrays;
import java.util.List;

/**
 * Since when each key has had its server: what a server said of a key before is not given when
 * another has had the key since. Immutable; a change of the topology makes {@link #next another
 * one}, before any worker routes by it.
 *
 * <p>Where slots move, each has a stamp of its own; elsewhere all keys have one.
 */
final class Ownership {
  private final Topology topology;
  private final long[] stamps;

  private Ownership(Topology topology, long[] stamps) {
    this.topology = topology;
    this.stamps = stamps;
  }

  static Ownership of(Topology topology) {
    long[] stamps = new long[topology.placement() instanceof SlotPlacement ? SlotRange.SLOTS : 1];
    Arrays.fill(stamps, topology.version());
    return new Ownership(topology, stamps);
  }

  /** With a topology that follows this one's. */
  Ownership next(Topology other) {
    Ownership next = of(other);
    if (topology.placement() instanceof SlotPlacement before
        && other.placement() instanceof SlotPlacement now) {
      for (int slot = 0; slot < stamps.length; slot++) {
        ServerId owner = ownerOf(other, now, slot);
        if (owner.equals(ownerOf(topology, before, slot)) && !owner.equals(ServerId.NOBODY)) {
          next.stamps[slot] = stamps[slot];
        }
      }
    } else if (other.placement().equals(topology.placement())
        && primaries(other).equals(primaries(topology))) {
      next.stamps[0] = stamps[0];
    }
    return next;
  }

  private static ServerId ownerOf(Topology of, SlotPlacement placement, int slot) {
    int shard = placement.shardOf(slot);
    return shard == SlotPlacement.NO_SHARD ? ServerId.NOBODY : of.shards().get(shard).primary();
  }

  private static List<ServerId> primaries(Topology of) {
    return of.shards().stream().map(shard -> shard.primary()).toList();
  }

  /** The number of its topology. */
  long version() {
    return topology.version();
  }

  /** Which stamp a key has. */
  int group(KeyBytes key) {
    return stamps.length == 1 ? 0 : topology.placement().groupOf(key.bytes(), 0, key.length());
  }

  /** Since which topology the keys of a group have had their server. */
  long stamp(int group) {
    return group < stamps.length ? stamps[group] : -1;
  }
}
