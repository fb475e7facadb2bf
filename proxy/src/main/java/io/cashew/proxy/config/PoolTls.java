package io.cashew.proxy.config;

import java.util.Optional;

/**
 * TLS on the two sides of a pool.
 *
 * @param clients towards clients; empty: plain TCP
 * @param nodes towards nodes; empty: plain TCP
 */
public record PoolTls(Optional<ListenerTls> clients, Optional<NodeTls> nodes) {
  /** Plain TCP on both sides. */
  public static final PoolTls NONE = new PoolTls(Optional.empty(), Optional.empty());
}
