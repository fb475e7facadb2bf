package io.cashew.proxy.metrics;

import java.util.List;

/**
 * What several recorders have seen together, read at one moment. Immutable.
 *
 * <p>Quantiles are right to the resolution of the recorders, 7 %.
 */
public final class Latencies {
  private final org.HdrHistogram.Histogram micros;
  private final long sumNanos;
  private final List<LatencyRecorder> recorders;

  private Latencies(
      org.HdrHistogram.Histogram micros, long sumNanos, List<LatencyRecorder> recorders) {
    this.micros = micros;
    this.sumNanos = sumNanos;
    this.recorders = recorders;
  }

  /** The latencies of these. */
  public static Latencies of(List<LatencyRecorder> recorders) {
    org.HdrHistogram.Histogram sum = LatencyRecorder.newHistogram();
    long nanos = 0;
    for (LatencyRecorder recorder : recorders) {
      recorder.addTo(sum);
      nanos += recorder.sumNanos();
    }
    return new Latencies(sum, nanos, List.copyOf(recorders));
  }

  /** How many there are. */
  public long count() {
    return micros.getTotalCount();
  }

  /** Their sum. */
  public long sumMicros() {
    return sumNanos / 1000;
  }

  /**
   * The time that so many were not longer than.
   *
   * @param percentile 0 to 100
   * @return microseconds; 0 if there are none
   */
  public long percentileMicros(double percentile) {
    return count() == 0 ? 0 : micros.getValueAtPercentile(percentile) + 1;
  }

  /** The longest, in microseconds. */
  public long maxMicros() {
    return count() == 0 ? 0 : micros.getMaxValue() + 1;
  }

  /** How many are in each bucket of {@link #bucketMicros()}; one more for what is above all. */
  public long[] buckets() {
    return LatencyBuckets.counts(recorders);
  }

  /** The upper bounds of the buckets of {@code /metrics}, in microseconds; the last is open. */
  public static long[] bucketMicros() {
    double[] seconds = LatencyBuckets.boundsSeconds();
    long[] bounds = new long[seconds.length - 1];
    for (int i = 0; i < bounds.length; i++) {
      bounds[i] = Math.round(seconds[i] * 1e6);
    }
    return bounds;
  }
}
