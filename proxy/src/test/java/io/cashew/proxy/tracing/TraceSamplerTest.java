package io.cashew.proxy.tracing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.metrics.TraceCounts;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TraceSamplerTest {
  private static final int REQUESTS = 1_000_000;

  private static TraceExport export(double sample) {
    TraceTarget target =
        new TraceTarget(
            URI.create("http://127.0.0.1:1/v1/traces"),
            Map.of(),
            Duration.ofSeconds(1),
            "cashew",
            "test",
            sample,
            Long.MAX_VALUE,
            false);
    return new TraceExport(target, new TraceCounts());
  }

  private static int taken(TraceSampler sampler, TraceExport export, int requests) {
    int taken = 0;
    for (int i = 0; i < requests; i++) {
      taken += sampler.takes(export) ? 1 : 0;
    }
    return taken;
  }

  @Test
  void theShareIsTakenThatIsAskedFor() {
    for (double share : new double[] {0.5, 0.1, 0.01, 0.001}) {
      double expected = share * REQUESTS;
      int taken = taken(new TraceSampler(1), export(share), REQUESTS);
      double fiveSigma = 5 * Math.sqrt(expected * (1 - share));
      assertEquals(expected, taken, fiveSigma, "of " + share);
    }
  }

  @Test
  void oneIsEachAndZeroIsNone() {
    assertEquals(1000, taken(new TraceSampler(1), export(1), 1000));
    assertEquals(0, taken(new TraceSampler(1), export(0), 1000));
    assertEquals(0, taken(new TraceSampler(1), export(1e-12), 1000));
  }

  /** A client that sends two commands in turn has spans of both. */
  @Test
  void noPatternOfRequestsIsMissed() {
    TraceSampler sampler = new TraceSampler(1);
    TraceExport export = export(0.01);
    int[] taken = new int[2];
    for (int i = 0; i < REQUESTS; i++) {
      taken[i % 2] += sampler.takes(export) ? 1 : 0;
    }
    assertEquals(REQUESTS * 0.005, taken[0], 400);
    assertEquals(REQUESTS * 0.005, taken[1], 400);
  }

  @Test
  void anotherShareCountsFromTheNextRequestOn() {
    TraceSampler sampler = new TraceSampler(1);
    assertEquals(0, taken(sampler, export(0), 10));
    TraceExport all = export(1);
    assertTrue(sampler.takes(all));
    assertEquals(0, taken(sampler, export(0), 10));
  }
}
