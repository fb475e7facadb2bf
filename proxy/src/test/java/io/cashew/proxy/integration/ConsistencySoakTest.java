package io.cashew.proxy.integration;

import io.cashew.proxy.testing.LeakCheck;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@link ConsistencyTest} with one seed after the other, for as long as is asked: -Psoak. */
@Tag("soak")
@ExtendWith(LeakCheck.class)
final class ConsistencySoakTest {
  private static final long MINUTES = Long.getLong("cashew.soak.minutes", 5);

  @Test
  void theHistoryHoldsWithEverySeed() {
    long begin = System.nanoTime();
    long seed = Long.getLong("cashew.seed", System.currentTimeMillis());
    do {
      System.out.println("seed " + seed);
      try (ConsistencyRun run = new ConsistencyRun(seed, 1 + (int) (seed % 2))) {
        run.run(8, seed % 3 == 0 ? 4 : 0, 3000);
        System.out.println(run.history());
      }
      seed += 100; // clients take those between
    } while (System.nanoTime() - begin < TimeUnit.MINUTES.toNanos(MINUTES));
  }
}
