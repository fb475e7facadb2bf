package io.cashew.proxy.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

/** Where a latency is counted: bounds, clamps, and what recording costs. */
class LatencyRecorderTest {

  private final LatencyRecorder recorder = new LatencyRecorder();

  @Test
  void boundsDoubleFrom100MicrosecondsTo13Seconds() {
    double[] bounds = LatencyBuckets.boundsSeconds();
    assertEquals(0.0001, bounds[0]);
    for (int i = 1; i < bounds.length - 1; i++) {
      assertEquals(2 * bounds[i - 1], bounds[i], 1e-12);
    }
    assertEquals(13.1072, bounds[bounds.length - 2]);
    assertEquals(Double.POSITIVE_INFINITY, bounds[bounds.length - 1]);
  }

  @Test
  void aBoundIsInclusiveToTheNanosecond() {
    double[] bounds = LatencyBuckets.boundsSeconds();
    for (int i = 0; i < bounds.length - 1; i++) {
      LatencyRecorder fresh = new LatencyRecorder();
      long nanos = Math.round(bounds[i] * 1e9);
      fresh.record(nanos);
      fresh.record(nanos + 1, 2);
      long[] expected = new long[bounds.length];
      expected[i] = 1;
      expected[i + 1] = 2;
      assertArrayEquals(expected, LatencyBuckets.counts(List.of(fresh)), "bound " + bounds[i]);
    }
  }

  @Test
  void everyLatencyIsInExactlyOneBucket() {
    Random random = new Random(7);
    double[] bounds = LatencyBuckets.boundsSeconds();
    long[] expected = new long[bounds.length];
    for (int i = 0; i < 100_000; i++) {
      long nanos = (long) Math.pow(10, random.nextDouble() * 10.8);
      recorder.record(nanos);
      int bucket = 0;
      while (nanos > bounds[bucket] * 1e9) {
        bucket++;
      }
      expected[bucket]++;
    }
    assertArrayEquals(expected, LatencyBuckets.counts(List.of(recorder)));
  }

  @Test
  void whatIsOutOfRangeCountsAsTheNearestThatIsNot() {
    recorder.record(-5);
    recorder.record(0);
    recorder.record(Long.MAX_VALUE);
    recorder.record(Long.MIN_VALUE, 2);
    long[] counts = LatencyBuckets.counts(List.of(recorder));
    assertEquals(4, counts[0]);
    assertEquals(1, counts[counts.length - 1]);
    assertEquals(5, LongStream.of(counts).sum());
    assertEquals(60.0, LatencyBuckets.sumSeconds(List.of(recorder)));
  }

  @Test
  void aBatchIsTheSameAsItsReplies() {
    LatencyRecorder oneByOne = new LatencyRecorder();
    for (int i = 0; i < 16; i++) {
      oneByOne.record(345_678);
    }
    recorder.record(345_678, 16);
    assertArrayEquals(
        LatencyBuckets.counts(List.of(oneByOne)), LatencyBuckets.counts(List.of(recorder)));
    assertEquals(oneByOne.sumNanos(), recorder.sumNanos());
  }

  @Test
  void recordersOfWorkersAddUp() {
    LatencyRecorder other = new LatencyRecorder();
    recorder.record(50_000);
    other.record(60_000, 2);
    assertEquals(3, LatencyBuckets.counts(List.of(recorder, other))[0]);
    assertEquals(0.00017, LatencyBuckets.sumSeconds(List.of(recorder, other)), 1e-12);
  }

  @Test
  void valuesAreToldApartAsAHistogramDoes() {
    for (long micros = 0; micros < 60_000_000; micros += 1 + micros / 100) {
      LatencyRecorder one = new LatencyRecorder();
      one.record(micros * 1_000 + 1); // counted at micros
      Histogram given = LatencyRecorder.newHistogram();
      one.addTo(given);
      Histogram right = LatencyRecorder.newHistogram();
      right.recordValue(micros);
      assertEquals(right, given, "of " + micros + " µs");
    }
  }

  @Test
  void recordingAllocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int times = 200_000;
    recordMany(times);
    long before = threads.getCurrentThreadAllocatedBytes();
    recordMany(times);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < times, allocated + " bytes in " + 2 * times + " recordings");
  }

  private void recordMany(int times) {
    for (int i = 0; i < times; i++) {
      recorder.record(i * 1_000L);
      recorder.record(i * 1_000L, 16);
    }
  }
}
