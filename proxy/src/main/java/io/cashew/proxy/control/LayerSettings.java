package io.cashew.proxy.control;

import io.cashew.proxy.backend.BackendSettings;
import io.cashew.proxy.backend.HandshakeStep;
import io.cashew.proxy.backend.HandshakeStep.Refusal;
import io.cashew.proxy.backend.NodeProtocol;
import io.cashew.proxy.cache.rule.CacheRules;
import io.cashew.proxy.client.ClientSettings;
import io.cashew.proxy.client.MemcachedLimits;
import io.cashew.proxy.client.RequestLimits;
import io.cashew.proxy.client.pool.ListenerSettings;
import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.AdminCommands;
import io.cashew.proxy.config.CommandSettings;
import io.cashew.proxy.config.CrossShardReads;
import io.cashew.proxy.config.NodeAuth;
import io.cashew.proxy.config.NodePlace;
import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.ProtocolSettings;
import io.cashew.proxy.config.ReadSettings;
import io.cashew.proxy.config.RequestRates;
import io.cashew.proxy.loop.Keepalive;
import io.cashew.proxy.resp.RespLimits;
import io.cashew.proxy.route.ReadPreference;
import io.cashew.proxy.route.computed.ComputeLimit;
import io.cashew.proxy.topology.ClusterSource;
import io.cashew.proxy.topology.Placement;
import io.cashew.proxy.topology.PublishReach;
import io.cashew.proxy.topology.RingPlacement;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Shard;
import io.cashew.proxy.topology.Topology;
import io.cashew.proxy.topology.Traits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The settings of a pool as each layer below wants them. */
final class LayerSettings {
  /** What a node's {@code CLIENT LIST} shows of connections that have a handshake anyway. */
  private static final String CLIENT_NAME = "cashew";

  /** A replica that has not answered for so long is gone around: its reads are asked elsewhere. */
  private static final long REPLICA_TIMEOUT_MILLIS = 200;

  private static final long LEAST_READ_ELSEWHERE_MILLIS = 1000;

  private LayerSettings() {}

  static BackendSettings ofBackends(PoolSettings settings) {
    return new BackendSettings(
        settings.connections().timeoutMillis(),
        settings.connections().perNode(),
        clampToInt(settings.limits().unsentPerNode()),
        settings.limits().bulkLength(),
        handshake(settings),
        new Keepalive(settings.connections().keepaliveSeconds()),
        false,
        databases(settings),
        settings.limits().pinnedPerNode(),
        settings.protocol().isMemcached() ? NodeProtocol.MEMCACHED : NodeProtocol.RESP);
  }

  /**
   * Those of connections to replicas. A replica that does not answer soon is gone around.
   *
   * @param traits of the pool's topology
   */
  static BackendSettings ofReplicas(PoolSettings settings, Traits traits) {
    BackendSettings primaries = ofBackends(settings);
    long most = primaries.timeoutMillis() == 0 ? Long.MAX_VALUE : primaries.timeoutMillis();
    List<HandshakeStep> steps = new ArrayList<>(primaries.handshake());
    if (traits.asksReplicasForReads()) {
      steps.add(HandshakeStep.of(Refusal.NODE_IS_DOWN, "READONLY", "READONLY"));
    }
    return primaries.ofReplicas(Math.min(most, REPLICA_TIMEOUT_MILLIS), steps);
  }

  /** Which servers are read from. */
  static ReadPreference reads(PoolSettings settings) {
    ReadSettings reads = settings.reads();
    return new ReadPreference(
        ReadPreference.From.valueOf(reads.from().name()),
        TimeUnit.MILLISECONDS.toNanos(reads.readYourWritesMillis()));
  }

  /** How long a read that a replica has not answered looks for another server. */
  static long readElsewhereMillis(PoolSettings settings) {
    return Math.max(settings.health().failoverWaitMillis(), LEAST_READ_ELSEWHERE_MILLIS);
  }

  /** Where the pool's nodes are used with one database, that is what clients know as number 0. */
  private static int databases(PoolSettings settings) {
    return settings.connections().database() > 0 || settings.protocol().isMemcached()
        ? 1
        : settings.limits().databases();
  }

  /** AUTH before SELECT: a node with a password refuses everything else. */
  private static List<HandshakeStep> handshake(PoolSettings settings) {
    List<HandshakeStep> steps = new ArrayList<>();
    if (settings.auth().nodeAuth().isPresent()) {
      NodeAuth auth = settings.auth().nodeAuth().get();
      String password = auth.password().value();
      steps.add(
          auth.username().isPresent()
              ? HandshakeStep.of(
                  Refusal.NODE_IS_DOWN, "AUTH", "AUTH", auth.username().get(), password)
              : HandshakeStep.of(Refusal.NODE_IS_DOWN, "AUTH", "AUTH", password));
    }
    if (settings.connections().database() > 0) {
      steps.add(HandshakeStep.select(Refusal.NODE_IS_DOWN, settings.connections().database()));
    }
    // A connection without a handshake sends nothing of its own: its first request need not wait.
    if (!steps.isEmpty()) {
      steps.add(
          HandshakeStep.of(Refusal.HARMLESS, "CLIENT SETNAME", "CLIENT", "SETNAME", CLIENT_NAME));
    }
    return steps;
  }

