package io.cashew.proxy.testing;

import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.cache.rule.Guard;
import java.util.List;

/** Rules of a cache, for tests. */
public final class Rules {
  private Rules() {}

  /** Values are kept for so long. */
  public static CacheRule near(String match, long millis) {
    return near(match, millis, 0);
  }

  /** Values are kept for so long, and that there is none for so long. */
  public static CacheRule near(String match, long nearMillis, long missingMillis) {
    return new CacheRule(
        0, match, nearMillis, missingMillis, false, 0, 0, 0, Guard.OFF, 0, 0, 0, 0, List.of());
  }

  /** Equal reads under way become one, and nothing is kept. */
  public static CacheRule collapse(String match) {
    return new CacheRule(0, match, 0, 0, true, 0, 0, 0, Guard.OFF, 0, 0, 0, 0, List.of());
  }

  /** As {@link #near}, and the first that is told that there is no such key loads it. */
  public static CacheRule lease(String match, long nearMillis, long leaseMillis) {
    return new CacheRule(
        0, match, nearMillis, 0, false, leaseMillis, 0, 0, Guard.OFF, 0, 0, 0, 0, List.of());
  }

  /** As {@link #near}, and a value that has ended is given for so long to all but one. */
  public static CacheRule stale(String match, long nearMillis, long staleMillis) {
    return stale(match, nearMillis, 0, 0, staleMillis);
  }

  /** The same with nils that are kept, and a lease. */
  public static CacheRule stale(
      String match, long nearMillis, long missingMillis, long leaseMillis, long staleMillis) {
    return new CacheRule(
        0,
        match,
        nearMillis,
        missingMillis,
        false,
        leaseMillis,
        staleMillis,
        0,
        Guard.OFF,
        0,
        0,
        0,
        0,
        List.of());
  }

  /** As {@link #near}, and what is kept is given for so long while the server cannot answer. */
  public static CacheRule staleOnError(String match, long nearMillis, long staleMillis) {
    return new CacheRule(
        0, match, nearMillis, 0, false, 0, 0, staleMillis, Guard.OFF, 0, 0, 0, 0, List.of());
  }
}
