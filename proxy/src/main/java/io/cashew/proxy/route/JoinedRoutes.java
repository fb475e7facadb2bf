package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.command.PoolRoutes;
import io.cashew.proxy.topology.Copies;
import io.cashew.proxy.topology.Placement;
import io.cashew.proxy.topology.Topology;
import io.cashew.proxy.topology.Traits;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Has a router route to the servers of several pools: it uses the connections that their own
 * routers use on this worker. To be installed anew whenever one of those has another table.
 * Confined to the worker.
 *
 * @param routes which pool has which keys
 * @param pools the routers of these pools, in the order of the routes' pools
 */
public record JoinedRoutes(PoolRoutes routes, List<Router> pools) {
  /** Copies the list. */
  public JoinedRoutes {
    pools = List.copyOf(pools);
  }

  /** Has a router route by the tables that the others have now. */
  public void installIn(Router router) {
    router.reads(
        pools.stream()
            .map(Router::reads)
            .filter(ReadPreference::usesReplicas)
            .findFirst()
            .orElse(ReadPreference.PRIMARY));
    router.install(joinedFor(router));
  }

  /** The same when nothing is new but where some slots are. */
  public void slotsAreLearntBy(Router router) {
    router.learnt(joinedFor(router));
  }

  private RoutingTable joinedFor(Router router) {
    return RoutingTable.of(tables(router.table().version() + 1), router.table());
  }

  private JoinedTables tables(long version) {
    List<RoutingTable> tables = pools.stream().map(Router::table).toList();
    List<Backend> primaries = tables.stream().flatMap(table -> table.primaries.stream()).toList();
    List<JoinedPool> joined = JoinedPool.of(tables);
    Placement[] placements =
        routes.ofUsers().stream()
            .map(keys -> new RoutedPlacement(keys, joined))
            .toArray(Placement[]::new);
    Copies copies =
        Copies.joined(
            tables.stream().map(table -> table.copies).toList(),
            (one, other) -> primaries.get(one).hasSameDataAs(primaries.get(other)));
    Topology topology =
        new Topology(
            version,
            tables.stream().flatMap(table -> table.shards.stream()).toList(),
            placements[PoolRoutes.EVERYBODY],
            Set.of(),
            copies,
            Traits.ofStores(pools.stream().mapToInt(Router::databases).min().orElse(1)));
    return new JoinedTables(
        routes,
        joined.toArray(JoinedPool[]::new),
        topology,
        primaries,
        tables.stream().flatMap(table -> Stream.of(table.replicas)).toArray(Backend[][]::new),
        pools.stream()
            .flatMap(pool -> Collections.nCopies(pool.backends().size(), pool.reads()).stream())
            .toArray(ReadPreference[]::new),
        placements);
  }
}
