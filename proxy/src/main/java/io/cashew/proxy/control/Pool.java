package io.cashew.proxy.control;

import io.cashew.proxy.acl.AclLog;
import io.cashew.proxy.acl.Users;
import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.backend.ServerFacts;
import io.cashew.proxy.backend.ServerQuery;
import io.cashew.proxy.client.ClientDirectory;
import io.cashew.proxy.client.FailedLogins;
import io.cashew.proxy.client.ProxyFacts;
import io.cashew.proxy.client.pool.Admission;
import io.cashew.proxy.client.pool.ClientPool;
import io.cashew.proxy.client.pool.Listener;
import io.cashew.proxy.client.pubsub.SubscriptionCounts;
import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.NodeTls;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.insight.SlowLog;
import io.cashew.proxy.insight.TopKeys;
import io.cashew.proxy.loop.Descriptors;
import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.loop.WorkerGroup;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.metrics.MetricsRegistry;
import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.metrics.NodeState;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.route.Router;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Topology;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool that runs: its nodes, its part of each worker, its listener. Made, changed (by a {@link
 * PoolChange}) and closed by the thread that starts, reloads and stops the proxy; asked from any.
 */
final class Pool {
  private static final Logger LOG = LoggerFactory.getLogger(Pool.class);

  /** A probe that came to a worker which does not know the node yet, or no longer. */
  private static final NodeFailure NOT_HERE =
      NodeFailure.of(FailureKind.UNREACHABLE, "The worker does not have the node");

  /** The pool on one worker; recorders of nodes are by name, and live as long as that. */
  record Part(
      Worker worker,
      PoolRecorder recorder,
      Router router,
      ClientPool clients,
      Map<String, NodeRecorder> nodes) {}

  /** A node as all workers see it, what it was made of, and its server in the topology. */
  record Placed(NodeSettings settings, ServerId server, Node node, NodeState state) {
    Health.Placed member() {
      return new Health.Placed(node, state);
    }
  }

  /** Counts the nodes that were placed: none shares its connections with another. */
  private final AtomicLong incarnations = new AtomicLong();

  private final Insights insights;
  private volatile @Nullable RingShape shape;
  private final List<Part> parts = new ArrayList<>();
  private final ClientDirectory directory = new ClientDirectory();
  private final Membership membership;
  private final ServerWatch servers;
  private final ScheduledExecutorService control;
  private final Names names;
  private final Sockets sockets;
  private final Descriptors descriptors;
  private final MetricsRegistry metrics;
  private final AclLog aclLog = new AclLog();
  private final FailedLogins failedLogins;
  private final Admission admission;
  private volatile PoolSettings settings;
  private volatile PoolCertificates certificates;
  private volatile @Nullable Listener listener;
  private volatile List<Placed> nodes = List.of();

  /** What the workers route by, or will as soon as they come to it. */
  private volatile Topology topology;

  Pool(
      PoolSettings settings,
      WorkerGroup workers,
      Sockets sockets,
      ScheduledExecutorService control,
      Names names,
      Descriptors descriptors,
      MetricsRegistry metrics,
      ProxyFacts facts)
      throws IOException {
    this.settings = settings;
    this.control = control;
    this.names = names;
    this.sockets = sockets;
    this.descriptors = descriptors;
    this.metrics = metrics;
    certificates = PoolCertificates.of(settings, null, null);
    insights = new Insights(settings);
    failedLogins =
        new FailedLogins(settings.name(), settings.clients().failedAuthenticationDelayMillis());
    membership = new Membership(settings.name(), control, this::install, this::probe);
    nodes = settings.nodes().stream().map(node -> place(settings, node, certificates)).toList();
    Topology first = membership.follow(settings, nodes);
    topology = first;
    Users users = settings.rights();
    SubscriptionCounts subscriptions = new SubscriptionCounts(workers.workers().size());
    for (Worker worker : workers.workers()) {
      PoolRecorder recorder = new PoolRecorder();
      metrics.addPool(settings.name(), worker.index(), recorder);
      Map<String, NodeRecorder> recorders = new ConcurrentHashMap<>();
      List<Backend> backends =
          nodes.stream().map(node -> backend(settings, worker, recorders, node)).toList();
      Router router =
          new Router(worker, recorder, first, backends, settings.limits().unsentPerClientHard());
      ClientPool clients =
          new ClientPool(
              worker,
              LayerSettings.ofClients(settings),
              settings.commands().table(),
              users,
              aclLog,
              failedLogins,
              facts,
              router,
              subscriptions,
              recorder,
              directory,
              insights.shared());
      parts.add(new Part(worker, recorder, router, clients, recorders));
    }
    for (Part part : parts) {
      part.worker().eventLoop().submit(() -> begin(part)).syncUninterruptibly();
    }
    insights.publish(settings.name(), metrics, this::topKeys);
    certificates.publish(settings.name(), metrics);
    servers = new ServerWatch(control, this::ask, this::serversChanged);
    List<Node> watched = nodes.stream().map(Placed::node).toList();
    control.execute(() -> servers.follow(watched));
    admission =
        new Admission(
            parts.stream().map(Part::clients).toList(),
            LayerSettings.ofListener(settings),
            descriptors,
            certificates.accepting());
  }

