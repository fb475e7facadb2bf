package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.command.PoolRoutes;
import io.cashew.proxy.topology.Placement;
import io.cashew.proxy.topology.Topology;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the routers of several pools route by at one moment, joined: the shards of all of them in
 * one list, pool by pool. Confined to the worker.
 *
 * @param routes which pool has which keys
 * @param pools in the order of the routes' pools
 * @param topology of all shards
 * @param primaries of all shards
 * @param replicas of all shards
 * @param reads how each shard is read
 * @param placements where keys belong, for each of {@link PoolRoutes#ofUsers}
 */
record JoinedTables(
    PoolRoutes routes,
    JoinedPool[] pools,
    Topology topology,
    List<Backend> primaries,
    Backend[][] replicas,
    ReadPreference[] reads,
    Placement[] placements) {

  /** Where keys belong by the routes at a place, which may have been those of former routes. */
  Placement placement(int place) {
    return placements[place < placements.length ? place : PoolRoutes.EVERYBODY];
  }

  /** The pool of a group. */
  JoinedPool poolOfGroup(int group) {
    return poolOfGroup(pools, group);
  }

  /** The one of some pools that has a group. */
  static JoinedPool poolOfGroup(JoinedPool[] pools, int group) {
    int pool = pools.length - 1;
    while (pools[pool].firstGroup() > group) {
      pool--;
    }
    return pools[pool];
  }

  /** The shards of each pool. */
  List<RoutingTable.Section> sections() {
    return Arrays.stream(pools)
        .map(
            each ->
                new RoutingTable.Section(
                    each.firstShard(), each.table().primaries.size(), each.table().placement))
        .toList();
  }

  /** The pool that has a server, or has had it; null: it is none of these. */
  @Nullable JoinedPool poolOf(Node server) {
    int place = routes.pools().indexOf(server.pool());
    return place < 0 ? null : pools[place];
  }

  /** Whether slots move between the servers of any of them. */
  boolean slotsMove() {
    for (JoinedPool each : pools) {
      if (each.table().slotsMove()) {
        return true;
      }
    }
    return false;
  }

  /** Whether any of these slots is known to move. */
  boolean anySlotMoves(long tickMillis) {
    for (JoinedPool each : pools) {
      if (each.table().anySlotMoves(tickMillis)) {
        return true;
      }
    }
    return false;
  }
}
