package io.cashew.proxy.testing;

import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.control.Sources;
import io.cashew.proxy.topology.ClusterSource;
import io.cashew.proxy.topology.FollowedShards;
import io.cashew.proxy.topology.Hint;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Shard;
import io.cashew.proxy.topology.Topology;
import io.cashew.proxy.topology.TopologySource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The source of the one pool of a proxy, whose shards have the primaries that a test says. */
public final class PublishedTopologies implements Sources {
  private final Map<String, ServerId> primaries = new ConcurrentHashMap<>();
  private final Queue<Hint> hints = new ConcurrentLinkedQueue<>();
  private volatile @Nullable Source source;

  @Override
  public TopologySource of(
      PoolSettings settings,
      Topology configured,
      ScheduledExecutorService control,
      Function<Shard, Optional<FollowedShards.Origin>> origins,
      Supplier<ClusterSource.Origin> cluster) {
    Source made = new Source(configured, control);
    source = made;
    return made;
  }

  /** Publishes that the primary of a shard is at a port of this machine. */
  public void primary(String shard, int port) {
    primaries.put(shard, new ServerId("127.0.0.1:" + port, 0));
    Source its = started();
    its.control.execute(its::publish);
  }

  /** What the source was told. */
  public List<Hint> hints() {
    return List.copyOf(hints);
  }

  private Source started() {
    Source its = source;
    if (its == null) {
      throw new IllegalStateException("the proxy has not started");
    }
    return its;
  }

  private final class Source implements TopologySource {
    private final ScheduledExecutorService control;
    private Topology configured;
    private @Nullable Sink sink;

    Source(Topology configured, ScheduledExecutorService control) {
      this.configured = configured;
      this.control = control;
    }

    @Override
    public void start(Sink to) {
      sink = to;
      publish();
    }

    @Override
    public void configured(Topology pool) {
      configured = pool;
      publish();
    }

    void publish() {
      Sink to = sink;
      if (to != null) {
        to.publish(
            configured.withPrimaries(
                configured.shards().stream()
                    .map(shard -> primaries.getOrDefault(shard.name(), shard.primary()))
                    .toList()));
      }
    }

    @Override
    public void hint(Hint hint) {
      hints.add(hint);
    }

    @Override
    public void close() {
      sink = null;
    }
  }
}