  /** What was found of its keys, up to a second ago. */
  private TopKeys topKeys() {
    return TopKeys.merge(parts.stream().map(part -> part.clients().topKeys()).toList());
  }

  /** What there is to show of it; from any thread. */
  PoolView view() {
    PoolSettings now = settings;
    RingShape of = shape;
    if (of == null || !of.settings().equals(now)) {
      shape = of = RingShape.of(now);
    }
    List<NodeView> views = new ArrayList<>();
    List<Placed> placed = nodes;
    for (int i = 0; i < now.nodes().size() && i < placed.size(); i++) {
      NodeSettings node = now.nodes().get(i);
      views.add(
          new NodeView(
              node.name(),
              node.address().text(),
              node.weight(),
              of.shares().get(i),
              of.points().get(i),
              placed.get(i).state(),
              parts.stream()
                  .map(part -> part.nodes().get(node.name()))
                  .filter(Objects::nonNull)
                  .toList()));
    }
    return new PoolView(
        now.name(),
        now.listen().text(),
        now.placement().hash().name(),
        now.placement().distribution().name(),
        recorders(),
        views,
        topKeys(),
        slowLog(),
        topology,
        of.around());
  }

  /** Its slow requests. */
  SlowLog slowLog() {
    return insights.shared().slowLog();
  }

  private void begin(Part part) {
    part.worker().addTickListener(part.clients());
    for (Backend backend : part.router().backends()) {
      part.worker().addTickListener(backend);
      if (settings.connections().preconnect()) {
        backend.preconnect();
      }
    }
  }

  /**
   * A node that is not in use yet. A name is looked up now, but for one that a node has already:
   * the new one is where that one was found last.
   */
  Placed place(PoolSettings of, NodeSettings node, PoolCertificates with) {
    NodeState state =
        nodes.stream()
            .filter(each -> each.settings().name().equals(node.name()))
            .findFirst()
            .map(Placed::state)
            .orElseGet(NodeState::new);
    Node placed =
        membership.node(
            node,
            with.secured(
                Addresses.ofNode(node.address(), sockets, names, known(node.address())),
                node.address(),
                of.tls().nodes().flatMap(NodeTls::serverName)),
            of.health().failureLimit());
    ServerId server = new ServerId(node.address().text(), incarnations.incrementAndGet());
    return new Placed(node, server, placed, state);
  }

