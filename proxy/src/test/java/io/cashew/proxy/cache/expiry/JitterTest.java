package io.cashew.proxy.cache.expiry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class JitterTest {
  private static final long SEED = Long.getLong("cashew.seed", 20_261_129L);

  @Test
  void theShareIsEvenlySpread() {
    Random random = new Random(SEED);
    Jitter jitter = new Jitter(random::nextLong);
    int[] counts = new int[20];
    for (int i = 0; i < 100_000; i++) {
      long longer = jitter.longer(1_000_000, 20) - 1_000_000;
      assertTrue(longer >= 0 && longer <= 200_000, "seed " + SEED + ": " + longer);
      counts[(int) Math.min(19, longer / 10_000)]++;
    }
    for (int count : counts) {
      assertTrue(count > 4_500 && count < 5_500, "seed " + SEED + ": " + count);
    }
  }

  @Test
  void bothEndsCanCome() {
    assertEquals(1000, new Jitter(bound -> 0).longer(1000, 10));
    assertEquals(1100, new Jitter(bound -> bound - 1).longer(1000, 10));
    assertEquals(2000, new Jitter(bound -> bound - 1).longer(1000, 100));
  }

  @Test
  void whatIsOverOrNoTimeStaysAsItIs() {
    Jitter jitter = new Jitter(bound -> bound - 1);
    for (long millis : new long[] {0, -5, Long.MIN_VALUE, Long.MAX_VALUE, Jitter.MOST_MILLIS + 1}) {
      assertEquals(millis, jitter.longer(millis, 100));
    }
    assertEquals(2 * Jitter.MOST_MILLIS, jitter.longer(Jitter.MOST_MILLIS, 100));
  }
}
