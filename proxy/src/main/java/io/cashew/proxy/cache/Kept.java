package io.cashew.proxy.cache;

import io.cashew.proxy.cache.rule.CacheRule;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of one key. Shared by all threads: but for whether it counts, and how it ended,
 * nothing of it changes.
 */
class Kept extends Claimed {
  /** When a key ends that lives for ever: so far away that it never is. */
  static final long NEVER_NANOS = TimeUnit.DAYS.toNanos(36_500);

  /** What an entry costs besides its bytes. */
  private static final int OVERHEAD = 160;

  /** What it costs to know how a value has ended. */
  private static final int STALE_OVERHEAD = 64;

  private final KeyBytes key;
  private final CacheRule rule;
  private final byte @Nullable [] reply;
  private final Source source;
  private final long era;
  private final long flushes;
  private final int group;
  private final long stamp;
  private final long endNanos;
  private final long keyEndNanos;

  /** How it has ended as the newest value of its key; null: it has not, as far as is known. */
  private volatile @Nullable Stale stale;

  /**
   * Something to keep.
   *
   * @param reply to GET, whole; null: there is no such key
   * @param origin who has said it
   * @param endNanos when its life is over, as {@code System.nanoTime}
   * @param keyEndNanos when its key expires, or a moment before
   * @param version the number that was claimed for it
   */
  Kept(
      KeyBytes key,
      CacheRule rule,
      byte @Nullable [] reply,
      Origin origin,
      long endNanos,
      long keyEndNanos,
      long version) {
    super(version);
    this.key = key;
    this.rule = rule;
    this.reply = reply;
    source = origin.source();
    era = origin.era();
    flushes = origin.flushes();
    group = origin.group();
    stamp = origin.stamp();
    this.endNanos = endNanos;
    this.keyEndNanos = keyEndNanos;
  }

  KeyBytes key() {
    return key;
  }

  CacheRule rule() {
    return rule;
  }

  /** The reply to GET; null: there is no such key, or it is a hash. */
  byte @Nullable [] reply() {
    return reply;
  }

  /**
   * Whether a reply to GET says the same.
   *
   * @param other its first {@code length} bytes; null: there is no such key
   */
  final boolean says(byte @Nullable [] other, int length) {
    byte[] value = reply;
    if (value == null || other == null) {
      return isMissing() && other == null;
    }
    return Arrays.equals(value, 0, value.length, other, 0, length);
  }

  /** The hash; null: it is none. */
  @Nullable HashValue hash() {
    return null;
  }

  /** Whether there is no such key. */
  final boolean isMissing() {
    return reply == null && hash() == null;
  }

  /** Whether its server may be believed and has had the key since, and its life is not over. */
  boolean isGood(Ownership ownership, long nowNanos) {
    return endNanos - nowNanos > 0 && isBelieved(ownership, nowNanos);
  }

  /** Whether its server may be believed and has had the key since. */
  boolean isBelieved(Ownership ownership, long nowNanos) {
    return source.isBelieved(era, nowNanos) && ownership.stamp(group) == stamp;
  }

  /**
   * Whether it is given while its server cannot answer, though its life may be over: its key lived
   * when the server answered last.
   */
  boolean isGoodOnError(Ownership ownership, long nowNanos) {
    long most = TimeUnit.MILLISECONDS.toNanos(rule.staleOnErrorMillis());
    return ownership.stamp(group) == stamp
        && source.hasAnsweredWithin(most, flushes, nowNanos)
        && keyEndNanos - source.heardNanos() > 0;
  }

  /** How long its life is, as far as it is not ended before. */
  long remainingNanos(long nowNanos) {
    return endNanos - nowNanos;
  }

  /** When it is of no use any more, as {@code System.nanoTime}. */
  long uselessNanos() {
    long longest = Math.max(rule.staleMillis(), rule.staleOnErrorMillis());
    return isMissing() || longest == 0
        ? endNanos
        : keyEndNanos + TimeUnit.MILLISECONDS.toNanos(longest);
  }

  /** Bytes that it takes. */
  int weight() {
    byte[] value = reply;
    return OVERHEAD
        + (rule.staleMillis() > 0 ? STALE_OVERHEAD : 0)
        + key.length()
        + (value == null ? 0 : value.length);
  }

  // ---------------------------------------------------------------- how it ended

  /** How it has ended as the newest value of its key; null: it has not, as far as is known. */
  @Nullable Stale stale() {
    return stale;
  }

  /**
   * It may have ended as the newest value of its key.
   *
   * @return how it has: as was known before, if it was
   */
  synchronized Stale ends(long nowNanos) {
    Stale known = stale;
    if (known == null) {
      long life = TimeUnit.MILLISECONDS.toNanos(rule.staleMillis());
      boolean expired = keyEndNanos - nowNanos <= 0;
      stale = known = expired ? Stale.expired(keyEndNanos, life) : Stale.undecided(nowNanos, life);
    }
    return known;
  }

  /** Whether its key has expired, as far as its time to live says. */
  boolean hasExpired(long nowNanos) {
    return keyEndNanos - nowNanos <= 0;
  }

  /** There is, or may be, a newer value of its key: it is not given once that has ended. */
  synchronized void isOutdated() {
    Stale known = stale;
    if (known == null) {
      stale = Stale.NEVER;
    } else {
      known.end();
    }
  }
}
