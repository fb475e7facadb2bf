package io.cashew.proxy.control;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.backend.ReadState;
import io.cashew.proxy.config.NodeAuth;
import io.cashew.proxy.config.NodeTls;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.ReadSettings;
import io.cashew.proxy.metrics.ServerState;
import io.cashew.proxy.resp.Verdict;
import io.cashew.proxy.topology.Asking;
import io.cashew.proxy.topology.ReplicaWatch;
import io.cashew.proxy.topology.ReplicaWatch.Standing;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Shard;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the replicas of a pool are, and what workers are told of that. Nobody watches them while the
 * pool reads from primaries alone. Confined to the control thread, but for what is shown and what
 * it hears as a listener.
 */
final class Replicas implements Node.Listener, ReplicaWatch.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Replicas.class);

  /** How the servers are asked; other ones are asked by another watch. */
  private record Login(
      Optional<NodeAuth> auth, @Nullable WatchedTls tls, Optional<String> serverName) {}

  private final String pool;
  private final ProxyParts proxy;
  private final Health health;
  private final Map<ServerId, Standing> standings = new ConcurrentHashMap<>();
  private final Map<Placed, ServerState> states = new HashMap<>();
  private volatile List<Placed> servers = List.of();
  private volatile ReadSettings settings;
  private @Nullable ReplicaWatch watch;
  private @Nullable Login login;
  private boolean closed;

  /**
   * Watches nobody yet.
   *
   * @param prober asks a replica whose circuit is open whether it is there
   */
  Replicas(PoolSettings pool, ProxyParts proxy, Health.Prober prober) {
    this.pool = pool.name();
    this.proxy = proxy;
    settings = pool.reads();
    health = new Health(proxy.control(), Ticker.systemTicker(), prober, () -> {});
  }

  /**
   * Has these from now on. What is known of those that it had stays.
   *
   * @param primaries of the shards
   */
  void follow(Wanted wanted, List<Placed> primaries, List<Placed> replicas) {
    if (closed) {
      return;
    }
    PoolSettings of = wanted.settings();
    settings = of.reads();
    List<Placed> all = new ArrayList<>(primaries);
    all.addAll(replicas);
    servers = List.copyOf(all);
    health.follow(
        of.health(),
        replicas.stream().map(each -> new Health.Placed(each.node(), each.state())).toList());
    publish(primaries, replicas);
    List<ServerId> known = servers.stream().map(Placed::known).toList();
    standings.keySet().retainAll(known);
    standings.forEach(this::stands);
    if (!settings.fromReplicas()) {
      endWatch();
      return;
    }
    watch(wanted)
        .follow(
            wanted.topology().shards().stream().filter(shard -> hasReplicas(shard)).toList(),
            settings.replicaMaxLagMillis());
  }

  private static boolean hasReplicas(Shard shard) {
    return !shard.replicas().isEmpty();
  }

  private ReplicaWatch watch(Wanted wanted) {
    PoolSettings of = wanted.settings();
    Login needed =
        new Login(
            of.auth().nodeAuth(),
            wanted.certificates().ofNodes(),
            of.tls().nodes().flatMap(NodeTls::serverName));
    ReplicaWatch running = watch;
    if (running != null && needed.equals(login)) {
      return running;
    }
    endWatch();
    login = needed;
    Asking asking =
        proxy
            .sentinels()
            .asking(
                needed.auth().flatMap(NodeAuth::username),
                needed.auth().map(auth -> auth.password().value()),
                needed.tls(),
                needed.serverName());
    ReplicaWatch begun = new ReplicaWatch(pool, asking, proxy.control(), this);
    watch = begun;
    begun.start();
    return begun;
  }

  private void endWatch() {
    ReplicaWatch running = watch;
    if (running != null) {
      running.close();
      watch = null;
    }
  }

  /** Watches nobody any more; from any thread. */
  void stop() {
    onControl(
        () -> {
          closed = true;
          endWatch();
        });
  }

  private void onControl(Runnable task) {
    try {
      proxy.control().execute(task);
    } catch (RejectedExecutionException stopping) {
      LOG.debug("nothing more is done about replicas: the proxy is stopping");
    }
  }

  // ---------------------------------------------------------------- what is shown; on any thread

  /** The zone that a server is in; empty: not known. */
  String zone(ServerId known) {
    Standing standing = standings.get(known);
    return settings.zones().getOrDefault(known.address(), standing == null ? "" : standing.zone());
  }

  /** A replica, by the id that its source has given it. */
  ReplicaView view(ServerId known) {
    Standing standing = standings.get(known);
    if (standing == null) {
      String why = settings.fromReplicas() ? "it has not been asked" : "read-from = primary";
      return new ReplicaView(known.address(), false, -1, zone(known), why);
    }
    boolean cannotBeReached =
        servers.stream().anyMatch(each -> each.known().equals(known) && each.node().circuitOpen());
    return new ReplicaView(
        known.address(),
        standing.isWell() && !cannotBeReached,
        standing.lagMillis(),
        zone(known),
        standing.isWell() && cannotBeReached ? "it cannot be reached" : standing.why());
  }

  // ---------------------------------------------------------------- what is found

  @Override
  public void stands(ServerId known, Standing standing) {
    standings.put(known, standing);
    boolean isNear = !settings.zone().isEmpty() && zone(known).equals(settings.zone());
    ReadState state =
        new ReadState(standing.isWell(), standing.hasAllUntilNanos(), isNear, standing.why());
    for (Placed each : servers) {
      if (each.known().equals(known)) {
        each.node().reads(state);
        ServerState published = states.get(each);
        if (published != null && each.node().isReplica()) {
          published.stands(standing.isWell(), standing.lagMillis());
        }
      }
    }
  }

  /** Publishes what is known of the servers of nodes that have replicas. */
  private void publish(List<Placed> primaries, List<Placed> replicas) {
    List<String> shards = replicas.stream().map(Placed::shard).toList();
    Set<Placed> now = new LinkedHashSet<>(replicas);
    primaries.stream()
        .filter(each -> shards.contains(each.shard()) && !each.node().address().isNobody())
        .forEach(now::add);
    List<Placed> gone = states.keySet().stream().filter(each -> !now.contains(each)).toList();
    for (Placed each : gone) {
      states.remove(each);
      proxy.metrics().removeServer(pool, each.shard(), each.known().address());
    }
    for (Placed each : now) {
      if (!states.containsKey(each)) {
        ServerState state = new ServerState(!each.node().isReplica());
        states.put(each, state);
        proxy.metrics().addServer(pool, each.shard(), each.known().address(), state);
      }
    }
  }

  @Override
  public void circuitOpened(Node node, NodeFailure cause) {
    health.circuitOpened(node, cause);
  }

  @Override
  public void refuses(Node node, Verdict verdict) {
    onControl(() -> node.reads(node.reads().but("it refuses reads: " + verdict.help())));
  }
}
