package io.cashew.proxy.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class TickClockTest {
  private static final long MILLI = 1_000_000;

  /** The longest step of the clock: five ticks. */
  private static final long MOST = 100;

  @Test
  void theFirstTickIsTheBeginning() {
    for (long start : new long[] {0, 17, -5 * MILLI, Long.MAX_VALUE - 3, Long.MIN_VALUE}) {
      TickClock clock = new TickClock();
      assertEquals(0, clock.millis());
      assertEquals(0, clock.tick(start));
      assertEquals(20, clock.tick(start + 20 * MILLI)); // System.nanoTime() may overflow
      assertEquals(20, clock.millis());
    }
  }

  @Test
  void partsOfAMillisecondAddUp() {
    TickClock clock = new TickClock();
    clock.tick(0);
    for (int i = 1; i <= 1000; i++) {
      clock.tick(i * 20L * MILLI + i * 100L);
    }
    assertEquals(20_000, clock.millis());
    clock.tick(20_000 * MILLI + MILLI);
    assertEquals(20_001, clock.millis());
  }

  @Test
  void aFreezeMovesItByFiveTicksAtMost() {
    TickClock clock = new TickClock();
    clock.tick(0);
    clock.tick(20 * MILLI);
    assertFalse(clock.late());
    assertEquals(20 + MOST, clock.tick(3_600_000 * MILLI));
    assertTrue(clock.late());
    assertEquals(20 + MOST + 20, clock.tick(3_600_020 * MILLI));
    assertFalse(clock.late());
  }

  @Test
  void aDelayOfUpToFiveTicksCountsInFull() {
    TickClock clock = new TickClock();
    clock.tick(0);
    assertEquals(99, clock.tick(99 * MILLI));
    assertEquals(99 + MOST, clock.tick((99 + MOST) * MILLI));
    assertEquals(99 + 2 * MOST, clock.tick((99 + 2 * MOST + 1) * MILLI));
  }
}
