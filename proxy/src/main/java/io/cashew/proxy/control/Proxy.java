package io.cashew.proxy.control;

import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.frontend.ProxyFacts;
import io.cashew.proxy.insight.SlowLog;
import io.cashew.proxy.loop.Descriptors;
import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.loop.WorkerGroup;
import io.cashew.proxy.metrics.MetricsRegistry;
import io.cashew.proxy.metrics.ProcessState;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running proxy: its workers, its control thread, its pools. Started, asked and stopped from any
 * thread.
 */
public final class Proxy implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Proxy.class);

  private static final long CERTIFICATE_LOOK_SECONDS = 2;

  private final Sockets sockets;
  private final MetricsRegistry metrics;
  private final ProxyFacts facts;
  private volatile Settings settings;
  private final WorkerGroup workers;
  private final ScheduledExecutorService control;
  private final ScheduledExecutorService resolver;
  private final List<Pool> pools = new CopyOnWriteArrayList<>();
  private Descriptors descriptors = Descriptors.unlimited();
  private CompletableFuture<?> formerChange = CompletableFuture.completedFuture(null);
  private volatile boolean ready;
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
    Proxy proxy = new Proxy(settings, sockets, metrics, version);
    try {
      proxy.open(version);
      return proxy;
    } catch (IOException | RuntimeException e) {
      proxy.stopThreads();
      throw e;
    }
  }

  private Proxy(Settings settings, Sockets sockets, MetricsRegistry metrics, String version) {
    this.settings = settings;
    this.sockets = sockets;
    this.metrics = metrics;
    workers =
        new WorkerGroup(
            settings.workers(),
            settings.clientsTogether(),
            sockets.ioHandlers(),
            PooledByteBufAllocator.DEFAULT,
            settings.memoryLimit());
    facts =
        new Facts(
            version,
            sockets.name(),
            System.nanoTime(),
            pools,
            workers::memoryBytes,
            settings.memoryLimit());
    control = Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("control"));
    resolver =
        Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("resolver", true));
  }

  private void open(String version) throws IOException {
    metrics.addProcess(
        new ProcessState(settings.workers(), workers::memoryBytes, settings.memoryLimit()));
    descriptors = FileDescriptors.forClients(settings);
    for (PoolSettings poolSettings : settings.pools()) {
      pools.add(newPool(poolSettings));
    }
    for (Pool pool : pools) {
      pool.listen(workers, sockets);
    }
    control.scheduleWithFixedDelay(
        () -> pools.forEach(Pool::lookAtCertificates),
        CERTIFICATE_LOOK_SECONDS,
        CERTIFICATE_LOOK_SECONDS,
        TimeUnit.SECONDS);
    ready = true;
    LOG.info(
        "cashew {} is ready: {} worker{} on {}",
        version,
        settings.workers(),
        settings.workers() == 1 ? "" : "s",
        sockets.name());
  }

  /** What there is to show of it now; once it has started. */
  public ProxyView view() {
    return new ProxyView(
        facts.version(),
        facts.transport(),
        settings.workers(),
        ready,
        facts.uptimeSeconds(),
        facts.memoryBytes(),
        facts.memoryLimitBytes(),
        pools.stream().map(Pool::view).toList());
  }

  private Pool newPool(PoolSettings of) throws IOException {
    return new Pool(of, workers, sockets, control, resolver, descriptors, metrics, facts);
  }

  /** What runs. */
  public Settings settings() {
    return settings;
  }

  /**
   * Goes over to another configuration: all of it that can be had without a restart, or, if any of
   * it cannot be, nothing. One call at a time, never on an event loop: it waits.
   *
   * @return what was done; what is no longer used is still being drained
   * @throws IOException if it cannot be done: nothing has changed; the message says why
   */
  public ReloadPlan reload(Settings wanted) throws IOException {
    awaitEndOfFormerChange();
    ReloadPlan plan = ReloadPlan.of(settings, wanted);
    Settings next = plan.takenOver();
    ProxyChange change = new ProxyChange(this::newPool, workers, sockets, control, pools);
    change.stage(plan, next);
    if (!ready) {
      change.takeBack();
      throw new IOException("the proxy is stopping");
    }
    descriptors.setAside(FileDescriptors.setAside(next) - FileDescriptors.setAside(settings));
    formerChange = change.carryOut(next.drainTimeoutMillis());
    settings = next;
    return plan;
  }

  /** What is still listened to at a server would be listened to twice. */
  private void awaitEndOfFormerChange() {
    try {
      formerChange.get(settings.drainTimeoutMillis() + 1000, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("the former change of the configuration has not come to its end: {}", e.toString());
    }
  }

  /** Whether every pool listens and none is being stopped. */
  public boolean ready() {
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

  private Pool pool(String name) {
    for (Pool pool : pools) {
      if (pool.settings().name().equals(name)) {
        return pool;
      }
    }
    throw new IllegalArgumentException("no pool '" + name + "'");
  }

  /**
   * Accepts no more clients, and closes each when it has the replies to what it had sent. Returns
   * when the last is gone, or when the drain time-out has passed.
   */
  public void drain() {
    ready = false;
    long deadline =
        System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(settings.drainTimeoutMillis());
    pools.forEach(Pool::drain);
    boolean drained = true;
    for (Pool pool : pools) {
      drained &= pool.awaitClientsGone(deadline);
    }
    if (!drained) {
      LOG.warn(
          "clients were still connected {} ms after the drain began; they are cut off",
          settings.drainTimeoutMillis());
    }
  }

  /** Drains, then closes everything; again is nothing. */
  @Override
  public void close() {
    if (stopped.getAndSet(true)) {
      return;
    }
    drain();
    pools.forEach(Pool::close);
    stopThreads();
    LOG.info("cashew has stopped");
  }

  private void stopThreads() {
    control.shutdownNow();
    resolver.shutdownNow();
    workers.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2000);
    pools.forEach(Pool::closeTls);
  }

  /** The workers, for tests that look at what they own. */
  List<Worker> workers() {
    return workers.workers();
  }
}