  /**
   * The shards of a pool as they are configured, none of which is ejected. A server's id is its
   * address.
   */
  static Topology topology(PoolSettings settings) {
    if (settings.hasRoutes()) { // who has its keys, Clientele says
      return Topology.of(List.of(), Placement.NOWHERE, Traits.ofStores(1));
    }
    if (settings.isCluster()) {
      return ClusterSource.nothing(databases(settings));
    }
    List<Shard> shards = new ArrayList<>();
    for (NodeSettings node : settings.nodes()) {
      shards.add(Shard.of(node.name(), node.weight(), server(node.place())));
    }
    RingPlacement placement =
        new RingPlacement(
            ejected ->
                settings.keyMapper(
                    settings.members().stream()
                        .filter(member -> !ejected.contains(member.index()))
                        .toList()),
            settings.placement().tag());
    Traits traits =
        new Traits(
            PublishReach.SERVER,
            databases(settings),
            settings.placement().holdsTheSame(),
            false,
            settings.health().eject().enabled(),
            settings.health().eject().maxEjected(),
            Map.of());
    return Topology.of(shards, placement, traits);
  }

  /** What a pool is for, as the end of a sentence. */
  static String whatItServes(PoolSettings settings) {
    if (settings.hasRoutes()) {
      return "the pools " + String.join(", ", settings.poolRoutes().pools());
    }
    if (settings.isCluster()) {
      return "the Cluster of "
          + String.join(", ", settings.cluster().seeds().stream().map(Address::text).toList());
    }
    return settings.nodes().size()
        + (settings.nodes().size() == 1 ? " node: " : " nodes: ")
        + settings.placement().hash().name()
        + " over "
        + settings.placement().distribution().name();
  }

  /** Where it is not configured who takes a node's writes, nobody does until somebody is found. */
  private static ServerId server(NodePlace place) {
    return place instanceof NodePlace.At at
        ? new ServerId(at.address().text(), 0)
        : ServerId.NOBODY;
  }

  /** Whether {@link #topology} is the same for both. */
  static boolean isSameTopology(PoolSettings one, PoolSettings other) {
    return one.nodes().equals(other.nodes())
        && one.cluster().equals(other.cluster())
        && one.sentinel().equals(other.sentinel())
        && (!looksForPrimaries(one) || asksServersAs(one, other))
        && one.placement().hash().name().equals(other.placement().hash().name())
        && one.placement().tag().equals(other.placement().tag())
        && one.placement().pointNames() == other.placement().pointNames()
        && one.placement().distribution().name().equals(other.placement().distribution().name())
        && one.placement().pointsPerNode() == other.placement().pointsPerNode()
        && one.health().eject().equals(other.health().eject())
        && databases(one) == databases(other);
  }

  private static boolean looksForPrimaries(PoolSettings settings) {
    return settings.isCluster()
        || settings.nodes().stream().anyMatch(node -> !(node.place() instanceof NodePlace.At));
  }

  /** Who asks servers who is primary logs in there as requests do. */
  private static boolean asksServersAs(PoolSettings one, PoolSettings other) {
    return one.auth().nodeAuth().equals(other.auth().nodeAuth())
        && one.tls().nodes().equals(other.tls().nodes());
  }

  /** Whether other servers may take the place of those that there are; requests wait or not. */
  private static boolean followsFailovers(PoolSettings settings) {
    return settings.hasRoutes() // a pool that they lead to may
        || settings.reads().fromReplicas()
        || looksForPrimaries(settings);
  }

  /** Whether a node without another server may be a replica until its name moves. */
  private static boolean namesMayMove(PoolSettings settings) {
    return settings.health().failoverWaitMillis() > 0
        && settings.nodes().stream()
            .flatMap(node -> node.place().addresses().stream())
            .anyMatch(Addresses::isNamed);
  }

  /** How long requests wait for the node of a name while it has no primary. */
  static long failoverWaitMillis(PoolSettings settings, String name) {
    boolean mayGetAnother =
        settings.isCluster()
            || settings.nodes().stream()
                .anyMatch(
                    node -> node.name().equals(name) && !(node.place() instanceof NodePlace.At));
    return mayGetAnother ? settings.health().failoverWaitMillis() : 0;
  }

  static ClientSettings ofClients(PoolSettings settings) {
    return new ClientSettings(
        settings.name(),
        new RespLimits(settings.limits().bulkLength(), settings.limits().arguments()),
        settings.limits().inFlightPerClient(),
        clampToInt(settings.limits().unsentPerClient()),
        settings.limits().unsentPerClientHard(),
        settings.commands().admin() == AdminCommands.ALL_NODES,
        clampToInt(settings.limits().gatheredRequest()),
        settings.limits().unsentPerSubscriber(),
        settings.health().retryAfterMillis() / 2,
        settings.connections().retryReads(),
        followsFailovers(settings),
        followsFailovers(settings) || namesMayMove(settings),
        settings.clients().idleMillis(),
        settings.clients().slowRequestMillis(),
        requestLimits(settings.limits().requests()),
        CacheRules.of(settings.cache().rules()),
        computes(settings.commands()),
        memcached(settings.protocol()));
  }

  private static @Nullable ComputeLimit computes(CommandSettings commands) {
    return commands.crossShardReads() == CrossShardReads.COMPUTE
        ? new ComputeLimit(commands.crossShardElements(), commands.crossShardBytes())
        : null;
  }

  private static @Nullable MemcachedLimits memcached(ProtocolSettings protocol) {
    return protocol.isMemcached()
        ? new MemcachedLimits(protocol.valueLength(), protocol.missingOnFailure())
        : null;
  }

  private static RequestLimits requestLimits(RequestRates rates) {
    return new RequestLimits(rates.ofPool(), rates.perUser(), rates.perAddress());
  }

  static ListenerSettings ofListener(PoolSettings settings) {
    return new ListenerSettings(
        settings.limits().clients(),
        settings.clients().perAddress(),
        new Keepalive(settings.clients().keepaliveSeconds()));
  }

  private static int clampToInt(long bytes) {
    return (int) Math.min(bytes, Integer.MAX_VALUE);
  }
}
