package io.cashew.proxy.metrics;

import org.HdrHistogram.Histogram;

/**
 * How long replies took, as one worker saw it. Owned by that worker, written and read as a {@link
 * NodeRecorder} is: a scrape sees a count a moment late.
 *
 * <p>An HdrHistogram of microseconds up to 60 s with one significant digit: 16 steps to a doubling
 * (an error below 7 %), some 3 KB, allocated once and never resized, so that the array a scrape
 * reads is the array that is written. A reply of {@code n} whole microseconds or less is counted
 * below {@code n}: the bounds of {@link LatencyBuckets} are the histogram's own and therefore
 * exact.
 */
public final class LatencyRecorder {

  private static final long MAX_MICROS = 60_000_000;
  private static final long MAX_NANOS = MAX_MICROS * 1_000;
  private static final int SIGNIFICANT_DIGITS = 1;

  private final Histogram micros = newHistogram();
  private long sumNanos;

  /**
   * Counts one reply. Allocates nothing.
   *
   * @param nanos from the write of the request to the end of its reply; a clock that went back (a
   *     negative value) counts as 0, and more than 60 s as 60 s
   */
  public void record(long nanos) {
    long clamped = Math.max(0, Math.min(nanos, MAX_NANOS));
    micros.recordValue(slot(clamped));
    sumNanos += clamped;
  }

  /**
   * Counts replies that took the same time: written in one batch and read in one. Allocates
   * nothing.
   *
   * @param nanos as {@link #record(long)}
   * @param count how many, at least 0
   */
  public void record(long nanos, long count) {
    long clamped = Math.max(0, Math.min(nanos, MAX_NANOS));
    micros.recordValueWithCount(slot(clamped), count);
    sumNanos += clamped * count;
  }

  /** Microseconds rounded up, less one: the interval (n, n + 1] is counted at n. */
  private static long slot(long nanos) {
    return nanos == 0 ? 0 : (nanos - 1) / 1_000;
  }

  /** Empty, of the shape that all have. */
  static Histogram newHistogram() {
    return new Histogram(1, MAX_MICROS, SIGNIFICANT_DIGITS);
  }

  /** Adds what is here, where each value stands for the microsecond that ends it. */
  void addTo(Histogram sum) {
    sum.add(micros);
  }

  /** Sum of what was recorded, in nanoseconds. */
  long sumNanos() {
    return sumNanos;
  }

  /** Replies that took more than {@code fromMicros} and at most {@code toMicros}. */
  long count(long fromMicros, long toMicros) {
    return micros.getCountBetweenValues(fromMicros, Math.min(toMicros, MAX_MICROS) - 1);
  }
}
