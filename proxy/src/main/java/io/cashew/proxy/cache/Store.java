package io.cashew.proxy.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Policy;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.cashew.proxy.cache.rule.CacheRule;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is kept, up to a number of bytes, of which what is asked for most stays. Shared by all
 * threads: a look-up takes no lock and allocates nothing.
 */
final class Store {
  private final Cache<KeyBytes, Kept> cache;
  private final Policy<KeyBytes, Kept> policy;
  private final Upkeep upkeep;

  /** Bytes and entries by the index of their rule; a scrape reads them a little late. */
  private final AtomicLongArray bytes;

  private final AtomicLongArray entries;

  /** Forgotten to make room, since somebody asked. */
  private final AtomicLongArray evictions;

  Store(long most, int rules, Upkeep upkeep) {
    this.upkeep = upkeep;
    bytes = new AtomicLongArray(rules);
    entries = new AtomicLongArray(rules);
    evictions = new AtomicLongArray(rules);
    cache =
        Caffeine.newBuilder()
            .maximumWeight(most)
            .weigher((KeyBytes key, Kept kept) -> kept.weight())
            .expireAfter(new AtItsEnd())
            .evictionListener(this::onEviction)
            .executor(upkeep)
            .build();
    policy = cache.policy();
  }

  private void onEviction(@Nullable KeyBytes key, @Nullable Kept kept, RemovalCause cause) {
    if (kept != null) { // always: nothing is held by weak references
      count(kept, -1);
      if (cause == RemovalCause.SIZE) {
        evictions.getAndIncrement(kept.rule().index());
      }
    }
  }

  /** Removes what has expired; that it is not given any more, {@link Kept#isGood} says. */
  private static final class AtItsEnd implements Expiry<KeyBytes, Kept> {
    @Override
    public long expireAfterCreate(KeyBytes key, Kept kept, long currentTime) {
      return Math.max(0, kept.uselessNanos() - currentTime);
    }

    @Override
    public long expireAfterUpdate(KeyBytes key, Kept kept, long currentTime, long currentDuration) {
      return Math.max(0, kept.uselessNanos() - currentTime);
    }

    @Override
    public long expireAfterRead(KeyBytes key, Kept kept, long currentTime, long currentDuration) {
      return currentDuration;
    }
  }

  /** What is kept of a key, whether it still counts or not; to be given, perhaps. */
  @Nullable Kept get(KeyBytes key) {
    return cache.getIfPresent(key);
  }

  /** The same without counting as use. */
  @Nullable Kept look(KeyBytes key) {
    return policy.getIfPresentQuietly(key);
  }

  /** Keeps something, unless too much is being written. */
  void put(Kept kept) {
    if (upkeep.lags()) {
      return;
    }
    upkeep.wrote();
    count(kept, 1);
    Kept before = cache.asMap().put(kept.key(), kept);
    if (before != null) {
      count(before, -1);
    }
  }

  private void count(@Nullable Kept kept, int sign) {
    if (kept != null) {
      bytes.getAndAdd(kept.rule().index(), (long) sign * kept.weight());
      entries.getAndAdd(kept.rule().index(), sign);
    }
  }

  /** Keys of a rule of which something is kept, whether it counts or not. */
  long entries(CacheRule rule) {
    return entries.get(rule.index());
  }

  /** Keys of it that were forgotten to make room, since this was asked last. */
  long takeEvictions(CacheRule rule) {
    return evictions.getAndSet(rule.index(), 0);
  }

  /** Bytes of it. */
  long bytes(CacheRule rule) {
    return bytes.get(rule.index());
  }

  /**
   * Ends what is kept of keys.
   *
   * @return of how many of them something was kept that counted
   */
  int end(Predicate<KeyBytes> which, Versions versions) {
    int ended = 0;
    for (Map.Entry<KeyBytes, Kept> each : cache.asMap().entrySet()) {
      KeyBytes key = each.getKey();
      if (which.test(key)) {
        int stripe = versions.stripe(key.hash());
        Kept kept = each.getValue();
        Stale stale = kept.stale();
        boolean counts = versions.now(stripe) == kept.version();
        ended += counts || (stale != null && stale.isGiven(System.nanoTime())) ? 1 : 0;
        versions.end(stripe);
        kept.isOutdated();
      }
    }
    return ended;
  }

  /** Forgets everything. */
  void clear() {
    cache.invalidateAll();
  }
}
