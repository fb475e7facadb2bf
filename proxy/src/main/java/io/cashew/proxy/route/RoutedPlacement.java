package io.cashew.proxy.route;

import io.cashew.proxy.command.KeyRoutes;
import io.cashew.proxy.topology.Placement;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Keys belong where the placement of their pool says, and routes say which pool that is. The shards
 * of all pools are in one list, pool by pool; so are their groups. Confined to the worker.
 */
final class RoutedPlacement implements Placement {
  private final KeyRoutes routes;
  private final JoinedPool[] pools;

  /** Those of which another node is picked for each request; most often there are none. */
  private final JoinedPool[] picking;

  /**
   * Joins the placements of some pools.
   *
   * @param routes lead to pools in this order
   */
  RoutedPlacement(KeyRoutes routes, List<JoinedPool> pools) {
    this.routes = routes;
    this.pools = pools.toArray(JoinedPool[]::new);
    picking = pools.stream().filter(JoinedPool::anyShardWillDo).toArray(JoinedPool[]::new);
  }

  /** The place of a key's pool. */
  int poolOf(byte[] bytes, int offset, int length) {
    return routes.poolOf(bytes, offset, length);
  }

  /** Another request begins, for which other nodes may be picked. */
  void picksAnew() {
    for (JoinedPool each : picking) {
      each.picksAnew();
    }
  }

  @Override
  public int groupOf(byte[] bytes, int offset, int length) {
    return pools[routes.poolOf(bytes, offset, length)].groupOf(bytes, offset, length);
  }

  @Override
  public int shardOf(int group) {
    return JoinedTables.poolOfGroup(pools, group).shardOf(group);
  }

  @Override
  public int groupOfAll(byte[] bytes, int offset, int length) {
    int pool = routes.poolOfAll(Arrays.copyOfRange(bytes, offset, offset + length));
    return pool == KeyRoutes.SEVERAL ? NO_GROUP : pools[pool].groupOfAll(bytes, offset, length);
  }

  /** Each pool decides itself who is out of it. */
  @Override
  public Placement without(Set<Integer> ejected) {
    return this;
  }
}
