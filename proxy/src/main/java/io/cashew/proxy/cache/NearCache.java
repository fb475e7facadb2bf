package io.cashew.proxy.cache;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.cache.rule.CacheRules;
import io.cashew.proxy.command.LinearGlob;
import io.cashew.proxy.topology.Topology;
import io.netty.buffer.Unpooled;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * What one pool keeps of the values of its servers, and of keys that do not exist. Shared by all
 * threads; each worker has a {@link CachePart}.
 *
 * <p>What is kept of a key is given while nothing has been heard of the key since ({@link
 * Versions}), its server is heard ({@link Source}) and still its server ({@link Ownership}), and
 * its life is not over. None of this is looked for when something changes: a look-up finds it.
 */
public final class NearCache implements AutoCloseable {
  /** Nothing is kept of a key. */
  public static final long NOT_KEPT = -2;

  private static final int STRIPES_MIN = 1 << 12;
  private static final int STRIPES_MAX = 1 << 20;

  /** With entries so large each has a stripe: what is heard of one ends no other. */
  private static final int BYTES_A_STRIPE = 256;

  /** What a value has around it. */
  private static final int HEADER_BYTES = 16;

  /** So long before and after a flush at a certain time nothing is kept. */
  private static final long FLUSH_SLACK_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);

  /** The part of the memory that is for keys that do not exist. */
  private static final int MISSING_SHARE = 16;

  private final CacheRules rules;
  private final long memory;
  private final int maxValue;
  private final int workers;
  private final Upkeep upkeep;
  private final Versions versions;
  private final Store values;
  private final Store missing;
  private final Keeper keeper;
  private final Leases leases;
  private final StaleValues staleValues;
  private final KeyFilters filters;
  private final LoadingCache<Node, Source> sources =
      Caffeine.newBuilder().weakKeys().build(node -> new Source());
  private volatile Ownership ownership;

  /** When servers flush all keys by what clients have asked for; 0: at no time that is known. */
  private volatile long flushedAtNanos;

  /**
   * An empty cache.
   *
   * @param memory bytes of all that is kept
   * @param maxValue bytes of a value that is kept
   * @param leaseWaitersMax requests that may wait until others have loaded their keys
   * @param workers how many there are
   * @param topology of the pool
   */
  public NearCache(
      String pool,
      CacheRules rules,
      long memory,
      int maxValue,
      int leaseWaitersMax,
      int workers,
      Topology topology) {
    this.rules = rules;
    this.memory = memory;
    filters = new KeyFilters(pool, memory);
    this.maxValue = maxValue;
    this.workers = workers;
    upkeep = new Upkeep(pool);
    long stripes = Long.highestOneBit(Math.max(1, memory / BYTES_A_STRIPE));
    versions = new Versions((int) Math.max(STRIPES_MIN, Math.min(STRIPES_MAX, stripes)));
    long forMissing = memory / MISSING_SHARE;
    values = new Store(memory - forMissing, rules.rules().size(), upkeep);
    missing = new Store(forMissing, rules.rules().size(), upkeep);
    keeper = new Keeper(versions, values, missing);
    leases = new Leases(versions, leaseWaitersMax);
    staleValues = new StaleValues(values, versions);
    ownership = Ownership.of(topology);
  }

  CacheRules rules() {
    return rules;
  }

  /** Bytes of the longest reply that is kept. */
  int replyBytesMax() {
    return maxValue + HEADER_BYTES;
  }

  int workers() {
    return workers;
  }

  Versions versions() {
    return versions;
  }

  Store values() {
    return values;
  }

  Store missing() {
    return missing;
  }

  /** Who puts what is kept into {@link #values} and {@link #missing}. */
  Keeper keeper() {
    return keeper;
  }

  Leases leases() {
    return leases;
  }

  StaleValues staleValues() {
    return staleValues;
  }

  KeyFilters filters() {
    return filters;
  }

  Ownership ownership() {
    return ownership;
  }

  Source source(Node node) {
    return sources.get(node);
  }

  /**
   * Keys, or servers, are about to be elsewhere: called before any worker routes by it, on the
   * control thread.
   */
  public void topologyChanges(Topology next) {
    ownership = ownership.next(next);
  }

  /** All servers that are or were heard. */
  Iterable<Source> sources() {
    return sources.asMap().values();
  }

  /** Nothing that was kept until now is given any more. */
  public void forgetAll() {
    sources.asMap().values().forEach(Source::forget);
  }

  /** Servers flush all keys then: as {@code System.nanoTime}. */
  void isFlushedAt(long nanos) {
    flushedAtNanos = nanos;
  }

  /**
   * When the life is over of what would live until a time, since everything is flushed.
   *
   * @param endNanos as {@code System.nanoTime}
   */
  long endBeforeFlush(long endNanos) {
    long flushed = flushedAtNanos;
    long now = System.nanoTime();
    // Servers count whole seconds of their own.
    boolean isToCome = flushed != 0 && flushed + FLUSH_SLACK_NANOS - now > 0;
    long latest = flushed - FLUSH_SLACK_NANOS;
    return isToCome && endNanos - latest > 0 ? latest : endNanos;
  }

  /** Something was heard of all of these keys. */
  void end(Stripes of) {
    if (of.areAll()) {
      forgetAll();
      leases.heardOfAll();
    }
    for (int i = 0; i < of.count(); i++) {
      versions.end(of.stripe(i));
      leases.heardOf(of.stripe(i));
    }
  }

  /** Some of these keys may have been written by a client. */
  void areWritten(Stripes of) {
    end(of);
    List<KeyBytes> keys = of.keys();
    for (int i = 0; i < keys.size(); i++) {
      staleValues.isWritten(keys.get(i));
    }
  }

  /**
   * Ends what is kept of keys that have changed elsewhere, as a server's message would; also what
   * is being asked for. From any thread.
   *
   * @return of how many of them something was kept
   */
  public int invalidate(List<byte[]> keys) {
    Set<KeyBytes> these = new HashSet<>();
    for (byte[] key : keys) {
      KeyBytes one = new KeyBytes();
      one.set(Unpooled.wrappedBuffer(key), 0, key.length);
      these.add(one);
    }
    int ended = end(these::contains);
    these.forEach(
        key -> {
          versions.end(versions.stripe(key.hash()));
          staleValues.isWritten(key);
          leases.heardOf(versions.stripe(key.hash()));
        });
    return ended;
  }

  /** The same of all keys of which something is kept now and that match a pattern. */
  public int invalidateAll(byte[] pattern) {
    LinearGlob glob = new LinearGlob(pattern);
    int ended = end(key -> glob.matches(Unpooled.wrappedBuffer(key.bytes()), 0, key.length()));
    leases.heardOfAll();
    return ended;
  }

  /** Bytes of all that may be kept. */
  public long memory() {
    return memory;
  }

  /**
   * How long what is kept of a key is given, as far as nothing ends it before; from any thread.
   *
   * @return in milliseconds; {@link #NOT_KEPT}: nothing is kept that is given
   */
  public long keptMillis(byte[] key) {
    KeyBytes of = new KeyBytes();
    of.set(key, 0, key.length);
    long now = System.nanoTime();
    long most = NOT_KEPT;
    for (Store store : List.of(values, missing)) {
      Kept kept = store.look(of);
      if (kept != null && keeper.counts(kept) && kept.isGood(ownership, now)) {
        most = Math.max(most, TimeUnit.NANOSECONDS.toMillis(kept.remainingNanos(now)));
      }
    }
    return most;
  }

  private int end(Predicate<KeyBytes> which) {
    return values.end(which, versions) + missing.end(which, versions);
  }

  @Override
  public void close() {
    forgetAll();
    values.clear();
    missing.clear();
    upkeep.close();
  }
}
