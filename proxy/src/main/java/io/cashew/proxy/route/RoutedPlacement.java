package io.cashew.proxy.route;

import io.cashew.proxy.command.KeyRoutes;
import io.cashew.proxy.topology.Placement;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Keys belong where the placement of their pool says, and routes say which pool that is. The shards
 * of all pools are in one list, pool by pool; so are their groups, each of which is a shard.
 * Immutable.
 */
final class RoutedPlacement implements Placement {
  private final KeyRoutes routes;
  private final Placement[] placements;

  /** For each pool, the shards of those before it. */
  private final int[] first;

  private final int[] counts;

  /**
   * Joins placements whose groups are their shards.
   *
   * @param routes lead to pools in this order
   * @param shardCounts how many shards each has
   */
  RoutedPlacement(KeyRoutes routes, List<Placement> placements, int[] shardCounts) {
    this.routes = routes;
    this.placements = placements.toArray(Placement[]::new);
    counts = shardCounts.clone();
    first = new int[counts.length];
    for (int pool = 1; pool < counts.length; pool++) {
      first[pool] = first[pool - 1] + counts[pool - 1];
    }
  }

  /** The place of a key's pool. */
  int poolOf(byte[] bytes, int offset, int length) {
    return routes.poolOf(bytes, offset, length);
  }

  @Override
  public int groupOf(byte[] bytes, int offset, int length) {
    int pool = routes.poolOf(bytes, offset, length);
    return first[pool] + placements[pool].groupOf(bytes, offset, length);
  }

  @Override
  public int shardOf(int group) {
    return group;
  }

  @Override
  public int groupOfAll(byte[] bytes, int offset, int length) {
    int pool = routes.poolOfAll(Arrays.copyOfRange(bytes, offset, offset + length));
    if (pool == KeyRoutes.SEVERAL) {
      return NO_GROUP;
    }
    if (counts[pool] == 1) {
      return first[pool];
    }
    int group = placements[pool].groupOfAll(bytes, offset, length);
    return group == NO_GROUP ? NO_GROUP : first[pool] + group;
  }

  /** Each pool decides itself who is out of it. */
  @Override
  public Placement without(Set<Integer> ejected) {
    return this;
  }
}
