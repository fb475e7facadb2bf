package io.cashew.proxy.cache;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.cashew.proxy.backend.Node;

/** The filter of each server of a pool. Shared by all threads. */
final class KeyFilters {
  private final String pool;
  private final long mostBytes;
  private final LoadingCache<Node, KeyFilter> filters =
      Caffeine.newBuilder().weakKeys().build(node -> new KeyFilter());

  /**
   * None is complete yet.
   *
   * @param mostBytes of one
   */
  KeyFilters(String pool, long mostBytes) {
    this.pool = pool;
    this.mostBytes = mostBytes;
  }

  String pool() {
    return pool;
  }

  long mostBytes() {
    return mostBytes;
  }

  KeyFilter of(Node node) {
    return filters.get(node);
  }
}
