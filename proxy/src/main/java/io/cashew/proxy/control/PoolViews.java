package io.cashew.proxy.control;

import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.config.NodePlace;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.insight.SlowLog;
import io.cashew.proxy.insight.TopKeys;
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
      SentinelGroups sentinels) {
    PoolSettings settings = now.wanted().settings();
    RingShape of = shape;
    if (of == null || !of.settings().equals(settings)) {
      shape = of = RingShape.of(settings);
    }
    return new PoolView(
        settings.name(),
        settings.listen().text(),
        settings.placement().hash().name(),
        settings.placement().distribution().name(),
        parts.stream().map(PoolOnWorker::recorder).toList(),
        nodes(now, of, parts),
        topKeys,
        slowLog,
        now.topology(),
        sentinels.known(settings).stream().map(SentinelView::of).toList(),
        of.around());
  }

  private static List<NodeView> nodes(PoolState now, RingShape shape, List<PoolOnWorker> parts) {
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
                  .orElse(""),
              address instanceof NobodyAddress nobody ? nobody.why().get() : "",
              node.state(),
              parts.stream()
                  .map(part -> part.nodes().get(node.shard()))
                  .filter(Objects::nonNull)
                  .toList()));
    }
    return views;
  }
}
