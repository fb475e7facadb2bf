package io.cashew.proxy.control;

import io.cashew.proxy.metrics.ClusterState;
import io.cashew.proxy.metrics.MetricsRegistry;
import io.cashew.proxy.topology.KnownCluster;
import io.cashew.proxy.topology.TopologySource;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/** Publishes what the source of a pool knows of the Cluster that its servers form. */
final class ClusterFigures {
  private ClusterFigures() {}

  static void publish(String pool, TopologySource source, MetricsRegistry metrics) {
    metrics.addCluster(
        pool,
        new ClusterState(
            of(source, KnownCluster::epoch),
            of(source, KnownCluster::uncovered),
            of(source, ClusterFigures::ageSeconds),
            of(source, KnownCluster::questions),
            of(source, KnownCluster::failures)));
  }

  /** Since a server last told its view; until the first has, since the pool began. */
  static long ageSeconds(KnownCluster known) {
    return TimeUnit.MILLISECONDS.toSeconds(
        Math.max(0, System.currentTimeMillis() - known.confirmedMillis()));
  }

  private static LongSupplier of(TopologySource source, ToLongFunction<KnownCluster> what) {
    return () -> {
      KnownCluster known = source.cluster();
      return known == null ? 0 : what.applyAsLong(known);
    };
  }
}
