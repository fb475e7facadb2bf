package io.cashew.proxy.metrics;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricFamilyDescriptor;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is published: the recorders of all pools and nodes. The control thread adds and removes;
 * another thread scrapes, which sums over the workers and takes nothing from them. Every method may
 * be called from any thread.
 */
public final class MetricsRegistry implements AutoCloseable {

  /** The place of what is decided once for all workers. */
  private static final int ALL_WORKERS = -1;

  private final MetricTable<PoolRecorder> pools = new MetricTable<>(Metrics.POOL);
  private final TopKeyTable hotKeys = new TopKeyTable(Metrics.HOT_KEY);
  private final TopKeyTable bigKeys = new TopKeyTable(Metrics.BIG_KEY);
  private final MetricTable<AccessLogState> accessLogs = new MetricTable<>(Metrics.ACCESS_LOG);
  private final MetricTable<TlsState> tls = new MetricTable<>(Metrics.TLS);
  private final MetricTable<NodeRecorder> nodes = new MetricTable<>(Metrics.NODE);
  private final MetricTable<NodeState> nodeStates = new MetricTable<>(Metrics.NODE_STATE);
  private final MetricTable<PrimaryState> primaries = new MetricTable<>(Metrics.NODE_PRIMARY);
  private final MetricTable<ServerState> servers = new MetricTable<>(Metrics.SERVER);
  private final MetricTable<SentinelState> sentinels = new MetricTable<>(Metrics.SENTINELS);
  private final MetricTable<PlacementState> placements = new MetricTable<>(Metrics.PLACEMENT);
  private final MetricTable<ClusterState> clusters = new MetricTable<>(Metrics.CLUSTER);
  private final MetricTable<Build> process = new MetricTable<>(Metrics.PROCESS);
  private final MetricTable<ProcessState> processState = new MetricTable<>(Metrics.PROCESS_STATE);

  private final MetricTable<AdminCounts> admin = new MetricTable<>(Metrics.ADMIN);
  private final MetricTable<ConfigState> config = new MetricTable<>(Metrics.CONFIG);
  private final MetricTable<ConfigState> configDigest = new MetricTable<>(Metrics.CONFIG_DIGEST);

  private final Object scraperLock = new Object();
  private @Nullable Scraper scraper;

  /** A registry with the process in it, and no pool yet. Cheap: see {@link #prepare}. */
  public MetricsRegistry(Build build) {
    process.add(build.labels(), ALL_WORKERS, build);
  }

  /**
   * Publishes what the process has and uses.
   *
   * @throws IllegalStateException if that is published already
   */
  public void addProcess(ProcessState state) {
    processState.add(Labels.EMPTY, ALL_WORKERS, state);
  }

  /**
   * Publishes what has happened and what was asked for.
   *
   * @throws IllegalStateException if that is published already
   */
  public void addAdmin(AdminCounts counts) {
    admin.add(Labels.EMPTY, ALL_WORKERS, counts);
  }

  /**
   * Publishes what becomes of the configuration.
   *
   * @throws IllegalStateException if that is published already
   */
  public void addConfig(ConfigState state) {
    config.add(Labels.EMPTY, ALL_WORKERS, state);
  }

