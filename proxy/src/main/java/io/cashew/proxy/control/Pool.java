package io.cashew.proxy.control;

import io.cashew.hashing.KeyMapper;
import io.cashew.hashing.distribution.Distribution;
import io.cashew.proxy.acl.AclLog;
import io.cashew.proxy.acl.Users;
import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.BackendSettings;
import io.cashew.proxy.backend.HandshakeStep;
import io.cashew.proxy.backend.HandshakeStep.Refusal;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.AdminCommands;
import io.cashew.proxy.config.InsightSettings;
import io.cashew.proxy.config.ListenerTls;
import io.cashew.proxy.config.NodeAuth;
import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.NodeTls;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.frontend.ClientDirectory;
import io.cashew.proxy.frontend.ClientPool;
import io.cashew.proxy.frontend.ClientSettings;
import io.cashew.proxy.frontend.FailedLogins;
import io.cashew.proxy.frontend.Listener;
import io.cashew.proxy.frontend.ListenerSettings;
import io.cashew.proxy.frontend.ProxyFacts;
import io.cashew.proxy.frontend.SubscriptionCounts;
import io.cashew.proxy.insight.AccessLog;
import io.cashew.proxy.insight.BigKey;
import io.cashew.proxy.insight.HotKey;
import io.cashew.proxy.insight.PoolInsight;
import io.cashew.proxy.insight.Printable;
import io.cashew.proxy.insight.SlowLog;
import io.cashew.proxy.insight.TopKeys;
import io.cashew.proxy.loop.Descriptors;
import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.loop.WorkerGroup;
import io.cashew.proxy.metrics.AccessLogState;
import io.cashew.proxy.metrics.MetricsRegistry;
import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.metrics.NodeState;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.metrics.TopKey;
import io.cashew.proxy.resp.RespLimits;
import io.cashew.proxy.route.Router;
import io.cashew.proxy.route.RoutingTable;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A pool that runs: its nodes, its part of each worker, its listener. */
final class Pool {
  private static final Logger LOG = LoggerFactory.getLogger(Pool.class);

  /** What a node's {@code CLIENT LIST} shows of connections that have a handshake anyway. */
  private static final String CLIENT_NAME = "cashew";

  /** The pool on one worker. */
  private record Part(Worker worker, PoolRecorder recorder, Router router, ClientPool clients) {}

  private final PoolSettings settings;
  private final CommandTable commands;

  /** More would be more series than anybody looks at. */
  private static final int TOP_KEYS = 10;

  /** How hashes are spread while no node is ejected; it is not cheap to find. */
  private record Shape(
      List<Double> shares, List<Integer> points, KeyMapper keys, List<Integer> around) {
    /** Places of the continuum that a picture shows. */
    private static final int AROUND = 1440;

    static Shape of(PoolSettings settings) {
      Distribution spread = settings.spread();
      int count = settings.nodes().size();
      return new Shape(
          Arrays.stream(spread.shares(count)).boxed().toList(),
          Arrays.stream(spread.points(count)).boxed().toList(),
          settings.keyMapper(),
          Arrays.stream(spread.around(AROUND)).boxed().toList());
    }
  }

  private volatile @Nullable Shape shape;
  private final List<NodeState> states = new ArrayList<>();
  private final @Nullable AccessLog accessLog;
  private final PoolInsight insight;
  private final List<Part> parts = new ArrayList<>();
  private final ClientDirectory directory = new ClientDirectory();
  private final Membership membership;
  private final @Nullable WatchedTls clientTls;
  private final @Nullable WatchedTls nodeTls;
  private final Descriptors descriptors;
  private final Users users;
  private final AclLog aclLog = new AclLog();
  private final FailedLogins failedLogins;
  private @Nullable Listener listener;

