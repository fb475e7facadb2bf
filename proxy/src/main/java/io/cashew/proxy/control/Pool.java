package io.cashew.proxy.control;

import io.cashew.proxy.acl.AclLog;
import io.cashew.proxy.acl.Users;
import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.ServerFacts;
import io.cashew.proxy.cache.NearCache;
import io.cashew.proxy.client.ClientDirectory;
import io.cashew.proxy.client.FailedLogins;
import io.cashew.proxy.client.pool.Admission;
import io.cashew.proxy.client.pool.ClientPool;
import io.cashew.proxy.client.pool.Listener;
import io.cashew.proxy.client.pubsub.SubscriptionCounts;
import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.insight.SlowLog;
import io.cashew.proxy.insight.TopKeys;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.metrics.PlacementState;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.route.Router;
import io.cashew.proxy.route.Servers;
import io.cashew.proxy.topology.Hint;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Topology;
import io.cashew.proxy.topology.TopologySource;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool that runs: its nodes, its part of each worker, its listener. Made and closed by the thread
 * that starts, reloads and stops the proxy; changed by the control thread ({@link PoolChanges});
 * asked from any.
 */
final class Pool {
  private static final Logger LOG = LoggerFactory.getLogger(Pool.class);

  /** A name server that is slower than this delays no start. */
  private static final long FIRST_LOOK_UP_SECONDS = 30;

  /** Far more than a worker takes to close what it has. */
  private static final long CLOSE_MILLIS = 20_000;

  private final ProxyParts proxy;
  private final Backends backends;
  private final Insights insights;
  private final PoolViews views = new PoolViews();
  private final List<PoolOnWorker> parts = new ArrayList<>();
  private final NodeQuestions questions = new NodeQuestions(parts);
  private final ClientDirectory directory = new ClientDirectory();
  private final Membership membership;
  private final Replicas replicas;
  private final TopologySource source;
  private final PoolChanges changes;
  private final ServerWatch servers;
  private final AclLog aclLog = new AclLog();
  private final FailedLogins failedLogins;
  private final Admission admission;
  private volatile @Nullable Listener listener;
  private volatile PoolState state;

  /** What is kept of its values; null: nothing. Replaced on the control thread. */
  private volatile @Nullable NearCache cache;

  Pool(PoolSettings settings, ProxyParts proxy) throws IOException {
    this.proxy = proxy;
    backends = new Backends(proxy, this::rivals);
    PoolCertificates certificates = PoolCertificates.of(settings, null, null);
    insights = new Insights(settings, proxy.tracing());
    failedLogins =
        new FailedLogins(settings.name(), settings.clients().failedAuthenticationDelayMillis());
    membership = new Membership(proxy.control(), this::install, questions::probe);
    ReadOnlyServers readOnly =
        new ReadOnlyServers(
            proxy.control(), questions::ask, () -> settings().health().failoverWaitMillis());
    replicas = new Replicas(settings, proxy, questions::probe);
    NodeReports reports =
        new NodeReports(proxy.control(), membership.circuits(), this::hint, readOnly);
    Placing placing =
        new Placing(
            settings.name(),
            proxy.sockets(),
            proxy.names(),
            reports,
            replicas,
            this::whyNobody,
            this::errorOfNobody);
    Wanted first = new Wanted(settings, certificates, 0, LayerSettings.topology(settings));
    List<Placed> nodes = placing.place(first, List.of());
    if (!Names.await(
        nodes.stream().map(each -> each.node().address()).toList(), FIRST_LOOK_UP_SECONDS)) {
      LOG.warn("pool '{}' begins before all names of its nodes are looked up", settings.name());
    }
    Primaries.note(settings, first, nodes, System.currentTimeMillis());
    Topology topology = Placing.routed(first.topology(), nodes, List.of());
    state =
        new PoolState(
            first, nodes, List.of(), membership.follow(settings.health(), topology, nodes));
    Origins origins = new Origins(proxy.sentinels(), proxy.control(), this::wanted);
    source =
        proxy.sources().of(settings, first.topology(), proxy.control(), origins, origins::cluster);
    changes = new PoolChanges(proxy.control(), placing, source, first, () -> state, this::change);
    cache = PoolCache.of(settings, proxy, state.topology());
    begin(settings);
    publish(certificates);
    servers = new ServerWatch(proxy.control(), questions::ask, this::serversChanged);
    admission =
        new Admission(
            parts.stream().map(PoolOnWorker::clients).toList(),
            LayerSettings.ofListener(settings),
            proxy.descriptors(),
            certificates.accepting());
    proxy
        .control()
        .execute(
            () -> {
              servers.follow(asked(nodes));
              changes.start();
            });
  }

  private void publish(PoolCertificates certificates) {
    String name = settings().name();
    insights.publish(name, proxy.metrics(), this::topKeys);
    certificates.publish(name, proxy.metrics());
    proxy.sentinels().publish(this::settings, proxy.metrics());
    ClusterFigures.publish(name, source, proxy.metrics());
    proxy.metrics().addPlacement(name, new PlacementState(() -> settings().placement().untagged()));
  }

