package io.cashew.proxy.control;

import io.cashew.proxy.cache.NearCache;
import io.cashew.proxy.cache.rule.CacheRules;
import io.cashew.proxy.config.CacheSettings;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.topology.Topology;
import org.jspecify.annotations.Nullable;

/** The near cache of a pool, as its settings and its topology change. */
final class PoolCache {
  private PoolCache() {}

  /** The cache of a pool that begins; null: its rules keep nothing. */
  static @Nullable NearCache of(PoolSettings settings, ProxyParts proxy, Topology topology) {
    CacheSettings cache = settings.cache();
    CacheRules rules = CacheRules.of(cache.rules());
    return rules.any(rule -> rule.hearsOfWrites() || rule.collapses())
        ? new NearCache(
            settings.name(),
            rules,
            cache.memoryBytes(),
            Math.toIntExact(cache.maxValueBytes()),
            cache.leaseWaiters(),
            proxy.workers().workers().size(),
            topology)
        : null;
  }

  /**
   * The cache of a pool from now on: before any worker routes by the topology.
   *
   * @param now what it has had
   */
  static @Nullable NearCache next(
      @Nullable NearCache now,
      PoolSettings before,
      PoolSettings settings,
      ProxyParts proxy,
      Topology topology) {
    if (!settings.cache().equals(before.cache())) {
      return of(settings, proxy, topology);
    }
    if (now != null) {
      now.topologyChanges(topology);
    }
    return now;
  }

  /** Ends a cache unless it is the one that is used now. */
  static void close(@Nullable NearCache cache, @Nullable NearCache now) {
    if (cache != null && cache != now) {
      cache.close();
    }
  }
}
