package io.cashew.proxy.cache.limit;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A bucket of tokens, as many as come in a second, which it begins with. Shared by the workers,
 * without a lock: all that it has is one number, the time at which it will be full again (the
 * generic cell rate algorithm of ITU-T I.371).
 */
public final class RateBucket {
  /** Units of time of a nanosecond, so that a thousand million tokens a second are still exact. */
  private static final int SCALE = 1 << 10;

  private static final long SECOND = 1_000_000_000L * SCALE;

  private final long unitsOfToken;
  private final AtomicLong fullAt;

  /**
   * A full bucket.
   *
   * @param perSecond tokens that come in a second, at least 1
   * @param nowNanos on the clock that {@link #take} is told, of {@link System#nanoTime}
   */
  public RateBucket(int perSecond, long nowNanos) {
    unitsOfToken = SECOND / perSecond;
    fullAt = new AtomicLong(nowNanos * SCALE);
  }

  /** Takes so many tokens. @return false if there are fewer: then none is taken */
  public boolean take(int tokens, long nowNanos) {
    long now = nowNanos * SCALE;
    while (true) {
      long full = fullAt.get();
      long missing = full - now;
      // No bucket lacks more than a second's tokens: it is full, and time has gone all round.
      long taken = (missing < 0 || missing > SECOND ? 0 : missing) + tokens * unitsOfToken;
      if (taken > SECOND) {
        return false;
      }
      if (fullAt.compareAndSet(full, now + taken)) {
        return true;
      }
    }
  }

  /** Gives tokens back that were taken, and for nothing. */
  public void giveBack(int tokens) {
    fullAt.addAndGet(-tokens * unitsOfToken);
  }
}
