package io.cashew.proxy.control;

import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.cache.NearCache;
import io.cashew.proxy.cache.rule.CacheRules;
import io.cashew.proxy.config.NodePlace;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.insight.SlowLog;
import io.cashew.proxy.insight.TopKeys;
import io.cashew.proxy.topology.KnownCluster;
import io.cashew.proxy.topology.SlotPlacement;
import io.cashew.proxy.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes what may be shown of a pool; from any thread. Remembers what is not cheap to find. */
final class PoolViews {
  private volatile @Nullable RingShape shape;

  /** A pool as it is now. */
  PoolView of(
      PoolState now,
      List<PoolOnWorker> parts,
      TopKeys topKeys,
      SlowLog slowLog,
      SentinelGroups sentinels,
      @Nullable KnownCluster cluster,
      Replicas replicas,
      @Nullable NearCache cache) {
    PoolSettings settings = now.wanted().settings();
    RingShape of = shape(now, settings);
    return new PoolView(
        settings.name(),
        settings.listen().text(),
        settings.hasRoutes()
            ? ""
            : settings.isCluster() ? "crc16" : settings.placement().hash().name(),
        distribution(settings),
        parts.stream().map(PoolOnWorker::recorder).toList(),
        nodes(now, of, parts, replicas),
        topKeys,
        slowLog,
        now.topology(),
        sentinels.known(settings).stream().map(SentinelView::of).toList(),
        ClusterView.of(cluster),
        CacheRules.of(settings.cache().rules()),
        settings.hasRoutes() ? settings.poolRoutes() : null,
        cache,
        of.around());
  }

  private static String distribution(PoolSettings settings) {
    return settings.hasRoutes()
        ? "routes"
        : settings.isCluster() ? "cluster" : settings.placement().distribution().name();
  }

  private RingShape shape(PoolState now, PoolSettings settings) {
    if (now.topology().placement() instanceof SlotPlacement slots) {
      return RingShape.of(settings, now.topology().shards(), slots);
    }
    RingShape of = shape;
    if (of == null || !of.settings().equals(settings)) {
      shape = of = RingShape.of(settings);
    }
    return of;
  }

  private static List<List<Integer>> slots(Topology topology, int shard) {
    return topology.placement() instanceof SlotPlacement slots
        ? slots.rangesOf(shard).stream().map(range -> List.of(range.first(), range.last())).toList()
        : List.of();
  }

  private static List<NodeView> nodes(
      PoolState now, RingShape shape, List<PoolOnWorker> parts, Replicas replicas) {
    List<NodeView> views = new ArrayList<>();
    for (int i = 0; i < now.nodes().size(); i++) {
      Placed node = now.nodes().get(i);
      NodeAddress address = node.node().address();
      views.add(
          new NodeView(
              node.shard(),
              address.text(),
              now.topology().shards().get(i).weight(),
              i < shape.shares().size() ? shape.shares().get(i) : 0,
              i < shape.points().size() ? shape.points().get(i) : 0,
              Primaries.place(now.wanted().settings(), node.shard())
                  .map(NodePlace::kind)
                  .orElse(now.wanted().settings().isCluster() ? "cluster" : ""),
              slots(now.topology(), i),
              address instanceof NobodyAddress nobody ? nobody.why().get() : "",
              replicas.zone(node.known()),
              now.wanted().topology().shards().get(i).replicas().stream()
                  .map(replicas::view)
                  .toList(),
              node.state(),
              parts.stream()
                  .map(part -> part.nodes().get(node.shard()))
                  .filter(Objects::nonNull)
                  .toList()));
    }
    return views;
  }
}
