package io.cashew.proxy.cache.expiry;

import java.util.function.LongUnaryOperator;

/**
 * Makes times to live longer, each by a share of its own: evenly spread from nothing to so many
 * hundredths. Immutable.
 *
 * @param random a number from 0 to one below its argument
 */
public record Jitter(LongUnaryOperator random) {
  /** A time that is longer, in a thousand years, is no time to live; Redis may refuse it. */
  static final long MOST_MILLIS = 1000L * 366 * 24 * 3600 * 1000;

  /**
   * A time to live.
   *
   * @param millis as the client has set it; one that is over already stays as it is
   */
  public long longer(long millis, int percent) {
    if (millis <= 0 || millis > MOST_MILLIS) {
      return millis;
    }
    return millis + random.applyAsLong(millis * percent / 100 + 1);
  }
}
