package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.command.PoolRoutes;
import io.cashew.proxy.topology.Placement;
import io.cashew.proxy.topology.Topology;
import java.util.List;

/**
 * What the routers of several pools route by at one moment, joined: the shards of all of them in
 * one list, pool by pool. Immutable.
 *
 * @param routes which pool has which keys
 * @param topology of all shards
 * @param primaries of all shards
 * @param replicas of all shards
 * @param reads how each shard is read
 * @param placements where keys belong, for each of {@link PoolRoutes#ofUsers}
 */
record JoinedTables(
    PoolRoutes routes,
    Topology topology,
    List<Backend> primaries,
    Backend[][] replicas,
    ReadPreference[] reads,
    Placement[] placements) {

  /** Where keys belong by the routes at a place, which may have been those of former routes. */
  Placement placement(int place) {
    return placements[place < placements.length ? place : PoolRoutes.EVERYBODY];
  }
}
