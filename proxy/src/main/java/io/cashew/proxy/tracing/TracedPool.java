package io.cashew.proxy.tracing;

/**
 * A pool whose requests may become spans.
 *
 * @param name of the pool
 * @param system what its servers are, in OpenTelemetry's words: {@code redis} or {@code memcached}
 */
public record TracedPool(String name, String system) {
  /** Servers of Redis and Valkey. */
  public static final String REDIS = "redis";

  /** Servers of memcached. */
  public static final String MEMCACHED = "memcached";
}
