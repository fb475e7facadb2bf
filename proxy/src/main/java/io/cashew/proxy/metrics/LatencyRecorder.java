package io.cashew.proxy.metrics;

import org.HdrHistogram.Histogram;

/**
 * How long replies took, as one worker saw it. Owned by that worker, written and read as a {@link
 * NodeRecorder} is: a scrape sees a count a moment late.
 *
 * <p>Counts of microseconds up to 60 s, laid out as those of an HdrHistogram with one significant
 * digit: 16 steps to a doubling (an error below 7 %), some 3 KB, allocated once and never resized,
 * so that the array a scrape reads is the array that is written. They are counted here, and become
 * a {@link Histogram} when somebody reads them: its own way to a count is five times as long, twice
 * a request. A reply of {@code n} whole microseconds or less is counted below {@code n}: the bounds
 * of {@link LatencyBuckets} are the histogram's own and therefore exact.
 */
public final class LatencyRecorder {

  private static final long MAX_MICROS = 60_000_000;
  private static final long MAX_NANOS = MAX_MICROS * 1_000;
  private static final int SIGNIFICANT_DIGITS = 1;

  /** Values below 2 to this power have a count each; from there on there are half as many steps. */
  private static final int EXACT_BITS = 5;

  private static final int STEPS_BITS = EXACT_BITS - 1;

  private final long[] counts = new long[index(MAX_MICROS) + 1];
  private long sumNanos;

  /**
   * Counts one reply. Allocates nothing.
   *
   * @param nanos from the write of the request to the end of its reply; a clock that went back (a
   *     negative value) counts as 0, and more than 60 s as 60 s
   */
  public void record(long nanos) {
    record(nanos, 1);
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
    counts[index(slot(clamped))] += count;
    sumNanos += clamped * count;
  }

  /** Microseconds rounded up, less one: the interval (n, n + 1] is counted at n. */
  private static long slot(long nanos) {
    return nanos == 0 ? 0 : (nanos - 1) / 1_000;
  }

  /** Where a value is counted: by its highest {@link #EXACT_BITS} bits, and what follows them. */
  private static int index(long micros) {
    int rest = Math.max(0, Long.SIZE - EXACT_BITS - Long.numberOfLeadingZeros(micros));
    return (rest << STEPS_BITS) + (int) (micros >>> rest);
  }

  /** The least of the values that are counted there. */
  private static long leastAt(int index) {
    int rest = Math.max(0, (index >>> STEPS_BITS) - 1);
    return (long) (index - (rest << STEPS_BITS)) << rest;
  }

  /** Empty, of the shape that all have. */
  static Histogram newHistogram() {
    return new Histogram(1, MAX_MICROS, SIGNIFICANT_DIGITS);
  }

  /** Adds what is here, where each value stands for the microsecond that ends it. */
  void addTo(Histogram sum) {
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0) {
        sum.recordValueWithCount(leastAt(i), counts[i]);
      }
    }
  }

  /** Sum of what was recorded, in nanoseconds. */
  long sumNanos() {
    return sumNanos;
  }

  /** Replies that took more than {@code fromMicros} and at most {@code toMicros}. */
  long count(long fromMicros, long toMicros) {
    int last = index(Math.min(toMicros, MAX_MICROS) - 1);
    long sum = 0;
    for (int i = index(fromMicros); i <= last; i++) {
      sum += counts[i];
    }
    return sum;
  }
}
