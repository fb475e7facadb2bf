package io.cashew.proxy;

import io.cashew.proxy.admin.AdminGuard;
import io.cashew.proxy.admin.AdminRoutes;
import io.cashew.proxy.admin.AdminServer;
import io.cashew.proxy.admin.ApiRoutes;
import io.cashew.proxy.admin.ConfigRoutes;
import io.cashew.proxy.admin.ConsoleRoutes;
import io.cashew.proxy.admin.Readiness;
import io.cashew.proxy.admin.Route;
import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.Exposure;
import io.cashew.proxy.config.MemoryBudget;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.Secret;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.control.Proxy;
import io.cashew.proxy.control.Reloader;
import io.cashew.proxy.control.Reloads;
import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.metrics.Build;
import io.cashew.proxy.metrics.MetricsRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the proxy and its admin server until SIGTERM or SIGINT, then drains and stops them. */
final class Serving implements ProxyRunner {
  private static final Logger LOG = LoggerFactory.getLogger(Serving.class);

  /** Beyond the drain: what is slow to close must not keep the process from ending. */
  private static final long EXTRA_STOP_MILLIS = 3000;

  private final CountDownLatch stop = new CountDownLatch(1);
  private volatile boolean stoppedBySignal;
  private volatile long drainTimeoutMillis;
  private volatile boolean hungUpEarly;
  private volatile @Nullable Reloads reloads;

  /** {@link #run} has ended: nothing is left to be waited for. */
  private volatile boolean over;

  @Override
  public int run(Settings settings, @Nullable Path file) throws Exception {
    return run(settings, file, () -> {});
  }

  @Override
  public int run(Settings settings, @Nullable Path file, Runnable serving) throws Exception {
    LogForm.use(settings.logFormat());
    MemoryBudget.allow(settings.memoryLimit()); // before anything of Netty
    Sockets sockets = Transport.of(settings.transport());
    Thread caller = Thread.currentThread();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> awaitStop(caller), "stop"));
    if (file != null) {
      HangUp.handle(this::hungUp); // before anybody can know that there is a process
    }
    drainTimeoutMillis = settings.drainTimeoutMillis();
    MemoryBudget.ofProcess().warning(settings.memoryLimit()).ifPresent(LOG::warn);
    warn(settings);
    String version = CashewCommand.Version.ofProgram();
    Build build = new Build(version, Runtime.version().toString(), sockets.name());
    try (MetricsRegistry metrics = new MetricsRegistry(build);
        Proxy proxy = Proxy.start(settings, sockets, metrics, version)) {
      AtomicReference<AdminGuard> guard = new AtomicReference<>(guard(settings));
      AdminServer admin = null;
      try {
        // Closed before the drain: it might listen again.
        try (Reloader reloader =
            new Reloader(proxy, file, metrics, running -> takeOver(running, guard))) {
          admin = admin(settings, metrics, proxy, reloader, guard::get);
          reloads = reloader;
          serving.run();
          if (hungUpEarly) {
            hungUp();
          }
          stop.await();
        }
        proxy.drain(); // before the admin server is closed: it shows how the drain goes
      } finally {
        if (admin != null) {
          admin.close();
        }
      }
    } finally {
      over = true;
    }
    return 0;
  }

  /** SIGHUP has come; while nothing runs that could reload, it is kept. */
  private void hungUp() {
    hungUpEarly = true; // first: who publishes what reloads looks at it after that
    Reloads running = reloads;
    if (running != null) {
      running.reload("SIGHUP");
    }
  }

  /** What of a configuration concerns neither pools nor workers. */
  private void takeOver(Settings running, AtomicReference<AdminGuard> guard) {
    drainTimeoutMillis = running.drainTimeoutMillis();
    guard.set(guard(running));
    warn(running);
  }

  /** Ends {@link #run}, as a signal would; from any thread. */
  void stop() {
    stop.countDown();
  }

  /** Starts the admin server; null if the configuration has none. */
  private static @Nullable AdminServer admin(
      Settings settings,
      MetricsRegistry metrics,
      Proxy proxy,
      Reloads reloads,
      Supplier<AdminGuard> guard)
      throws IOException {
    Optional<Address> listen = settings.admin().listen();
    if (listen.isEmpty()) {
      return null;
    }
    if (!(listen.get() instanceof Address.Tcp tcp)) {
      throw new IOException(
          "admin.listen cannot be a unix socket: write host:port, or off, not "
              + listen.get().text());
    }
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getByName(tcp.host()), tcp.port());
    AdminServer server = AdminServer.start(address, routes(metrics, proxy, reloads), guard);
    LOG.info("admin address http://{}/", tcp.text());
    // Loading what the first scrape needs takes a tenth of a second, which nobody should wait for.
    Thread preparing = new Thread(metrics::prepare, "prepare-metrics");
    preparing.setDaemon(true);
    preparing.start();
    return server;
  }

  private static List<Route> routes(MetricsRegistry metrics, Proxy proxy, Reloads reloads) {
    List<Route> routes = new ArrayList<>(AdminRoutes.standard(metrics, new ProxyReadiness(proxy)));
    routes.addAll(ApiRoutes.of(proxy::view));
    routes.addAll(ConfigRoutes.of(reloads, proxy::certificates));
    routes.addAll(ConsoleRoutes.of());
    return routes;
  }

  private static AdminGuard guard(Settings settings) {
    Optional<Secret> token = settings.admin().token();
    return token.isPresent() ? AdminGuard.withToken(token.get().value()) : AdminGuard.open();
  }

  /** What runs, as its file asks for it, and should not be so for ever. */
  private static void warn(Settings settings) {
    for (PoolSettings pool : settings.pools()) {
      if (Exposure.isOpenDoor(pool)) {
        LOG.warn(
            "pool '{}' listens on {}, which other machines can reach, without a password",
            pool.name(),
            pool.listen().text());
      }
    }
  }

  private record ProxyReadiness(Proxy proxy) implements Readiness {
    @Override
    public boolean ready() {
      return proxy.ready();
    }

    @Override
    public String reason() {
      return proxy.ready() ? "ready" : "the proxy is stopping";
    }
  }

  /** The JVM is ending: tells {@link #run} and gives it the time to drain. */
  private void awaitStop(Thread caller) {
    if (over) {
      return; // the caller ends the process, and waits for this thread
    }
    stoppedBySignal = true;
    stop.countDown();
    try {
      caller.join(drainTimeoutMillis + EXTRA_STOP_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Ends the process. A JVM that a signal has asked to end would report the signal as its status;
   * one that has drained as it should reports success.
   */
  void exit(int status) {
    if (stoppedBySignal) {
      Runtime.getRuntime().halt(status);
    }
    System.exit(status);
  }
}
