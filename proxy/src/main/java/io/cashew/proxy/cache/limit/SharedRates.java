package io.cashew.proxy.cache.limit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cashew.proxy.cache.rule.CacheRule;
import java.net.InetAddress;

/**
 * The buckets of one pool, by what they are for. Shared by the workers, which look one up when a
 * client comes or the settings change, and keep it. So a limit that a reload does not change goes
 * on as it is; what nobody has any more is forgotten.
 */
public final class SharedRates {
  private final Cache<Subject, RateBucket> buckets = Caffeine.newBuilder().weakValues().build();
  private final Cache<Subject, KeyBuckets> ofKeys = Caffeine.newBuilder().weakValues().build();

  private sealed interface Subject {}

  private record OfPool(int perSecond) implements Subject {}

  private record OfUser(String user, int perSecond) implements Subject {}

  private record OfAddress(InetAddress address, int perSecond) implements Subject {}

  private record OfRule(String match, int perSecond) implements Subject {}

  /** Of all requests of the pool. */
  public RateBucket ofPool(int perSecond, long nowNanos) {
    return of(new OfPool(perSecond), perSecond, nowNanos);
  }

  /** Of all clients of a user. */
  public RateBucket ofUser(String user, int perSecond, long nowNanos) {
    return of(new OfUser(user, perSecond), perSecond, nowNanos);
  }

  /** Of all clients of an address. */
  public RateBucket ofAddress(InetAddress address, int perSecond, long nowNanos) {
    return of(new OfAddress(address, perSecond), perSecond, nowNanos);
  }

  /** Of all keys of a rule, by its {@link CacheRule#rate}, which it has. */
  public RateBucket ofRule(CacheRule rule, long nowNanos) {
    return of(new OfRule(rule.match(), rule.rate()), rule.rate(), nowNanos);
  }

  private RateBucket of(Subject subject, int perSecond, long nowNanos) {
    return buckets.get(subject, absent -> new RateBucket(perSecond, nowNanos));
  }

  /** Of each key of a rule, by its {@link CacheRule#ratePerKey}, which it has. */
  public KeyBuckets ofKeys(CacheRule rule) {
    return ofKeys.get(
        new OfRule(rule.match(), rule.ratePerKey()), absent -> new KeyBuckets(rule.ratePerKey()));
  }
}
