package io.cashew.proxy.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Policy;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.cashew.proxy.cache.rule.CacheRule;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is kept, up to a number of bytes, of which what is asked for most stays. Shared by all
 * threads: a look-up takes no lock and allocates nothing.
 */
final class Store {
  private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final Cache<KeyBytes, Kept> cache;
  private final Policy<KeyBytes, Kept> policy;
  private final Upkeep upkeep;
  private final long most;

  /** Bytes of all entries; a little late. */
  private final AtomicLong weight = new AtomicLong();

  /** Look-ups to one that counts as a use. */
  private volatile int gap = Uses.GAP_WITH_ROOM;

  /** By which entries expire: whoever looks something up has read the clock already. */
  private volatile long nowNanos = System.nanoTime();

  /** Bytes and entries by the index of their rule; a scrape reads them a little late. */
  private final AtomicLongArray bytes;

  private final AtomicLongArray entries;

  /** Forgotten to make room, since somebody asked. */
  private final AtomicLongArray evictions;

  Store(long most, int rules, Upkeep upkeep) {
    this.upkeep = upkeep;
    this.most = most;
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
            .ticker(() -> nowNanos)
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

  /**
   * What is kept of a key, whether it still counts or not; to be given, perhaps.
   *
   * @param uses of the worker that asks
   * @param nowNanos as {@code System.nanoTime}
   */
  @Nullable Kept get(KeyBytes key, Uses uses, long nowNanos) {
    passes(nowNanos);
    return uses.next(gap) ? cache.getIfPresent(key) : policy.getIfPresentQuietly(key);
  }

  /** Look-ups to one that counts as a use: fewer are noted while there is much room. */
  int gap() {
    return gap;
  }

  /** It is that late. */
  private void passes(long now) {
    if (now - nowNanos > STEP_NANOS) {
      nowNanos = now;
    }
  }

  /** The same without counting as use. */
  @Nullable Kept look(KeyBytes key) {
    return policy.getIfPresentQuietly(key);
  }

  /** Keeps something, unless too much is being written. */
  void put(Kept kept) {
    if (upkeep.lags()) {
      upkeep.catchUp(cache::cleanUp); // Caffeine begins it with the next write or use only
      return;
    }
    passes(System.nanoTime());
    upkeep.wrote();
    count(kept, 1);
    Kept before = cache.asMap().put(kept.key(), kept);
    if (before != null) {
      count(before, -1);
    }
  }

  private void count(@Nullable Kept kept, int sign) {
    if (kept != null) {
      long change = (long) sign * kept.weight();
      bytes.getAndAdd(kept.rule().index(), change);
      gap = weight.addAndGet(change) > most / 2 ? Uses.GAP : Uses.GAP_WITH_ROOM;
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
        boolean counts = kept.counts(versions, stripe);
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
