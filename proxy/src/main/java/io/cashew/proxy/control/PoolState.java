package io.cashew.proxy.control;

import io.cashew.proxy.topology.Topology;
import java.util.List;

/**
 * What a pool is at one moment. Immutable: each change makes another one, on the control thread.
 *
 * @param wanted what it was made of
 * @param nodes the primary of each shard, in the order of the shards
 * @param replicas that are read from, in the order of the shards; none where none may be
 * @param topology what the workers route by, or will as soon as they come to it
 */
record PoolState(Wanted wanted, List<Placed> nodes, List<Placed> replicas, Topology topology) {
  PoolState {
    nodes = List.copyOf(nodes);
    replicas = List.copyOf(replicas);
  }

  PoolState with(Topology other) {
    return new PoolState(wanted, nodes, replicas, other);
  }
}
