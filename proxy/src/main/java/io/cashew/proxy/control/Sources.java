package io.cashew.proxy.control;

import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.topology.Topology;
import io.cashew.proxy.topology.TopologySource;
import io.cashew.proxy.topology.TopologySources;
import java.util.concurrent.ScheduledExecutorService;

/** Makes the source of a pool's topologies. Called on the thread that starts the pool. */
@FunctionalInterface
public interface Sources {

  /** As each pool is configured. */
  Sources CONFIGURED =
      (settings, configured, control) ->
          TopologySources.byName(TopologySources.STATIC).create(configured);

  /**
   * A source that has not begun.
   *
   * @param settings of the pool
   * @param configured its shards, as far as they are configured: where to begin
   * @param control the control thread, for a source that has to look now and then
   */
  TopologySource of(PoolSettings settings, Topology configured, ScheduledExecutorService control);
}
