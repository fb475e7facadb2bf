package io.cashew.proxy.control;

import io.cashew.proxy.topology.Hint;
import io.cashew.proxy.topology.KnownCluster;
import io.cashew.proxy.topology.SlotPlacement;
import io.cashew.proxy.topology.Topology;
import io.cashew.proxy.topology.TopologySource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The source of a pool that has nodes, or servers that form a Cluster: whichever of the two is
 * configured at the moment. Confined to the control thread, but for what says something of the
 * moment.
 */
final class ConfiguredSource implements TopologySource {
  private final Function<Topology, TopologySource> ofNodes;
  private final Function<Topology, TopologySource> ofCluster;

  /** Written by the control thread. */
  private volatile TopologySource source;

  private boolean isCluster;
  private @Nullable Sink sink;

  /**
   * Begins nothing.
   *
   * @param configured where to begin
   * @param ofNodes makes the source of a pool of nodes
   * @param ofCluster makes that of a pool whose servers form a Cluster
   */
  ConfiguredSource(
      Topology configured,
      Function<Topology, TopologySource> ofNodes,
      Function<Topology, TopologySource> ofCluster) {
    this.ofNodes = ofNodes;
    this.ofCluster = ofCluster;
    isCluster = isCluster(configured);
    source = (isCluster ? ofCluster : ofNodes).apply(configured);
  }

  private static boolean isCluster(Topology configured) {
    return configured.placement() instanceof SlotPlacement;
  }

  @Override
  public void start(Sink to) {
    sink = to;
    source.start(to);
  }

  @Override
  public void configured(Topology pool) {
    if (isCluster(pool) == isCluster) {
      source.configured(pool);
      return;
    }
    source.close();
    isCluster = isCluster(pool);
    source = (isCluster ? ofCluster : ofNodes).apply(pool);
    Sink to = sink;
    if (to != null) {
      source.start(to);
    }
  }

  @Override
  public String whyNobody(String shard) {
    return source.whyNobody(shard);
  }

  @Override
  public String errorOfNobody(String shard) {
    return source.errorOfNobody(shard);
  }

  @Override
  public @Nullable KnownCluster cluster() {
    return source.cluster();
  }

  @Override
  public List<String> rivals(String shard) {
    return source.rivals(shard);
  }

  @Override
  public void settle(String shard, Consumer<Optional<String>> doubt) {
    source.settle(shard, doubt);
  }

  @Override
  public void hint(Hint hint) {
    source.hint(hint);
  }

  @Override
  public void close() {
    source.close();
  }
}
