package io.cashew.proxy.route;

import io.cashew.hashing.distribution.SlotRange;
import io.cashew.proxy.topology.Placement;
import java.util.ArrayList;
import java.util.List;

/**
 * One of several pools whose tables are joined, and where its shards and its groups are in the
 * lists of all: those of each pool stand together, pool by pool. Confined to the worker.
 *
 * <p>The groups of a Cluster are its slots, those of other pools their shards. Of a pool whose
 * nodes all hold the same data any node will do for any key, so all its keys are one group; its
 * node is picked for each request, so that whatever is asked of one request is asked of one node.
 */
final class JoinedPool {
  private static final byte[] ANY_KEY = new byte[0];

  private final RoutingTable table;
  private final int firstShard;
  private final int firstGroup;
  private final boolean anyShardWillDo;

  /** Of a pool in which any shard will do, the one for the request at hand. */
  private int picked;

  private JoinedPool(RoutingTable table, int firstShard, int firstGroup) {
    this.table = table;
    this.firstShard = firstShard;
    this.firstGroup = firstGroup;
    anyShardWillDo = table.copies.anyShardWillDo();
    picksAnew();
  }

  /** Those of some tables, in their order. */
  static List<JoinedPool> of(List<RoutingTable> tables) {
    List<JoinedPool> pools = new ArrayList<>();
    int shards = 0;
    int groups = 0;
    for (RoutingTable table : tables) {
      JoinedPool pool = new JoinedPool(table, shards, groups);
      pools.add(pool);
      shards += table.primaries.size();
      groups += pool.groups();
    }
    return List.copyOf(pools);
  }

  /** By which the pool itself routes. */
  RoutingTable table() {
    return table;
  }

  /** The place of its first shard among those of all pools. */
  int firstShard() {
    return firstShard;
  }

  /** The number of its first group; that of a slot is this plus the slot. */
  int firstGroup() {
    return firstGroup;
  }

  private int groups() {
    return anyShardWillDo ? 1 : table.slotsMove() ? SlotRange.SLOTS : table.primaries.size();
  }

  /** The group of one of its keys, among those of all pools. */
  int groupOf(byte[] bytes, int offset, int length) {
    return anyShardWillDo
        ? firstGroup
        : firstGroup + table.placement.groupOf(bytes, offset, length);
  }

  /** The shard of one of its groups, among those of all pools. */
  int shardOf(int group) {
    return firstShard + (anyShardWillDo ? picked : table.placement.shardOf(group - firstGroup));
  }

  /** See {@link Placement#groupOfAll}. */
  int groupOfAll(byte[] bytes, int offset, int length) {
    if (groups() == 1) {
      return firstGroup;
    }
    int group = table.placement.groupOfAll(bytes, offset, length);
    return group == Placement.NO_GROUP ? Placement.NO_GROUP : firstGroup + group;
  }

  /** Whether its node is another one for each request. */
  boolean anyShardWillDo() {
    return anyShardWillDo;
  }

  /** Another request begins. */
  void picksAnew() {
    if (anyShardWillDo) {
      picked = table.placement.groupOf(ANY_KEY, 0, 0);
    }
  }
}
