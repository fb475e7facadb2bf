package io.cashew.proxy.backend;

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
 */
public record BackendSettings(
    long timeoutMillis,
    int connectionsPerNode,
    int unsentBytes,
    long maxBulkLength,
    List<HandshakeStep> handshake,
    boolean tcpKeepalive) {

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
        millis, connectionsPerNode, unsentBytes, maxBulkLength, handshake, tcpKeepalive);
  }
}
