package io.cashew.proxy.process;

import io.cashew.proxy.admin.Actions;
import io.cashew.proxy.admin.AdminGuard;
import io.cashew.proxy.admin.AdminRoutes;
import io.cashew.proxy.admin.AdminServer;
import io.cashew.proxy.admin.ApiRoutes;
import io.cashew.proxy.admin.CacheRoutes;
import io.cashew.proxy.admin.ClientRoutes;
import io.cashew.proxy.admin.ConfigRoutes;
import io.cashew.proxy.admin.ConsoleRoutes;
import io.cashew.proxy.admin.DrainRoutes;
import io.cashew.proxy.admin.EventRoutes;
import io.cashew.proxy.admin.History;
import io.cashew.proxy.admin.HistoryRoutes;
import io.cashew.proxy.admin.InvalidateRoutes;
import io.cashew.proxy.admin.LogRoutes;
import io.cashew.proxy.admin.NodeRoutes;
import io.cashew.proxy.admin.Readiness;
import io.cashew.proxy.admin.Route;
import io.cashew.proxy.admin.RuleRoutes;
import io.cashew.proxy.admin.Webhook;
import io.cashew.proxy.admin.WhereRoutes;
import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.Exposure;
import io.cashew.proxy.config.MemoryBudget;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.Secret;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.config.WebhookSettings;
import io.cashew.proxy.control.Drain;
import io.cashew.proxy.control.Inherited;
import io.cashew.proxy.control.NameLookup;
import io.cashew.proxy.control.Operations;
import io.cashew.proxy.control.Proxy;
import io.cashew.proxy.control.Reloader;
import io.cashew.proxy.control.Reloads;
import io.cashew.proxy.control.Sources;
import io.cashew.proxy.event.EventLog;
import io.cashew.proxy.event.Events;
import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.metrics.ActionKind;
import io.cashew.proxy.metrics.AdminCounts;
import io.cashew.proxy.metrics.Build;
import io.cashew.proxy.metrics.MetricsRegistry;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the proxy and its admin server until SIGTERM or SIGINT, then drains and stops them. */
public final class Serving implements ProxyRunner {
  private static final Logger LOG = LoggerFactory.getLogger(Serving.class);

  /** Beyond the drain: what is slow to close must not keep the process from ending. */
  private static final long EXTRA_STOP_MILLIS = 3000;

  /** What a shell says of a process that a signal ended: this and the number of the signal. */
  private static final int ENDED_BY_SIGNAL = 128;

  private static final int SIGINT = 2;
  private static final int SIGTERM = 15;

  private final CompletableFuture<Drain> stop = new CompletableFuture<>();
  private final AdminCounts counts = new AdminCounts();
  private final EventLog events = counts.events();
  private final Webhook webhook = new Webhook(hostName(), counts.webhook());
  private final History history = new History();
  private final AtomicBoolean signalled = new AtomicBoolean();
  private volatile boolean stoppedByJvm;
  private volatile long stopMillis;

  /** Addresses at which another process accepts clients now. */
  private volatile Set<String> taken = Set.of();

  private volatile boolean hungUpEarly;
  private volatile @Nullable Reloads reloads;

  /** {@link #run} has ended, or is not to be waited for. */
  private volatile boolean over;

  @Override
  public int run(Settings settings, @Nullable Path file) throws Exception {
    return run(settings, file, () -> {});
  }

  @Override
  public int run(Settings settings, @Nullable Path file, Runnable serving) throws Exception {
    return run(settings, file, serving, false);
  }

  @Override
  public int takeOver(Settings settings, Path file) throws Exception {
    return run(settings, file, () -> {}, true);
  }

  private int run(Settings settings, @Nullable Path file, Runnable serving, boolean takeOver)
      throws Exception {
    EventAppender appender = EventAppender.attach(events);
    events.tell(webhook::happened);
    try {
      return serve(settings, file, serving, takeOver);
    } finally {
      appender.detach();
      webhook.close();
      history.close();
    }
  }

