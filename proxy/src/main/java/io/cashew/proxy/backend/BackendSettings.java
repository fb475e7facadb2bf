package io.cashew.proxy.backend;

import java.util.ArrayList;
import java.util.List;

/**
 * What the connections to the nodes of one pool have in common.
 *
 * @param timeoutMillis for a reply, counted from the write and again from each reply; 0: none
 * @param connectionsPerNode on each worker, at least 1
 * @param unsentBytes not yet taken by a node at which its feeders are no longer read from
 * @param maxBulkLength longest bulk string in a reply
 * @param handshake commands sent before the first request, in order
 * @param tcpKeepalive whether SO_KEEPALIVE is set
 * @param resp3 whether replies come in RESP3
 */
public record BackendSettings(
    long timeoutMillis,
    int connectionsPerNode,
    int unsentBytes,
    long maxBulkLength,
    List<HandshakeStep> handshake,
    boolean tcpKeepalive,
    boolean resp3) {

  /** For what has to end even in a pool without a time-out: probes, handshakes, stalls. */
  static final long FALLBACK_TIMEOUT_MILLIS = 1000;

  public BackendSettings {
    handshake = List.copyOf(handshake);
  }

  /** {@link #timeoutMillis()}, or {@link #FALLBACK_TIMEOUT_MILLIS} where that is none. */
  long finiteTimeoutMillis() {
    return timeoutMillis > 0 ? timeoutMillis : FALLBACK_TIMEOUT_MILLIS;
  }

  BackendSettings withTimeoutMillis(long millis) {
    return new BackendSettings(
        millis, connectionsPerNode, unsentBytes, maxBulkLength, handshake, tcpKeepalive, resp3);
  }

  /** The same for connections that speak RESP3: they say so when they have authenticated. */
  BackendSettings speakingResp3() {
    List<HandshakeStep> steps = new ArrayList<>(handshake);
    int afterAuth = !steps.isEmpty() && steps.get(0).name().equals("AUTH") ? 1 : 0;
    steps.add(afterAuth, HandshakeStep.HELLO_3);
    return new BackendSettings(
        timeoutMillis, connectionsPerNode, unsentBytes, maxBulkLength, steps, tcpKeepalive, true);
  }
}
