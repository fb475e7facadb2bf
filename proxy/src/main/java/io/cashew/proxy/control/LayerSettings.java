package io.cashew.proxy.control;

import io.cashew.proxy.backend.BackendSettings;
import io.cashew.proxy.backend.HandshakeStep;
import io.cashew.proxy.backend.HandshakeStep.Refusal;
import io.cashew.proxy.client.ClientSettings;
import io.cashew.proxy.client.ListenerSettings;
import io.cashew.proxy.config.AdminCommands;
import io.cashew.proxy.config.NodeAuth;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.loop.Keepalive;
import io.cashew.proxy.resp.RespLimits;
import java.util.ArrayList;
import java.util.List;

/** The settings of a pool as each layer below wants them. */
final class LayerSettings {
  /** What a node's {@code CLIENT LIST} shows of connections that have a handshake anyway. */
  private static final String CLIENT_NAME = "cashew";

  private LayerSettings() {}

  static BackendSettings ofBackends(PoolSettings settings) {
    return new BackendSettings(
        settings.timeoutMillis(),
        settings.connectionsPerNode(),
        clampToInt(settings.limits().unsentPerNode()),
        settings.limits().bulkLength(),
        handshake(settings),
        new Keepalive(settings.keepalive().nodeSeconds()),
        false,
        databases(settings),
        settings.limits().pinnedPerNode());
  }

  /** Where the pool's nodes are used with one database, that is what clients know as number 0. */
  private static int databases(PoolSettings settings) {
    return settings.database() > 0 ? 1 : settings.limits().databases();
  }

  /** AUTH before SELECT: a node with a password refuses everything else. */
  private static List<HandshakeStep> handshake(PoolSettings settings) {
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

  static ClientSettings ofClients(PoolSettings settings) {
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

  static ListenerSettings ofListener(PoolSettings settings) {
    return new ListenerSettings(
        settings.limits().clients(),
        settings.connectionLimits().perAddress(),
        new Keepalive(settings.keepalive().clientSeconds()));
  }

  private static int clampToInt(long bytes) {
    return (int) Math.min(bytes, Integer.MAX_VALUE);
  }
}
