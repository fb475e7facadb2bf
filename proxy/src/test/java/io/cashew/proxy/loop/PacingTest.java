package io.cashew.proxy.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** When a worker waits for more. A tick is 20 ms here; what the thread used of it is told. */
final class PacingTest {
  private final Pacing pacing = new Pacing();
  private long nowNanos = Long.MAX_VALUE - 30_000_000; // System.nanoTime() may overflow
  private long processorNanos;

  private void tick(int activeClients, int percent) {
    for (int i = 0; i < activeClients; i++) {
      pacing.clientActive();
    }
    nowNanos += 20_000_000;
    processorNanos += 200_000L * percent;
    pacing.tick(nowNanos, processorNanos);
  }

  @Test
  void nothingWaitsAtFirst() {
    assertFalse(pacing.on());
    assertEquals(0, pacing.intervalNanos());
    tick(1000, 100);
    assertFalse(pacing.on(), "what was used before the first tick is not known");
  }

  @Test
  void manyClientsAndABusyThreadItTakes() {
    tick(50, 0);
    tick(50, 49);
    assertFalse(pacing.on(), "not busy");
    tick(Pacing.FROM_CLIENTS - 1, 99);
    assertFalse(pacing.on(), "not many");
    tick(Pacing.FROM_CLIENTS, 0);
    tick(Pacing.FROM_CLIENTS, 51);
    assertTrue(pacing.on());
  }

  @Test
  void itGoesOnThoughWaitingMakesTheThreadLessBusy() {
    tick(50, 0);
    tick(50, 60);
    tick(50, 31);
    assertTrue(pacing.on());
    tick(50, 29);
    assertFalse(pacing.on());
    tick(50, 31);
    assertFalse(pacing.on());
    assertEquals(0, pacing.intervalNanos());
  }

  @Test
  void fewerClientsAreWaitedForLessLong() {
    tick(30, 0);
    tick(30, 60);
    assertEquals(60_000, pacing.intervalNanos());
    tick(10_000, 60);
    assertEquals(100_000, pacing.intervalNanos());
    tick(3, 60);
    assertEquals(0, pacing.intervalNanos());
  }
}