  /** Which nodes are asked what they are: only a server of Redis could tell. */
  private List<Node> asked(List<Placed> nodes) {
    return settings().protocol().isMemcached()
        ? List.of()
        : nodes.stream().map(Placed::node).toList();
  }

  private void begin(PoolSettings settings) {
    Users users = settings.rights();
    SubscriptionCounts subscriptions = new SubscriptionCounts(proxy.workers().workers().size());
    for (Worker worker : proxy.workers().workers()) {
      parts.add(part(worker, settings, users, subscriptions));
    }
    for (PoolOnWorker part : parts) {
      part.worker()
          .eventLoop()
          .submit(
              () -> {
                part.worker().addTickListener(part.clients());
                part.clients().keeps(cache);
                part.servers().begin(settings.connections().preconnect());
              })
          .syncUninterruptibly();
    }
  }

  private PoolOnWorker part(
      Worker worker, PoolSettings settings, Users users, SubscriptionCounts subscriptions) {
    PoolRecorder recorder = new PoolRecorder();
    proxy.metrics().addPool(settings.name(), worker.index(), recorder);
    Map<String, NodeRecorder> recorders = new ConcurrentHashMap<>();
    Map<ServerId, Backend> backends = new LinkedHashMap<>();
    for (Placed node : state.nodes()) {
      backends.put(node.server(), backend(settings, worker, recorders, node));
    }
    Servers its = new Servers(worker, backends);
    Router router = new Router(worker, recorder, its, state.topology());
    router.reads(LayerSettings.reads(settings));
    ClientPool clients =
        new ClientPool(
            worker,
            LayerSettings.ofClients(settings),
            settings.commandTable(),
            users,
            aclLog,
            failedLogins,
            proxy.facts(),
            router,
            subscriptions,
            recorder,
            directory,
            insights.shared());
    return new PoolOnWorker(
        worker, recorder, its, router, clients, new Clientele(clients, router), recorders);
  }

  /** What was found of its keys, up to a second ago. */
  private TopKeys topKeys() {
    return TopKeys.merge(parts.stream().map(part -> part.clients().topKeys()).toList());
  }

  /** What there is to show of it; from any thread. */
  PoolView view() {
    return views.of(
        state, parts, topKeys(), slowLog(), proxy.sentinels(), source.cluster(), replicas, cache);
  }

  /** What is kept of its values; null: nothing. */
  @Nullable NearCache cache() {
    return cache;
  }

  /** Its slow requests. */
  SlowLog slowLog() {
    return insights.shared().slowLog();
  }

  // ---------------------------------------------------------------- changes

  /** Nodes that are to be made anew: their names have other addresses than they were made with. */
  List<Placed> moved() {
    return state.nodes().stream().filter(Placed::moved).toList();
  }

  private void hint(Node node, Function<ServerId, Hint> what) {
    changes.hint(node, what);
  }

  private Wanted wanted() {
    return changes.wanted();
  }

  private String whyNobody(String shard) {
    return source.whyNobody(shard);
  }

  private String errorOfNobody(String shard) {
    return source.errorOfNobody(shard);
  }

  /** How its servers change. */
  PoolChanges changes() {
    return changes;
  }

  /** What an operator may do with it. */
  PoolOperations operations() {
    return new PoolOperations(changes, this::view, directory, insights);
  }

  private TopologyChange change(Wanted wanted, PlacedChange nodes, PoolChanges.Progress progress) {
    Topology soon =
        Membership.withCopies(
            Placing.routed(wanted.topology(), nodes.nodes(), nodes.replicas().all()),
            nodes.nodes());
    PoolCertificates before = certificates();
    NearCache keptBefore = cache;
    return new TopologyChange(
        parts,
        proxy.control(),
        proxy.retirements(),
        nodes,
        soon,
        new TopologyChange.Target() {
          @Override
          public Backend backend(PoolOnWorker part, Placed placed) {
            return Pool.this.backend(wanted.settings(), part.worker(), part.nodes(), placed);
          }

          @Override
          public TopologyChange.Install install() {
            return Pool.this.install(wanted, nodes);
          }

          @Override
          public void ended() {
            before.closeBut(wanted.certificates());
            PoolCache.close(keptBefore, cache);
          }
        },
        progress);
  }

