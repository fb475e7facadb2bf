package io.cashew.proxy.control;

import io.cashew.proxy.cache.NearCache;
import io.cashew.proxy.client.ProxyFacts;
import io.cashew.proxy.client.pool.Listener;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.event.Events;
import io.cashew.proxy.insight.SlowLog;
import io.cashew.proxy.loop.Descriptors;
import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.loop.WorkerBuffers;
import io.cashew.proxy.loop.WorkerGroup;
import io.cashew.proxy.metrics.MetricsRegistry;
import io.cashew.proxy.metrics.ProcessState;
import io.cashew.proxy.topology.ControlThread;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running proxy: its workers, its control thread, its pools. Started, asked and stopped from any
 * thread.
 */
public final class Proxy implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Proxy.class);

  private static final long CERTIFICATE_LOOK_SECONDS = 2;

  /** A change that is under way when the proxy stops is not waited for any longer. */
  private static final long STOP_CHANGING_SECONDS = 4;

  /** How long the first client waits until nodes have said what they are: most do in a moment. */
  private static final long FIRST_ANSWERS_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private static final long SERVERS_LOOK_SECONDS = 1;

  private final Sockets sockets;
  private final MetricsRegistry metrics;
  private final ProxyFacts facts;
  private final WorkerGroup workers;
  private final ScheduledExecutorService control;
  private final Names names;
  private final Sources sources;
  private final SentinelGroups sentinels;
  private final Retirements retirements;
  private final ProxyReloads reloads;
  private final List<Pool> pools = new CopyOnWriteArrayList<>();

  /** Of pools that listen, until they are served; used by the thread that starts. */
  private final Map<Pool, Listener> listeners = new LinkedHashMap<>();

  private Descriptors descriptors = Descriptors.unlimited();
  private volatile boolean ready;
  private volatile boolean drained;

  /** When somebody last asked whether it is ready; at first, a time long ago. */
  private volatile long lastAskedNanos = System.nanoTime() - TimeUnit.DAYS.toNanos(365);

  private final AtomicBoolean stopped = new AtomicBoolean();

  /**
   * Starts a proxy.
   *
   * @param settings what to run
   * @param sockets how to talk to the kernel
   * @param metrics where the pools' numbers are published
   * @param version of the program
   * @return it, listening
   * @throws IOException if an address cannot be listened on; nothing is left running
   */
  public static Proxy start(
      Settings settings, Sockets sockets, MetricsRegistry metrics, String version)
      throws IOException {
    return start(
        settings, sockets, metrics, version, NameLookup.OF_THIS_MACHINE, Sources.CONFIGURED);
  }

  /**
   * Starts a proxy that finds its nodes otherwise than this machine and its configuration say.
   *
   * @param lookup finds the addresses of names of nodes
   * @param sources say who the shards of a pool are
   */
  public static Proxy start(
      Settings settings,
      Sockets sockets,
      MetricsRegistry metrics,
      String version,
      NameLookup lookup,
      Sources sources)
      throws IOException {
    Proxy proxy = open(settings, sockets, metrics, version, lookup, sources, Inherited.NOTHING);
    proxy.serve();
    return proxy;
  }

  /**
   * Does everything that may fail: clients that connect before {@link #serve} wait in the kernel.
   *
   * @param lookup finds the addresses of names of nodes
   * @param sources say who the shards of a pool are
   * @param inherited listening sockets to use instead of new ones
   * @return it, listening, but accepting nobody
   * @throws IOException if an address cannot be listened on; nothing is left running
   */
  public static Proxy open(
      Settings settings,
      Sockets sockets,
      MetricsRegistry metrics,
      String version,
      NameLookup lookup,
      Sources sources,
      Inherited inherited)
      throws IOException {
    ProxyReloads.refuseCircles(settings);
    Proxy proxy = new Proxy(settings, sockets, metrics, version, lookup, sources);
    try {
      proxy.open(inherited);
      return proxy;
    } catch (IOException | RuntimeException e) {
      proxy.stopThreads();
      throw e;
    }
  }

  private Proxy(
      Settings settings,
      Sockets sockets,
      MetricsRegistry metrics,
      String version,
      NameLookup lookup,
      Sources sources) {
    this.sockets = sockets;
    this.metrics = metrics;
    this.sources = sources;
    workers =
        new WorkerGroup(
            settings.workers().count(),
            settings.workers().clientsTogether(),
            sockets.ioHandlers(),
            WorkerBuffers.allocator(),
            settings.memoryLimit());
    facts =
        new Facts(
            version,
            sockets.name(),
            System.nanoTime(),
            pools,
            workers::memoryBytes,
            settings.memoryLimit());
    control = new ControlThread(new DefaultThreadFactory("control"));
    retirements = new Retirements(control, Ticker.systemTicker());
    reloads =
        new ProxyReloads(
            settings,
            version,
            pools,
            this::newPool,
            workers,
            sockets,
            control,
            retirements,
            this::ready);
    names = Names.of(lookup, reloads::nameMoved);
    sentinels = new SentinelGroups(workers, sockets, names, control);
  }

  private void open(Inherited inherited) throws IOException {
    Settings settings = settings();
    metrics.addProcess(
        new ProcessState(
            settings.workers().count(),
            workers::memoryBytes,
            settings.memoryLimit(),
            reloads.tracing().counts()));
    descriptors = FileDescriptors.forClients(settings);
    for (PoolSettings poolSettings : settings.pools()) {
      pools.add(newPool(poolSettings));
    }
    long deadlineNanos = System.nanoTime() + FIRST_ANSWERS_NANOS;
    pools.forEach(pool -> pool.servers().awaitFirst(deadlineNanos));
    Fronts.connect(pools);
    for (Pool pool : pools) {
      if (pool.settings().listens()) {
        listeners.put(pool, Listening.open(pool.settings(), workers, sockets, inherited));
      }
    }
    control.scheduleWithFixedDelay(
        () -> pools.forEach(pool -> pool.servers().look()),
        SERVERS_LOOK_SECONDS,
        SERVERS_LOOK_SECONDS,
        TimeUnit.SECONDS);
    control.scheduleWithFixedDelay(
        new NameWatch(pools), NameWatch.LOOK_MILLIS, NameWatch.LOOK_MILLIS, TimeUnit.MILLISECONDS);
    control.scheduleWithFixedDelay(
        () -> {
          pools.forEach(Pool::lookAtCertificates);
          sentinels.look();
        },
        CERTIFICATE_LOOK_SECONDS,
        CERTIFICATE_LOOK_SECONDS,
        TimeUnit.SECONDS);
  }

  /** Accepts clients from now on. */
  public void serve() {
    // A reload that the first client asks for waits until there is something to change.
    reloads.first(
        () -> {
          listeners.forEach(Pool::listen);
          listeners.clear();
          ready = true;
        });
    LOG.info(
        Events.STARTED,
        "cashew {} is ready: {} worker{} on {}",
        facts.version(),
        settings().workers().count(),
        settings().workers().count() == 1 ? "" : "s",
        sockets.name());
  }

  /** What there is to show of it now; once it has started. */
  public ProxyView view() {
    return new ProxyView(
        facts.version(),
        facts.transport(),
        settings().workers().count(),
        ready,
        facts.uptimeSeconds(),
        facts.memoryBytes(),
        facts.memoryLimitBytes(),
        pools.stream().map(Pool::view).toList());
  }

  /** How the certificates of its pools do; empty if none speaks TLS. */
  public List<CertificateState> certificates() {
    return pools.stream()
        .flatMap(pool -> pool.certificates().states(pool.settings().name()).stream())
        .toList();
  }

  private Pool newPool(PoolSettings of) throws IOException {
    return new Pool(
        of,
        new ProxyParts(
            workers,
            sockets,
            control,
            names,
            sources,
            sentinels,
            descriptors,
            metrics,
            facts,
            retirements,
            reloads::drainMillis,
            reloads.tracing()));
  }

  /** What runs. */
  public Settings settings() {
    return reloads.settings();
  }

  /**
   * Goes over to another configuration: all of it that can be had without a restart, or, if any of
   * it cannot be, nothing. Names of nodes are looked up again. Never on an event loop: it waits.
   *
   * @return what was done; what is no longer used is still being drained
   * @throws IOException if it cannot be done: nothing has changed; the message says why
   */
  public ReloadPlan reload(Settings wanted) throws IOException {
    ProxyReloads.refuseCircles(wanted);
    names.tellAgain();
    return reloads.reload(wanted, descriptors);
  }

  /**
   * Looks up the names of all nodes again, and waits a while for the answers. What has moved is
   * followed by itself. Never on an event loop.
   */
  public void lookUpNames() {
    reloads.lookUpNames();
  }

  /** Whether every pool listens and none is being stopped. */
  public boolean ready() {
    return ready;
  }

  /** The same, for somebody who decides by it where clients connect; from any thread. */
  public boolean readyForClients() {
    lastAskedNanos = System.nanoTime();
    return ready;
  }

  /** Where the pool of this name listens. */
  public SocketAddress address(String pool) {
    return pool(pool).address();
  }

  /** TCP port of the listener of the pool of this name. */
  public int port(String pool) {
    return ((InetSocketAddress) address(pool)).getPort();
  }

  /** The slow requests of the pool of this name. */
  public SlowLog slowLog(String pool) {
    return pool(pool).slowLog();
  }

  /**
   * What a pool keeps of values, or those to which its routes lead; from any thread.
   *
   * @return empty if there is no such pool, or it keeps nothing
   */
  public List<NearCache> caches(String pool) {
    return pools.stream()
        .filter(each -> each.settings().name().equals(pool))
        .flatMap(
            each ->
                each.settings().hasRoutes()
                    ? each.settings().poolRoutes().pools().stream().flatMap(this::ofName)
                    : Stream.of(each))
        .map(Pool::cache)
        .filter(Objects::nonNull)
        .<NearCache>map(Objects::requireNonNull)
        .toList();
  }

  private Stream<Pool> ofName(String name) {
    return pools.stream().filter(each -> each.settings().name().equals(name));
  }

  /** What an operator may do with its pools; from any thread. */
  public Operations operations() {
    return new Operations(pools);
  }

  private Pool pool(String name) {
    for (Pool pool : pools) {
      if (pool.settings().name().equals(name)) {
        return pool;
      }
    }
    throw new IllegalArgumentException("no pool '" + name + "'");
  }

  /** Where it listens, and with which socket; for another process to go on with. */
  public Map<String, FileDescriptor> listeningSockets() {
    Map<String, FileDescriptor> sockets = new LinkedHashMap<>();
    for (Pool pool : pools) {
      Listener listener = pool.listener();
      if (listener != null) {
        listener
            .descriptor()
            .ifPresent(socket -> sockets.put(pool.settings().listen().text(), socket));
      }
    }
    return sockets;
  }

  /** Another process accepts clients at these addresses now, with the same sockets. */
  public void leaveListenersToOther(Set<String> addresses) {
    for (Pool pool : pools) {
      if (addresses.contains(pool.settings().listen().text())) {
        pool.leaveListenerToOther();
      }
    }
  }

  /** Has every client leave, as soon as it is owed nothing; see {@link #drain(Drain)}. */
  public void drain() {
    drain(Drain.AT_ONCE);
  }

  /**
   * Is not ready any more, accepts no more clients, and closes each between two of its requests.
   * Returns when the last is gone, or when the drain time-out has passed.
   */
  public void drain(Drain how) {
    ready = false;
    drained = true;
    if (how == Drain.GENTLE) {
      serveUntilItIsKnown();
    }
    long millis = settings().drain().timeoutMillis();
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    pools.forEach(pool -> pool.drain(how == Drain.AT_ONCE ? 0 : millis));
    boolean gone = true;
    for (Pool pool : pools) {
      gone &= awaitClientsGone(pool, deadline);
    }
    if (!gone) {
      LOG.warn(
          Events.DRAINING,
          "clients were still connected {} ms after the drain began; they are cut off",
          millis);
    }
  }

  private static boolean awaitClientsGone(Pool pool, long deadlineNanos) {
    while (pool.clients() > 0) {
      if (System.nanoTime() - deadlineNanos > 0) {
        return false;
      }
      try {
        TimeUnit.MILLISECONDS.sleep(5);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }

  /**
   * Serves while those who balance load learn that it is not ready. Not if there is nobody: whoever
   * has not asked for as long as the delay asks too seldom to learn of it in time.
   */
  private void serveUntilItIsKnown() {
    long delayNanos = TimeUnit.MILLISECONDS.toNanos(settings().drain().delayMillis());
    boolean nobody =
        pools.stream().allMatch(pool -> pool.clients() == 0 && pool.lonelyNanos() >= delayNanos)
            && System.nanoTime() - lastAskedNanos >= delayNanos;
    if (delayNanos == 0 || nobody) {
      return;
    }
    LOG.info(
        Events.DRAINING,
        "draining: /readyz says 503, and clients are served for {} ms more",
        settings().drain().delayMillis());
    try {
      TimeUnit.NANOSECONDS.sleep(delayNanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Drains, unless that has been done, then closes everything; again is nothing. */
  @Override
  public void close() {
    if (stopped.getAndSet(true)) {
      return;
    }
    if (!drained) {
      drain();
    }
    endChanges();
    pools.forEach(Pool::close);
    retirements.endAll(); // once more: workers have answered those that ended before
    stopThreads();
    LOG.info("cashew has stopped");
  }

  /**
   * Ends what a change has retired, and waits for a change that is under way: it would make what
   * nobody closes. One that waits for the end of the former one is refused then.
   */
  private void endChanges() {
    reloads.stop();
    pools.forEach(pool -> pool.changes().stop());
    retirements.endAll();
    if (!reloads.awaitEnd(STOP_CHANGING_SECONDS)) {
      LOG.warn("a configuration is still being taken over while the proxy stops");
    }
  }

  private void stopThreads() {
    control.shutdownNow();
    names.threads().shutdownNow();
    workers.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2000);
    pools.forEach(Pool::closeTls);
    reloads.tracing().close();
  }

  /** The workers, for tests that look at what they own. */
  List<Worker> workers() {
    return workers.workers();
  }
}
