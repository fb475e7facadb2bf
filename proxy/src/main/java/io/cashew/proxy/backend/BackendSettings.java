package io.cashew.proxy.backend;

import io.cashew.proxy.loop.Keepalive;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the connections to the nodes of one pool have in common.
 *
 * @param timeoutMillis for a reply, counted from the write and again from each reply; 0: none
 * @param connectionsPerNode on each worker, at least 1
 * @param unsentBytes not yet taken by a node at which its feeders are no longer read from
 * @param maxBulkLength longest bulk string in a reply
 * @param handshake commands sent before the first request, in order
 * @param keepalive when a node that has vanished is noticed
 * @param resp3 whether replies come in RESP3
 * @param pinnedMax connections that are lent to one client each at one time
 * @param databases that clients may choose from, at least 1; 1: what the handshake selects
 * @param protocol what the nodes speak
 */
public record BackendSettings(
    long timeoutMillis,
    int connectionsPerNode,
    int unsentBytes,
    long maxBulkLength,
    List<HandshakeStep> handshake,
    Keepalive keepalive,
    boolean resp3,
    int databases,
    int pinnedMax,
    NodeProtocol protocol) {

  /** For what has to end even in a pool without a time-out: probes, handshakes, stalls. */
  static final long FALLBACK_TIMEOUT_MILLIS = 1000;

  private static final long SILENCE_WITHOUT_TIMEOUT_MILLIS = 10_000;

  /** Of nodes that speak RESP. */
  public BackendSettings(
      long timeoutMillis,
      int connectionsPerNode,
      int unsentBytes,
      long maxBulkLength,
      List<HandshakeStep> handshake,
      Keepalive keepalive,
      boolean resp3,
      int databases,
      int pinnedMax) {
    this(
        timeoutMillis,
        connectionsPerNode,
        unsentBytes,
        maxBulkLength,
        handshake,
        keepalive,
        resp3,
        databases,
        pinnedMax,
        NodeProtocol.RESP);
  }

  public BackendSettings {
    handshake = List.copyOf(handshake);
  }

  /** Whether connections begin in the database in which those of other settings begin. */
  boolean beginsInDatabaseOf(BackendSettings other) {
    return selected().equals(other.selected());
  }

  private Optional<String> selected() {
    return handshake.stream()
        .map(HandshakeStep::name)
        .filter(name -> name.startsWith("SELECT "))
        .findFirst();
  }

  /** {@link #timeoutMillis()}, or {@link #FALLBACK_TIMEOUT_MILLIS} where that is none. */
  long finiteTimeoutMillis() {
    return timeoutMillis > 0 ? timeoutMillis : FALLBACK_TIMEOUT_MILLIS;
  }

  /**
   * How long a node that has nothing to say to a client may be silent, or owe an answer to the
   * proxy itself: {@link #timeoutMillis()}, or as long as a script may take where that is none.
   */
  long silenceMillis() {
    return timeoutMillis > 0 ? timeoutMillis : SILENCE_WITHOUT_TIMEOUT_MILLIS;
  }

  BackendSettings withTimeoutMillis(long millis) {
    return withTimes(millis, unsentBytes);
  }

  BackendSettings withTimes(long millis, int unsent) {
    return new BackendSettings(
        millis,
        connectionsPerNode,
        unsent,
        maxBulkLength,
        handshake,
        keepalive,
        resp3,
        databases,
        pinnedMax,
        protocol);
  }

  /**
   * The same for connections to replicas.
   *
   * @param millis time-out for a reply; another handshake
   */
  public BackendSettings ofReplicas(long millis, List<HandshakeStep> steps) {
    return new BackendSettings(
        millis,
        connectionsPerNode,
        unsentBytes,
        maxBulkLength,
        steps,
        keepalive,
        resp3,
        databases,
        pinnedMax,
        protocol);
  }

  /**
   * The same for connections of a kind: they say so when they have authenticated. What clients
   * chose, a node may refuse without being down.
   */
  BackendSettings speaking(boolean inResp3, int database) {
    if (!inResp3 && database == 0) {
      return this;
    }
    List<HandshakeStep> steps = new ArrayList<>(handshake);
    int afterAuth = !steps.isEmpty() && steps.get(0).name().equals("AUTH") ? 1 : 0;
    if (database > 0) {
      steps.add(afterAuth, HandshakeStep.select(HandshakeStep.Refusal.ENDS_CONNECTION, database));
    }
    if (inResp3) {
      steps.add(afterAuth, HandshakeStep.HELLO_3);
    }
    return new BackendSettings(
        timeoutMillis,
        connectionsPerNode,
        unsentBytes,
        maxBulkLength,
        steps,
        keepalive,
        inResp3,
        databases,
        pinnedMax,
        protocol);
  }
}
