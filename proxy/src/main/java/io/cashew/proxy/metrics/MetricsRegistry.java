package io.cashew.proxy.metrics;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricFamilyDescriptor;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is published: the recorders of all pools and nodes, and the JVM. The control thread adds and
 * removes; any one thread scrapes, which sums over the workers and takes nothing from them.
 *
 * <p>Memory, collections, threads, processor, file descriptors and uptime come from micrometer's
 * binders. Cashew's own rows do not go through micrometer's meters, because it has none that reads
 * a histogram off a function: one collector hands them to the Prometheus registry below it.
 */
public final class MetricsRegistry implements AutoCloseable {

  /** A state of a node is decided for all workers: it has the place of one. */
  private static final int ALL_WORKERS = -1;

  private final MetricTable<PoolRecorder> pools = new MetricTable<>(Metrics.POOL);
  private final MetricTable<NodeRecorder> nodes = new MetricTable<>(Metrics.NODE);
  private final MetricTable<NodeState> nodeStates = new MetricTable<>(Metrics.NODE_STATE);
  private final MetricTable<Build> process = new MetricTable<>(Metrics.PROCESS);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collections = new JvmGcMetrics();

  /** A registry with the process in it, and no pool yet. */
  public MetricsRegistry(Build build) {
    process.add(build.labels(), ALL_WORKERS, build);
    registry.getPrometheusRegistry().register(new Rows());
    Stream.<MeterBinder>of(
            new JvmMemoryMetrics(),
            collections,
            new JvmThreadMetrics(),
            new ProcessorMetrics(),
            new FileDescriptorMetrics(),
            new UptimeMetrics())
        .forEach(binder -> binder.bindTo(registry));
  }

  /**
   * Publishes what a worker counts for a pool, until {@link #removePool}.
   *
   * @throws IllegalStateException if that worker has a recorder for that pool already
   */
  public void addPool(String pool, int workerIndex, PoolRecorder recorder) {
    pools.add(Labels.of("pool", pool), workerIndex, recorder);
  }

  /**
   * Publishes what a worker counts for a node, until {@link #removeNode} or {@link #removePool}.
   *
   * @throws IllegalStateException if that worker has a recorder for that node already
   */
  public void addNode(String pool, String node, int workerIndex, NodeRecorder recorder) {
    nodes.add(nodeLabels(pool, node), workerIndex, recorder);
  }

  /**
   * Publishes what is decided about a node, until {@link #removeNode} or {@link #removePool}.
   *
   * @throws IllegalStateException if that node has a state already
   */
  public void addNodeState(String pool, String node, NodeState state) {
    nodeStates.add(nodeLabels(pool, node), ALL_WORKERS, state);
  }

  /** Ends the series of a node, on all workers; one that is not there is no error. */
  public void removeNode(String pool, String node) {
    nodes.remove(nodeLabels(pool, node));
    nodeStates.remove(nodeLabels(pool, node));
  }

  /** Ends the series of a pool and of its nodes; one that is not there is no error. */
  public void removePool(String pool) {
    pools.remove("pool", pool);
    nodes.remove("pool", pool);
    nodeStates.remove("pool", pool);
  }

  /** Writes all metrics. Any one thread at a time. */
  public void scrape(OutputStream out, Exposition exposition) throws IOException {
    registry.scrape(out, exposition.contentType());
  }

  /** All metrics as text. Any one thread at a time. */
  public String scrape(Exposition exposition) {
    return registry.scrape(exposition.contentType());
  }

  /** Ends the binders' listeners. The recorders stay usable, but nobody reads them. */
  @Override
  public void close() {
    collections.close();
    registry.close();
  }

  private static Labels nodeLabels(String pool, String node) {
    return Labels.of("pool", pool, "node", node);
  }

  /** Cashew's own rows, as the Prometheus registry asks for them. */
  private final class Rows implements MultiCollector {

    @Override
    public MetricSnapshots collect() {
      MetricSnapshots.Builder snapshots = MetricSnapshots.builder();
      process.read(snapshots);
      pools.read(snapshots);
      nodes.read(snapshots);
      nodeStates.read(snapshots);
      return snapshots.build();
    }

    /** Lets the registry refuse a meter that has the name of a row but not its type or help. */
    @Override
    public List<MetricFamilyDescriptor> getMetricFamilyDescriptors() {
      return Metrics.all().map(Metric::descriptor).toList();
    }
  }
}
