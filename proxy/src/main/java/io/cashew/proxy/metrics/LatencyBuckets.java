package io.cashew.proxy.metrics;

import java.util.List;

/**
 * The buckets in which latencies are published: 100 µs and seventeen doublings of it, to 13.1 s.
 *
 * <p>100 µs is about what a round trip to a node costs, and below it nothing is told apart because
 * the clock is read once a batch. Doublings keep the relative error of a quantile the same over the
 * whole range, and 25 × 2<sup>n</sup> is where an HdrHistogram of one digit has an edge, so that a
 * bound is exact. Bounds of 1, 2.5 and 5 would not be: their counts would be off by up to 6 %.
 */
final class LatencyBuckets {

  private static final int FINITE_COUNT = 18;
  private static final long FIRST_MICROS = 100;

  private LatencyBuckets() {}

  /** The upper bounds in seconds, inclusive; the last is infinite. */
  static double[] boundsSeconds() {
    double[] bounds = new double[FINITE_COUNT + 1];
    for (int i = 0; i < FINITE_COUNT; i++) {
      bounds[i] = (FIRST_MICROS << i) / 1e6;
    }
    bounds[FINITE_COUNT] = Double.POSITIVE_INFINITY;
    return bounds;
  }

  /** How many replies fell into each bucket (not cumulative), over all workers. */
  static long[] counts(List<LatencyRecorder> recorders) {
    long[] counts = new long[FINITE_COUNT + 1];
    for (LatencyRecorder recorder : recorders) {
      long from = 0;
      for (int i = 0; i < FINITE_COUNT; i++) {
        long to = FIRST_MICROS << i;
        counts[i] += recorder.count(from, to);
        from = to;
      }
      counts[FINITE_COUNT] += recorder.count(from, Long.MAX_VALUE);
    }
    return counts;
  }

  /** Sum of all latencies over all workers. */
  static double sumSeconds(List<LatencyRecorder> recorders) {
    return recorders.stream().mapToLong(LatencyRecorder::sumNanos).sum() / 1e9;
  }
}