  private int serve(Settings settings, @Nullable Path file, Runnable serving, boolean takeOver)
      throws Exception {
    LogForm.use(settings.logFormat());
    MemoryBudget.allow(settings.memoryLimit()); // before anything of Netty
    Sockets sockets = Transport.of(settings.workers().transport());
    Optional<Path> socket = TakeOverSockets.path(settings, sockets, takeOver);
    Thread caller = Thread.currentThread();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> awaitStop(caller), "stop"));
    if (file != null) {
      // Before anybody can know that there is a process.
      Signals.handle("HUP", "ends the process here, it does not reload", this::hungUp);
    }
    remember(settings);
    MemoryBudget.ofProcess().warning(settings.memoryLimit()).ifPresent(LOG::warn);
    warn(settings);
    String version = ProgramVersion.text();
    Build build = new Build(version, Runtime.version().toString(), sockets.name());
    try (TakeOver former = takeOver ? TakeOverSockets.former(socket, settings) : null;
        MetricsRegistry metrics = new MetricsRegistry(build);
        Proxy proxy =
            Proxy.open(
                settings,
                sockets,
                metrics,
                version,
                NameLookup.OF_THIS_MACHINE,
                Sources.CONFIGURED,
                former == null ? Inherited.NOTHING : former)) {
      AtomicReference<AdminGuard> guard = new AtomicReference<>(guard(settings));
      AdminServer admin = null;
      try {
        Drain how;
        // Closed before the drain: it might listen again.
        try (Reloader reloader =
            new Reloader(proxy, file, metrics, running -> takeOver(running, guard))) {
          admin = admin(settings, metrics, proxy, reloader, guard::get, sockets, former);
          reloads = reloader;
          if (hungUpEarly) {
            hungUp();
          }
          TakeOverSockets.serve(proxy, former);
          serving.run();
          Signals.handle("TERM", "ends the process", () -> stop(Drain.GENTLE, SIGTERM));
          Signals.handle("INT", "ends the process", () -> stop(Drain.AT_ONCE, SIGINT));
          if (former != null) {
            former.taken();
          }
          how = serve(settings, proxy, admin, socket);
        }
        proxy.drain(how); // before the admin server is closed: it shows how the drain goes
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

  /** Waits until the proxy is to stop, or another process has taken its listeners over. */
  private Drain serve(
      Settings settings, Proxy proxy, @Nullable AdminServer admin, Optional<Path> socket)
      throws Exception {
    Runnable endOfHandOver =
        TakeOverSockets.handOver(
            socket,
            () -> listeningSockets(settings, proxy, admin),
            () -> KeptOut.of(proxy.view()),
            addresses -> {
              taken = addresses;
              stop.complete(Drain.TAKEN_OVER);
            });
    try {
      Drain how = stop.get();
      if (how == Drain.TAKEN_OVER) {
        LOG.info(
            Events.DRAINING,
            "another process has taken the listeners over: this one drains and ends");
        proxy.leaveListenersToOther(taken);
        if (admin != null) {
          admin.stopListening();
        }
      }
      return how;
    } finally {
      endOfHandOver.run();
    }
  }

  private static Map<String, FileDescriptor> listeningSockets(
      Settings settings, Proxy proxy, @Nullable AdminServer admin) {
    Map<String, FileDescriptor> listening = new LinkedHashMap<>(proxy.listeningSockets());
    if (admin != null) {
      settings
          .admin()
          .listen()
          .ifPresent(
              address ->
                  admin
                      .descriptor()
                      .ifPresent(descriptor -> listening.put(address.text(), descriptor)));
    }
    return listening;
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
    remember(running);
    guard.set(guard(running));
    warn(running);
  }

  private void remember(Settings running) {
    Logging.show(running.logLevel());
    WebhookSettings tells = running.webhook();
    webhook.follow(
        tells
            .url()
            .map(url -> new Webhook.Target(url, tells.secret().map(Secret::value), tells.kinds()))
            .orElse(null));
    stopMillis = running.drain().delayMillis() + running.drain().timeoutMillis();
  }

  /** Ends {@link #run}; from any thread. */
  void stop() {
    stop.complete(Drain.AT_ONCE);
  }

  /** A signal asks for the end. The second time nothing is waited for, however it began. */
  private void stop(Drain how, int signal) {
    if (signalled.getAndSet(true)) {
      LOG.warn("a second signal: the process ends now, and with it what is in flight");
      over = true;
      System.exit(ENDED_BY_SIGNAL + signal);
    }
    stop.complete(how);
  }

  /** Begins to stop, as SIGTERM would; says what happens. */
  private String drain() {
    boolean begins = stop.complete(Drain.GENTLE);
    return (begins ? "draining" : "draining already")
        + ": the process ends within "
        + stopMillis
        + " ms";
  }

  /** Starts the admin server; null if the configuration has none. */
  private @Nullable AdminServer admin(
      Settings settings,
      MetricsRegistry metrics,
      Proxy proxy,
      Reloads reloads,
      Supplier<AdminGuard> guard,
      Sockets sockets,
      @Nullable TakeOver former)
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
    AdminServer server =
        AdminServer.start(
            address,
            routes(metrics, proxy, reloads),
            guard,
            TakeOverSockets.admin(sockets, address, tcp, former));
    LOG.info("admin address http://{}/", tcp.text());
    // Loading what the first scrape needs takes a tenth of a second, which nobody should wait for.
    Thread preparing = new Thread(metrics::prepare, "prepare-metrics");
    preparing.setDaemon(true);
    preparing.start();
    return server;
  }

  private List<Route> routes(MetricsRegistry metrics, Proxy proxy, Reloads reloads) {
    List<Route> routes = new ArrayList<>(AdminRoutes.standard(metrics, new ProxyReadiness(proxy)));
    routes.addAll(ApiRoutes.of(proxy::view));
    routes.addAll(RuleRoutes.of(proxy::view));
    routes.addAll(CacheRoutes.of(proxy::view));
    routes.addAll(WhereRoutes.of(proxy::view));
    metrics.addAdmin(counts);
    Actions actions = new Actions(counts.actions());
    routes.addAll(actions.noted(ActionKind.INVALIDATE, InvalidateRoutes.of(proxy::caches)));
    routes.addAll(actions.noted(ActionKind.RELOAD, ConfigRoutes.of(reloads, proxy::certificates)));
    routes.addAll(actions.noted(ActionKind.DRAIN, DrainRoutes.of(this::drain)));
    Operations operations = proxy.operations();
    routes.addAll(NodeRoutes.of(operations, actions));
    routes.addAll(ClientRoutes.of(operations, actions));
    routes.addAll(LogRoutes.of(operations, Logging::showAtRunTime, actions));
    routes.addAll(EventRoutes.of(events));
    history.start(proxy::view);
    routes.addAll(HistoryRoutes.of(history));
    routes.addAll(ConsoleRoutes.of());
    return routes;
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (IOException unknown) {
      return "localhost";
    }
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
      return proxy.readyForClients();
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
    stoppedByJvm = true; // where signals cannot be heard, or as a library asks for
    stop.complete(Drain.GENTLE);
    try {
      caller.join(stopMillis + EXTRA_STOP_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Ends the process. A JVM that a signal has asked to end would report the signal as its status;
   * one that has drained as it should reports success.
   */
  public void exit(int status) {
    if (stoppedByJvm) {
      Runtime.getRuntime().halt(status);
    }
    System.exit(status);
  }
}
