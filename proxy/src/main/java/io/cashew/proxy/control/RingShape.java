package io.cashew.proxy.control;

import io.cashew.hashing.distribution.Distribution;
import io.cashew.hashing.distribution.SlotRange;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.topology.Shard;
import io.cashew.proxy.topology.SlotPlacement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How the hashes of a pool are spread while no node is ejected; it is not cheap to find.
 *
 * @param settings of which pool
 * @param shares of each node, of all hashes
 * @param points of each node on the continuum
 * @param around index of the node at each of so many places of the continuum, in its order
 */
record RingShape(
    PoolSettings settings, List<Double> shares, List<Integer> points, List<Integer> around) {

  /** Places of the continuum that a picture shows. */
  private static final int AROUND = 1440;

  /** Of a pool whose servers form a Cluster: as its slots are now. */
  static RingShape of(PoolSettings settings, List<Shard> shards, SlotPlacement slots) {
    List<Double> shares = new ArrayList<>();
    for (int count : slots.counts(shards.size())) {
      shares.add((double) count / SlotRange.SLOTS);
    }
    List<Integer> around = new ArrayList<>();
    for (int i = 0; i < AROUND; i++) {
      around.add(slots.shardOf(i * SlotRange.SLOTS / AROUND));
    }
    return new RingShape(settings, shares, List.of(), around);
  }

  static RingShape of(PoolSettings settings) {
    if (settings.hasRoutes()) {
      return new RingShape(settings, List.of(), List.of(), List.of());
    }
    Distribution spread = settings.spread();
    int count = settings.nodes().size();
    return new RingShape(
        settings,
        Arrays.stream(spread.shares(count)).boxed().toList(),
        Arrays.stream(spread.points(count)).boxed().toList(),
        Arrays.stream(spread.around(AROUND)).boxed().toList());
  }
}