  /** The address that a name had last; null if no node has the name, or it has no address. */
  private @Nullable SocketAddress known(Address address) {
    return nodes.stream()
        .filter(each -> each.settings().address().equals(address))
        .map(each -> each.node().address().current())
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  /** Nodes that are to be made anew: their names have other addresses than they were made with. */
  List<Placed> moved() {
    return nodes.stream().filter(each -> each.node().address().moved()).toList();
  }

  /** What to say of one of them. */
  String movedText(Placed placed) {
    NodeAddress address = placed.node().address();
    return "pool "
        + settings.name()
        + ": node "
        + placed.settings().name()
        + ": "
        + address.text()
        + " is at "
        + address.current()
        + ", it was at "
        + address.home();
  }

  /** A worker's side of a node, with the recorder that it has there under its name. */
  private Backend backend(
      PoolSettings of, Worker worker, Map<String, NodeRecorder> recorders, Placed placed) {
    String name = placed.settings().name();
    NodeRecorder recorder = recorders.get(name);
    if (recorder == null) {
      recorder = new NodeRecorder();
      recorders.put(name, recorder);
      metrics.addNode(of.name(), name, worker.index(), recorder);
      if (worker.index() == 0) {
        metrics.addNodeState(of.name(), name, placed.state());
      }
    }
    return new Backend(
        worker, placed.node(), LayerSettings.ofBackends(of), recorder, sockets, descriptors);
  }

  /** The same for a pool that runs. */
  Backend backend(PoolSettings of, Part part, Placed placed) {
    return backend(of, part.worker(), part.nodes(), placed);
  }

  /** A name that no node has any more is no longer published. */
  void forgetName(String node) {
    parts.forEach(part -> part.nodes().remove(node));
    metrics.removeNode(settings.name(), node);
  }

  // ---------------------------------------------------------------- what a change replaces

  List<Part> parts() {
    return parts;
  }

  List<Placed> nodes() {
    return nodes;
  }

  Membership membership() {
    return membership;
  }

  ScheduledExecutorService control() {
    return control;
  }

  PoolCertificates certificates() {
    return certificates;
  }

  Admission admission() {
    return admission;
  }

  FailedLogins failedLogins() {
    return failedLogins;
  }

  /** This is what runs now. */
  void has(
      PoolSettings newSettings,
      List<Placed> newNodes,
      Topology newTopology,
      PoolCertificates newCertificates) {
    settings = newSettings;
    nodes = newNodes;
    topology = newTopology;
    certificates = newCertificates;
    certificates.publish(newSettings.name(), metrics);
  }

  /** Looks whether certificates have changed; called on the control thread now and then. */
  void lookAtCertificates() {
    certificates.look();
  }

  PoolSettings settings() {
    return settings;
  }

  /** Counts of the pool, one for each worker. */
  List<PoolRecorder> recorders() {
    return parts.stream().map(Part::recorder).toList();
  }

  // ---------------------------------------------------------------- clients

  /** Accepts clients here from now on; wherever it did before is the caller's business. */
  void listen(Listener on) {
    listener = on;
    on.serve(admission);
    LOG.info(
        "pool '{}' listens on {}{} for {} node{}: {} over {}",
        settings.name(),
        settings.listen() instanceof Address.Unix unix ? unix.path() : address(),
        certificates.ofClients() == null ? "" : " with TLS (" + TlsContexts.provider() + ")",
        settings.nodes().size(),
        settings.nodes().size() == 1 ? "" : "s",
        settings.placement().hash().name(),
        settings.placement().distribution().name());
  }

  /** Where it listens; null: nowhere. */
  @Nullable Listener listener() {
    return listener;
  }

  /** Somebody else has its listener now, or closes it. */
  void withoutListener() {
    listener = null;
  }

  SocketAddress address() {
    Listener listening = listener;
    if (listening == null) {
      throw new IllegalStateException("pool '" + settings.name() + "' does not listen");
    }
    return listening.address();
  }

  int clients() {
    return admission.clients();
  }

  /** Gives every worker a new topology of the same nodes. */
  private void install(Topology next) {
    topology = next;
    for (Part part : parts) {
      part.worker()
          .eventLoop()
          .execute(
              () -> {
                part.router().install(next);
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

  /** Probes a node on one worker. */
  private void probe(Node node, Health.ProbeResult result) {
    onItsWorker(node, backend -> backend.probe(result::done), () -> result.done(NOT_HERE));
  }

  /** Asks a node on one worker. */
  private void ask(Node node, List<byte[]> requests, Consumer<@Nullable List<byte[]>> done) {
    onItsWorker(
        node, backend -> backend.query(new ServerQuery(requests, done)), () -> done.accept(null));
  }

  /** Nodes are dealt out to workers. */
  private void onItsWorker(Node node, Consumer<Backend> task, Runnable otherwise) {
    Part part = parts.get(Math.floorMod(node.name().hashCode(), parts.size()));
    part.worker()
        .eventLoop()
        .execute(
            () ->
                part.router().backends().stream()
                    .filter(backend -> backend.node() == node)
                    .findFirst()
                    .ifPresentOrElse(task, otherwise));
  }

  /** Clients see from now on what these servers have in common. */
  private void serversChanged(ServerFacts least) {
    membership.lookAtCopies();
    for (Part part : parts) {
      part.worker().eventLoop().execute(() -> part.clients().install(least));
    }
  }

  /** What its servers are; confined to the control thread. */
  ServerWatch servers() {
    return servers;
  }

  /** Another process accepts clients with the same socket now. */
  void leaveListenerToOther() {
    Listener listening = listener;
    if (listening != null) {
      listener = null;
      listening.leaveToOther();
    }
  }

  /** How long ago the last client came. */
  long lonelyNanos() {
    return System.nanoTime() - admission.lastCameNanos();
  }

  /** Accepts no more clients, and has each leave; see {@link ClientPool#drain}. */
  void drain(long drainMillis) {
    Listener listening = listener;
    if (listening != null) {
      listener = null;
      listening.close();
    }
    for (Part part : parts) {
      part.worker().eventLoop().execute(() -> part.clients().drain(drainMillis));
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
    insights.close();
  }

  /** Its numbers are no longer published. */
  void unpublish() {
    metrics.removePool(settings.name());
  }

  /** Gives up the certificates; when nothing makes connections any more. */
  void closeTls() {
    certificates.close();
  }
}