  Pool(
      PoolSettings settings,
      WorkerGroup workers,
      Sockets sockets,
      ScheduledExecutorService control,
      ScheduledExecutorService resolver,
      Descriptors descriptors,
      MetricsRegistry metrics,
      ProxyFacts facts)
      throws IOException {
    this.settings = settings;
    this.descriptors = descriptors;
    Optional<ListenerTls> towardsClients = settings.tls().clients();
    clientTls =
        towardsClients.isPresent()
            ? WatchedTls.forClients(settings.name(), towardsClients.get())
            : null;
    Optional<NodeTls> towardsNodes = settings.tls().nodes();
    nodeTls =
        towardsNodes.isPresent() ? WatchedTls.forNodes(settings.name(), towardsNodes.get()) : null;
    commands = settings.commandTable();
    accessLog =
        settings.insight().accessLog().isPresent()
            ? new AccessLog(settings.insight().accessLog().get())
            : null;
    insight = insight(settings, accessLog);
    failedLogins =
        new FailedLogins(
            settings.name(), settings.connectionLimits().failedAuthenticationDelayMillis());
    users = settings.rights();
    membership = new Membership(settings, control, this::install, this::probe);
    List<Node> nodes = new ArrayList<>();
    for (NodeSettings node : settings.nodes()) {
      NodeState state = new NodeState();
      states.add(state);
      metrics.addNodeState(settings.name(), node.name(), state);
      NodeAddress address = Addresses.ofNode(node.address(), sockets, resolver);
      nodes.add(membership.add(node, state, secured(address, node.address())));
    }
    RoutingTable table = membership.table();
    SubscriptionCounts subscriptions =
        new SubscriptionCounts(workers.workers().size(), nodes.size());
    for (Worker worker : workers.workers()) {
      parts.add(part(worker, nodes, table, sockets, metrics, facts, subscriptions));
    }
    for (Part part : parts) {
      part.worker().eventLoop().submit(() -> begin(part)).syncUninterruptibly();
    }
    metrics.addTopKeys(settings.name(), this::hottest, this::biggest);
    if (accessLog != null) {
      metrics.addAccessLog(settings.name(), new AccessLogState(accessLog::dropped));
    }
  }

  private static PoolInsight insight(PoolSettings settings, @Nullable AccessLog accessLog) {
    InsightSettings insight = settings.insight();
    return new PoolInsight(
        insight.slowerThanMillis() == InsightSettings.OFF
            ? Long.MAX_VALUE
            : TimeUnit.MILLISECONDS.toNanos(insight.slowerThanMillis()),
        new SlowLog(settings.name(), insight.slowLogMax(), insight.logKeys()),
        insight.logKeys(),
        insight.hotKeySample(),
        insight.bigBytes(),
        accessLog);
  }

  /** What was found of its keys, up to a second ago. */
  TopKeys topKeys() {
    return TopKeys.merge(parts.stream().map(part -> part.clients().topKeys()).toList());
  }

  /** What there is to show of it. */
  PoolView view() {
    Shape of = shape;
    if (of == null) {
      shape = of = Shape.of(settings);
    }
    List<NodeView> nodes = new ArrayList<>();
    for (int i = 0; i < settings.nodes().size(); i++) {
      NodeSettings node = settings.nodes().get(i);
      int index = i;
      nodes.add(
          new NodeView(
              node.name(),
              node.address().text(),
              node.weight(),
              of.shares().get(i),
              of.points().get(i),
              states.get(i),
              parts.stream().map(part -> part.router().backends().get(index).recorder()).toList()));
    }
    return new PoolView(
        settings.name(),
        settings.listen().text(),
        settings.hash().name(),
        settings.distribution().name(),
        recorders(),
        nodes,
        topKeys(),
        insight.slowLog(),
        of.keys(),
        of.around());
  }

  /** Its slow requests. */
  SlowLog slowLog() {
    return insight.slowLog();
  }

  private List<TopKey> hottest() {
    List<HotKey> hot = topKeys().hot();
    return IntStream.range(0, Math.min(TOP_KEYS, hot.size()))
        .mapToObj(i -> topKey(i, hot.get(i).key(), Math.round(hot.get(i).perSecond())))
        .toList();
  }

  private List<TopKey> biggest() {
    List<BigKey> big = topKeys().big();
    return IntStream.range(0, Math.min(TOP_KEYS, big.size()))
        .mapToObj(i -> topKey(i, big.get(i).key(), big.get(i).bytes()))
        .toList();
  }

