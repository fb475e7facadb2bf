package io.cashew.proxy.control;

import io.cashew.proxy.backend.BackendSettings;
import io.cashew.proxy.backend.HandshakeStep;
import io.cashew.proxy.backend.HandshakeStep.Refusal;
import io.cashew.proxy.client.ClientSettings;
import io.cashew.proxy.client.pool.ListenerSettings;
import io.cashew.proxy.config.AdminCommands;
import io.cashew.proxy.config.NodeAuth;
import io.cashew.proxy.config.NodePlace;
import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.loop.Keepalive;
import io.cashew.proxy.resp.RespLimits;
import io.cashew.proxy.topology.PublishReach;
import io.cashew.proxy.topology.RingPlacement;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Shard;
import io.cashew.proxy.topology.Topology;
import io.cashew.proxy.topology.Traits;
import java.util.ArrayList;
import java.util.List;

/** The settings of a pool as each layer below wants them. */
final class LayerSettings {
  /** What a node's {@code CLIENT LIST} shows of connections that have a handshake anyway. */
  private static final String CLIENT_NAME = "cashew";

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
        settings.limits().pinnedPerNode());
  }

  /** Where the pool's nodes are used with one database, that is what clients know as number 0. */
  private static int databases(PoolSettings settings) {
    return settings.connections().database() > 0 ? 1 : settings.limits().databases();
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
            settings.placement().hashTag());
    Traits traits =
        new Traits(
            PublishReach.SERVER,
            databases(settings),
            settings.placement().holdsTheSame(),
            settings.health().eject().enabled(),
            settings.health().eject().maxEjected());
    return Topology.of(shards, placement, traits);
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
        && one.sentinel().equals(other.sentinel())
        && (!looksForPrimaries(one) || asksServersAs(one, other))
        && one.placement().hash().name().equals(other.placement().hash().name())
        && one.placement().hashTag().equals(other.placement().hashTag())
        && one.placement().distribution().name().equals(other.placement().distribution().name())
        && one.placement().pointsPerNode() == other.placement().pointsPerNode()
        && one.health().eject().equals(other.health().eject())
        && databases(one) == databases(other);
  }

  private static boolean looksForPrimaries(PoolSettings settings) {
    return settings.nodes().stream().anyMatch(node -> !(node.place() instanceof NodePlace.At));
  }

  /** Who asks servers who is primary logs in there as requests do. */
  private static boolean asksServersAs(PoolSettings one, PoolSettings other) {
    return one.auth().nodeAuth().equals(other.auth().nodeAuth())
        && one.tls().nodes().equals(other.tls().nodes());
  }

  private static boolean followsFailovers(PoolSettings settings) {
    return looksForPrimaries(settings) && settings.health().failoverWaitMillis() > 0;
  }

  /** How long requests wait for the node of a name while it has no primary. */
  static long failoverWaitMillis(PoolSettings settings, String name) {
    boolean mayGetAnother =
        settings.nodes().stream()
            .anyMatch(node -> node.name().equals(name) && !(node.place() instanceof NodePlace.At));
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
        settings.clients().idleMillis(),
        settings.clients().slowRequestMillis());
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
