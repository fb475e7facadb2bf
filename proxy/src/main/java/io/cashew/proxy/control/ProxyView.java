package io.cashew.proxy.control;

import java.util.List;

/**
 * A proxy as it may be shown, at one moment.
 *
 * @param version of the program
 * @param transport how bytes reach the kernel
 * @param workers event loops
 * @param ready whether it should be sent clients
 * @param uptimeSeconds since it started
 * @param memoryBytes bytes of requests and replies in its buffers
 * @param memoryLimitBytes above which no new work is taken
 * @param pools in the order of the configuration
 */
public record ProxyView(
    String version,
    String transport,
    int workers,
    boolean ready,
    long uptimeSeconds,
    long memoryBytes,
    long memoryLimitBytes,
    List<PoolView> pools) {

  /** The pool that has a key of a pool: another one, if this one has routes. */
  public PoolView poolOf(PoolView pool, byte[] key) {
    return pool.routes() == null
        ? pool
        : pools.stream()
            .filter(each -> each.name().equals(pool.nodeOf(key)))
            .findFirst()
            .orElse(pool);
  }
}