  private TopKey topKey(int index, byte[] key, long value) {
    String label = settings.insight().labelHotKeys() ? Printable.quoted(key) : null;
    return new TopKey(index + 1, label, value);
  }

  /** A unix socket does not leave the machine, and Redis speaks no TLS there. */
  private NodeAddress secured(NodeAddress plain, Address address) {
    WatchedTls tls = nodeTls;
    if (tls == null || !(address instanceof Address.Tcp tcp)) {
      return plain;
    }
    String host = settings.tls().nodes().flatMap(NodeTls::serverName).orElse(tcp.host());
    return new SecureNodeAddress(plain, tls, host, tcp.port());
  }

  /** Looks whether certificates have changed; called on the control thread now and then. */
  void lookAtCertificates() {
    if (clientTls != null) {
      clientTls.look();
    }
    if (nodeTls != null) {
      nodeTls.look();
    }
  }

  private Part part(
      Worker worker,
      List<Node> nodes,
      RoutingTable table,
      Sockets sockets,
      MetricsRegistry metrics,
      ProxyFacts facts,
      SubscriptionCounts subscriptions) {
    PoolRecorder recorder = new PoolRecorder();
    metrics.addPool(settings.name(), worker.index(), recorder);
    BackendSettings backendSettings = backendSettings();
    List<Backend> backends = new ArrayList<>();
    for (Node node : nodes) {
      NodeRecorder nodeRecorder = new NodeRecorder();
      metrics.addNode(settings.name(), node.name(), worker.index(), nodeRecorder);
      backends.add(new Backend(worker, node, backendSettings, nodeRecorder, sockets, descriptors));
    }
    Router router =
        new Router(worker, recorder, table, backends, settings.limits().unsentPerClientHard());
    ClientPool clients =
        new ClientPool(
            worker,
            clientSettings(),
            commands,
            users,
            aclLog,
            failedLogins,
            facts,
            router,
            subscriptions,
            recorder,
            directory,
            insight);
    return new Part(worker, recorder, router, clients);
  }

  private void begin(Part part) {
    part.worker().addTickListener(part.clients());
    for (Backend backend : part.router().backends()) {
      part.worker().addTickListener(backend);
      if (settings.preconnect()) {
        backend.preconnect();
      }
    }
  }

  private BackendSettings backendSettings() {
    return new BackendSettings(
        settings.timeoutMillis(),
        settings.connectionsPerNode(),
        clampToInt(settings.limits().unsentPerNode()),
        settings.limits().bulkLength(),
        handshake(),
        settings.tcpKeepalive(),
        false,
        databases(),
        settings.limits().pinnedPerNode());
  }

  /** Where the pool's nodes are used with one database, that is what clients know as number 0. */
  private int databases() {
    return settings.database() > 0 ? 1 : settings.limits().databases();
  }

  /** AUTH before SELECT: a node with a password refuses everything else. */
  private List<HandshakeStep> handshake() {
    List<HandshakeStep> steps = new ArrayList<>();
    if (settings.nodeAuth().isPresent()) {
      NodeAuth auth = settings.nodeAuth().get();
      String password = auth.password().value();
      steps.add(
          auth.username().isPresent()
              ? HandshakeStep.of(
                  Refusal.NODE_IS_DOWN, "AUTH", "AUTH", auth.username().get(), password)
              : HandshakeStep.of(Refusal.NODE_IS_DOWN, "AUTH", "AUTH", password));
    }
    if (settings.database() > 0) {
      steps.add(HandshakeStep.select(Refusal.NODE_IS_DOWN, settings.database()));
    }
    // A connection without a handshake sends nothing of its own: its first request need not wait.
    if (!steps.isEmpty()) {
      steps.add(
          HandshakeStep.of(Refusal.HARMLESS, "CLIENT SETNAME", "CLIENT", "SETNAME", CLIENT_NAME));
    }
    return steps;
  }