  /** Is what is wanted from now on. @return what each worker is to install */
  private TopologyChange.Install install(Wanted wanted, PlacedChange nodes) {
    Wanted before = state.wanted();
    PoolSettings settings = wanted.settings();
    Primaries.note(before.settings(), wanted, nodes.nodes(), System.currentTimeMillis());
    Topology topology =
        membership.follow(
            settings.health(),
            Placing.routed(wanted.topology(), nodes.nodes(), nodes.replicas().all()),
            nodes.nodes());
    replicas.follow(wanted, nodes.nodes(), nodes.replicas().all());
    List<String> names = nodes.nodes().stream().map(Placed::shard).toList();
    state.nodes().stream()
        .map(Placed::shard)
        .filter(name -> !names.contains(name))
        .forEach(this::forgetName);
    state = new PoolState(wanted, nodes.nodes(), nodes.replicas().all(), topology);
    cache = PoolCache.next(cache, before.settings(), settings, proxy, topology);
    SettingsChange other = null;
    if (!settings.equals(before.settings())) {
      other = SettingsChange.of(before.settings(), settings, wanted.topology().traits(), cache);
      failedLogins.longestMillis(settings.clients().failedAuthenticationDelayMillis());
      admission.install(LayerSettings.ofListener(settings), wanted.certificates().accepting());
      wanted.certificates().publish(settings.name(), proxy.metrics());
    }
    servers.follow(asked(nodes.nodes()));
    return new TopologyChange.Install(
        topology,
        other,
        !nodes.retired().isEmpty() || !wanted.routesAs(before),
        wanted.maintenance().drainMillis(nodes.retired(), proxy.drainMillis().getAsLong()));
  }

  private List<String> rivals(String shard) {
    return source.rivals(shard);
  }

  private Backend backend(
      PoolSettings of, Worker worker, Map<String, NodeRecorder> recorders, Placed placed) {
    return backends.make(of, state.topology().traits(), worker, recorders, placed);
  }

  /** A name that no node has any more is no longer published. */
  private void forgetName(String node) {
    parts.forEach(part -> part.nodes().remove(node));
    proxy.metrics().removeNode(settings().name(), node);
  }

  PoolState state() {
    return state;
  }

  PoolCertificates certificates() {
    return state.wanted().certificates();
  }

  /** Looks whether certificates have changed; called on the control thread now and then. */
  void lookAtCertificates() {
    certificates().look();
  }

  PoolSettings settings() {
    return state.wanted().settings();
  }

  /** It on each worker, in the order of the workers. */
  List<PoolOnWorker> parts() {
    return parts;
  }

  // ---------------------------------------------------------------- clients

  /** Accepts clients here from now on; wherever it did before is the caller's business. */
  void listen(Listener on) {
    listener = on;
    on.serve(admission);
    PoolSettings settings = settings();
    LOG.info(
        "pool '{}' listens on {}{} for {}",
        settings.name(),
        settings.listen() instanceof Address.Unix unix ? unix.path() : address(),
        certificates().listening(),
        LayerSettings.whatItServes(settings));
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
      throw new IllegalStateException("pool '" + settings().name() + "' does not listen");
    }
    return listening.address();
  }

  int clients() {
    return admission.clients();
  }

  /** Gives every worker a new topology of the servers that are in use. */
  private void install(Topology next) {
    state = state.with(next);
    NearCache kept = cache;
    if (kept != null) {
      kept.topologyChanges(next);
    }
    for (PoolOnWorker part : parts) {
      part.worker()
          .eventLoop()
          .execute(
              () -> {
                part.router().install(next);
                part.clientele().tableChanged();
                part.clientele().routesChanged();
              });
    }
  }

  /** Gives every worker other users; see {@link ClientPool#install}. */
  void install(Users others) {
    for (PoolOnWorker part : parts) {
      part.worker().eventLoop().execute(() -> part.clients().install(others));
    }
  }

  /** Clients see from now on what these servers have in common. */
  private void serversChanged(ServerFacts least) {
    membership.lookAtCopies();
    for (PoolOnWorker part : parts) {
      part.worker().eventLoop().execute(() -> part.clientele().install(least));
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
    for (PoolOnWorker part : parts) {
      part.worker().eventLoop().execute(() -> part.clients().drain(drainMillis));
    }
  }

  /** Closes everything now. */
  void close() {
    changes.stop();
    replicas.stop();
    List<Future<?>> done = new ArrayList<>();
    for (PoolOnWorker part : parts) {
      done.add(
          part.worker()
              .eventLoop()
              .submit(
                  () -> {
                    part.clients().close();
                    part.clientele().followNobody();
                    part.worker().removeTickListener(part.clients());
                    part.servers().close();
                  }));
    }
    done.forEach(this::awaitClosed);
    PoolCache.close(cache, null);
    insights.close();
  }

  /** A worker that hangs must not keep the proxy from stopping. */
  private void awaitClosed(Future<?> done) {
    if (done.awaitUninterruptibly(CLOSE_MILLIS)) {
      done.syncUninterruptibly(); // a defect is thrown
    } else {
      LOG.error("a worker hangs: pool '{}' is not closed there", settings().name());
    }
  }

  /** Its numbers are no longer published. */
  void unpublish() {
    proxy.metrics().removePool(settings().name());
  }

  /** Gives up the certificates; when nothing makes connections any more. */
  void closeTls() {
    certificates().close();
  }
}