  /** Publishes what runs, by its digest, instead of what ran before. */
  public void configDigest(String digest) {
    configDigest.replaceAll(Labels.of("digest", digest), ALL_WORKERS, new ConfigState(0));
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
   * Publishes the keys of a pool that stand out, until {@link #removePool}.
   *
   * @param hot those that are asked for most; read by the thread that scrapes
   * @param big those of the largest requests and replies
   */
  public void addTopKeys(String pool, Supplier<List<TopKey>> hot, Supplier<List<TopKey>> big) {
    hotKeys.add(pool, hot);
    bigKeys.add(pool, big);
  }

  /** Publishes how the access log of a pool does, until {@link #removePool}. */
  public void addAccessLog(String pool, AccessLogState state) {
    accessLogs.add(Labels.of("pool", pool), ALL_WORKERS, state);
  }

  /**
   * Publishes how the certificates of a side of a pool do, until {@link #removeTls} or {@link
   * #removePool}.
   *
   * @param side {@code clients} or {@code nodes}
   */
  public void addTls(String pool, String side, TlsState state) {
    tls.add(Labels.of("pool", pool, "side", side), ALL_WORKERS, state);
  }

  /** Ends what {@link #addTls} has published of a pool. */
  public void removeTls(String pool) {
    tls.remove("pool", pool);
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

  /**
   * Publishes who is primary of a node, until {@link #removeNode} or {@link #removePool}.
   *
   * @throws IllegalStateException if that of the node is published already
   */
  public void addPrimary(String pool, String node, PrimaryState state) {
    primaries.add(nodeLabels(pool, node), ALL_WORKERS, state);
  }

  /**
   * Publishes what is known of a server, until {@link #removeServer} or {@link #removePool}.
   *
   * @param server its address
   * @throws IllegalStateException if that of the server is published already
   */
  public void addServer(String pool, String node, String server, ServerState state) {
    servers.add(nodeLabels(pool, node).add("server", server), ALL_WORKERS, state);
  }

  /** Ends the series of a server; one that is not there is no error. */
  public void removeServer(String pool, String node, String server) {
    servers.remove(nodeLabels(pool, node).add("server", server));
  }

  /** Publishes how many Sentinels a pool has, until {@link #removePool}. */
  public void addSentinels(String pool, SentinelState state) {
    sentinels.add(Labels.of("pool", pool), ALL_WORKERS, state);
  }

  /** Publishes what became of a pool's keys, until {@link #removePool}. */
  public void addPlacement(String pool, PlacementState state) {
    placements.add(Labels.of("pool", pool), ALL_WORKERS, state);
  }

  /** Publishes what a pool knows of its Cluster, until {@link #removePool}. */
  public void addCluster(String pool, ClusterState state) {
    clusters.add(Labels.of("pool", pool), ALL_WORKERS, state);
  }

  /** Ends the series of a node, on all workers; one that is not there is no error. */
  public void removeNode(String pool, String node) {
    nodes.remove(nodeLabels(pool, node));
    nodeStates.remove(nodeLabels(pool, node));
    primaries.remove(nodeLabels(pool, node));
  }

  /** Ends the series of a pool and of its nodes; one that is not there is no error. */
  public void removePool(String pool) {
    pools.remove("pool", pool);
    hotKeys.remove(pool);
    bigKeys.remove(pool);
    accessLogs.remove("pool", pool);
    tls.remove("pool", pool);
    nodes.remove("pool", pool);
    nodeStates.remove("pool", pool);
    primaries.remove("pool", pool);
    servers.remove("pool", pool);
    sentinels.remove("pool", pool);
    clusters.remove("pool", pool);
    placements.remove("pool", pool);
  }

  /**
   * Loads what a scrape needs, and counts the JVM's collections from here on. Costs some 150 ms of
   * class loading once, which a proxy that starts does elsewhere than on its way to its first
   * client; the first scrape does it if nobody has.
   */
  public void prepare() {
    synchronized (scraperLock) {
      scraper();
    }
  }

  /** Writes all metrics; one scrape at a time, others wait. */
  public void scrape(OutputStream out, Exposition exposition) throws IOException {
    synchronized (scraperLock) {
      scraper().scrape(out, exposition);
    }
  }

  /** All metrics as text. */
  public String scrape(Exposition exposition) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      scrape(out, exposition);
    } catch (IOException impossible) {
      throw new UncheckedIOException("a scrape into memory", impossible);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  /** Ends the listeners of collections. The recorders stay usable, but nobody reads them. */
  @Override
  public void close() {
    synchronized (scraperLock) {
      if (scraper != null) {
        scraper.close();
      }
    }
  }

  private Scraper scraper() {
    if (scraper == null) {
      scraper = new Scraper(new Rows());
    }
    return scraper;
  }

  /** What the pools' workers have counted for commands, by family. */
  private MetricTable<CommandRecorder> families() {
    MetricTable<CommandRecorder> families = new MetricTable<>(Metrics.FAMILY);
    for (Subject<PoolRecorder> pool : pools.subjects()) {
      List<CommandRecorders> workers = pool.recorders().stream().map(r -> r.commands).toList();
      CommandRecorders.byFamily(workers)
          .forEach(
              (family, recorders) -> {
                Labels labels = pool.labels().add("family", family);
                for (int i = 0; i < recorders.size(); i++) {
                  families.add(labels, i, recorders.get(i));
                }
              });
    }
    return families;
  }

  /** What the pools' workers have counted for the rules of their caches. */
  private MetricTable<RuleRecorder> rules() {
    MetricTable<RuleRecorder> rules = new MetricTable<>(Metrics.CACHE_RULE);
    for (Subject<PoolRecorder> pool : pools.subjects()) {
      List<RuleRecorders> workers = pool.recorders().stream().map(r -> r.rules).toList();
      RuleRecorders.byRule(workers)
          .forEach(
              (rule, recorders) -> {
                Labels labels = pool.labels().add("rule", rule);
                for (int i = 0; i < recorders.size(); i++) {
                  rules.add(labels, i, recorders.get(i));
                }
              });
    }
    return rules;
  }

  private static Labels nodeLabels(String pool, String node) {
    return Labels.of("pool", pool, "node", node);
  }

  /** Cashew's own rows, as Prometheus' registry asks for them. */
  private final class Rows implements MultiCollector {

    @Override
    public MetricSnapshots collect() {
      MetricSnapshots.Builder snapshots = MetricSnapshots.builder();
      process.read(snapshots);
      processState.read(snapshots);
      admin.read(snapshots);
      configDigest.read(snapshots);
      config.read(snapshots);
      pools.read(snapshots);
      families().read(snapshots);
      rules().read(snapshots);
      hotKeys.read(snapshots);
      bigKeys.read(snapshots);
      accessLogs.read(snapshots);
      tls.read(snapshots);
      sentinels.read(snapshots);
      clusters.read(snapshots);
      placements.read(snapshots);
      nodes.read(snapshots);
      nodeStates.read(snapshots);
      primaries.read(snapshots);
      servers.read(snapshots);
      return snapshots.build();
    }

    /** Lets the registry refuse a meter that has the name of a row but not its type or help. */
    @Override
    public List<MetricFamilyDescriptor> getMetricFamilyDescriptors() {
      return Metrics.all().map(Metric::descriptor).toList();
    }
  }
}