  private ClientSettings clientSettings() {
    return new ClientSettings(
        settings.name(),
        new RespLimits(settings.limits().bulkLength(), settings.limits().arguments()),
        settings.limits().inFlightPerClient(),
        clampToInt(settings.limits().unsentPerClient()),
        settings.limits().unsentPerClientHard(),
        settings.adminCommands() == AdminCommands.ALL_NODES,
        clampToInt(settings.limits().gatheredRequest()),
        settings.limits().unsentPerSubscriber(),
        settings.retryAfterMillis() / 2,
        settings.retryReads(),
        settings.connectionLimits().idleMillis(),
        settings.connectionLimits().slowRequestMillis());
  }

  private static int clampToInt(long bytes) {
    return (int) Math.min(bytes, Integer.MAX_VALUE);
  }

  PoolSettings settings() {
    return settings;
  }

  /** Counts of the pool, one for each worker. */
  List<PoolRecorder> recorders() {
    return parts.stream().map(Part::recorder).toList();
  }

  /** Begins to accept clients. */
  void listen(WorkerGroup workers, Sockets sockets) throws IOException {
    SocketAddress address = Addresses.ofListener(settings.listen(), sockets);
    Path socketFile = UnixSocketFile.before(settings.listen());
    listener =
        new Listener(
            address,
            new ListenerSettings(
                settings.backlog(),
                settings.limits().clients(),
                settings.connectionLimits().perAddress(),
                settings.tcpKeepalive()),
            descriptors,
            clientTls == null ? null : clientTls::accepting,
            parts.stream().map(Part::clients).toList(),
            workers,
            sockets);
    UnixSocketFile.after(settings.listen());
    LOG.info(
        "pool '{}' listens on {}{} for {} node{}: {} over {}",
        settings.name(),
        socketFile == null ? address() : socketFile,
        clientTls == null ? "" : " with TLS (" + TlsContexts.provider() + ")",
        settings.nodes().size(),
        settings.nodes().size() == 1 ? "" : "s",
        settings.hash().name(),
        settings.distribution().name());
  }

  SocketAddress address() {
    Listener listening = listener;
    if (listening == null) {
      throw new IllegalStateException("pool '" + settings.name() + "' does not listen");
    }
    return listening.address();
  }

  int clients() {
    Listener listening = listener;
    return listening == null ? 0 : listening.clients();
  }

  /** Gives every worker a new routing table. */
  private void install(RoutingTable table) {
    for (Part part : parts) {
      part.worker()
          .eventLoop()
          .execute(
              () -> {
                part.router().install(table);
                part.clients().routesChanged();
              });
    }
  }

  /** Gives every worker other users; see {@link ClientPool#install}. */
  void install(Users others) {
    for (Part part : parts) {
      part.worker().eventLoop().execute(() -> part.clients().install(others));
    }
  }

  /** Probes a node on one worker; nodes are dealt out to workers. */
  private void probe(int node, Membership.ProbeResult result) {
    Part part = parts.get(node % parts.size());
    part.worker().eventLoop().execute(() -> part.router().backends().get(node).probe(result::done));
  }

  /** Accepts no more clients, and closes each when it has the replies that it is owed. */
  void drain() {
    Listener listening = listener;
    if (listening != null) {
      listening.close();
    }
    for (Part part : parts) {
      part.worker().eventLoop().execute(part.clients()::drain);
    }
  }

  /** Waits until no client is left. @return whether that came true before the deadline */
  boolean awaitClientsGone(long deadlineNanos) {
    while (clients() > 0) {
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

  /** Closes everything now. */
  void close() {
    List<Future<?>> done = new ArrayList<>();
    for (Part part : parts) {
      done.add(
          part.worker()
              .eventLoop()
              .submit(
                  () -> {
                    part.clients().close();
                    part.worker().removeTickListener(part.clients());
                    part.router().backends().forEach(Backend::close);
                    part.router().backends().forEach(part.worker()::removeTickListener);
                  }));
    }
    done.forEach(Future::syncUninterruptibly);
    if (accessLog != null) {
      accessLog.close();
    }
  }

  /** Gives up the certificates; when nothing makes connections any more. */
  void closeTls() {
    if (clientTls != null) {
      clientTls.close();
    }
    if (nodeTls != null) {
      nodeTls.close();
    }
  }
}
