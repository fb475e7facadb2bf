package io.cashew.proxy.cache;

import io.cashew.proxy.cache.rule.CacheRule;
import java.util.concurrent.TimeUnit;

/** Hears how long a key will live whose value may be kept. */
interface Life {
  long FOR_EVER = -1;
  long NO_KEY = -2;
  long UNKNOWN = -3;

  /**
   * What the server says to PTTL.
   *
   * @param millis or {@link #FOR_EVER}, {@link #NO_KEY}, {@link #UNKNOWN}
   */
  void lives(long millis);

  /**
   * For how long a value is given as the newest.
   *
   * @param lifeMillis of a key that is there: what the server says. It counts in whole
   *     milliseconds, of which the last may be over
   */
  static long nearMillis(CacheRule rule, long lifeMillis) {
    return lifeMillis < 0 ? rule.nearMillis() : Math.min(rule.nearMillis(), lifeMillis - 1);
  }

  /**
   * So much later than it was asked for a key has ended, or a moment later: a server counts in
   * whole milliseconds, of which the last may be over.
   */
  static long endNanos(long lifeMillis) {
    return lifeMillis == FOR_EVER
        ? Kept.NEVER_NANOS
        : TimeUnit.MILLISECONDS.toNanos(Math.max(0, lifeMillis - 1));
  }
}
