package io.cashew.proxy.control;

import io.cashew.proxy.cache.NearCache;
import io.cashew.proxy.cache.rule.CacheRules;
import io.cashew.proxy.command.PoolRoutes;
import io.cashew.proxy.insight.SlowLog;
import io.cashew.proxy.insight.TopKeys;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.topology.Placement;
import io.cashew.proxy.topology.Topology;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pool as it may be shown.
 *
 * @param name of the pool
 * @param listen where clients connect
 * @param hash how keys are hashed
 * @param distribution how hashes are spread
 * @param recorders what the workers count for it; read as a scrape reads them
 * @param nodes in the order of the configuration
 * @param topKeys what was found of its keys, up to a second ago
 * @param slowLog its slow requests
 * @param topology where keys go now; its shards are {@code nodes}
 * @param sentinels that are asked who its primaries are; none if none is
 * @param cluster that its servers form; null: none
 * @param rules what is done for the servers by patterns of keys
 * @param routes which other pool has which keys; null: it has nodes of its own
 * @param cache what is kept of their values; null: nothing
 * @param around the node at each of so many places around the continuum, or along the slots; empty
 *     where a distribution has no such order
 */
public record PoolView(
    String name,
    String listen,
    String hash,
    String distribution,
    List<PoolRecorder> recorders,
    List<NodeView> nodes,
    TopKeys topKeys,
    SlowLog slowLog,
    Topology topology,
    List<SentinelView> sentinels,
    @Nullable ClusterView cluster,
    CacheRules rules,
    @Nullable PoolRoutes routes,
    @Nullable NearCache cache,
    List<Integer> around) {

  /** Counts the changes of its topology. */
  public long version() {
    return topology.version();
  }

  /** Whether keys go elsewhere while their node is out. */
  public boolean movesKeys() {
    return topology.traits().ejects();
  }

  /** The node that a key is of while none is out; empty: there is none, or the pool has routes. */
  public Optional<NodeView> ownerOf(byte[] key) {
    return node(key, topology.placement().without(Set.of()));
  }

  /** The node where requests for a key go now. */
  public Optional<NodeView> servedBy(byte[] key) {
    return node(key, topology.placement());
  }

  private Optional<NodeView> node(byte[] key, Placement placement) {
    if (nodes.isEmpty() || routes != null) {
      return Optional.empty();
    }
    int shard = placement.shardOf(placement.groupOf(key, 0, key.length));
    // A reload in the same moment may leave fewer nodes.
    return shard < nodes.size() ? Optional.of(nodes.get(shard)) : Optional.empty();
  }

  /** The slot of a key, in a Cluster. */
  public int slotOf(byte[] key) {
    return topology.placement().groupOf(key, 0, key.length);
  }

  /** The name of the node where requests for a key go now; with routes, of the pool. */
  public String nodeOf(byte[] key) {
    if (routes != null) {
      int pool = routes.ofUsers().get(PoolRoutes.EVERYBODY).poolOf(key, 0, key.length);
      return routes.pools().get(pool);
    }
    int node = topology.shardFor(key);
    // A reload in the same moment may leave fewer nodes: the next view has them right.
    return node < nodes.size() ? nodes.get(node).name() : "";
  }
}
