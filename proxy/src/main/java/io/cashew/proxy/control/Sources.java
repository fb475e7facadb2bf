package io.cashew.proxy.control;

import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.topology.ClusterSource;
import io.cashew.proxy.topology.FollowedShards;
import io.cashew.proxy.topology.Shard;
import io.cashew.proxy.topology.Topology;
import io.cashew.proxy.topology.TopologySource;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import java.util.function.Supplier;

/** Makes the source of a pool's topologies. Called on the thread that starts the pool. */
@FunctionalInterface
public interface Sources {

  /** As each pool is configured, with servers as they are found. */
  Sources CONFIGURED =
      (settings, configured, control, origins, cluster) ->
          new ConfiguredSource(
              configured,
              nodes -> new FollowedShards(nodes, origins),
              nobody -> new ClusterSource(settings.name(), nobody, cluster, control));

  /**
   * A source that has not begun.
   *
   * @param settings of the pool
   * @param configured its shards, as far as they are configured: where to begin
   * @param control the control thread, for a source that has to look now and then
   * @param origins where it is learnt who the primary of a shard is, as the pool is configured at
   *     the moment; none for a shard that stays as it is configured
   * @param cluster where the Cluster is found that the servers form, as configured at the moment
   */
  TopologySource of(
      PoolSettings settings,
      Topology configured,
      ScheduledExecutorService control,
      Function<Shard, Optional<FollowedShards.Origin>> origins,
      Supplier<ClusterSource.Origin> cluster);
}
