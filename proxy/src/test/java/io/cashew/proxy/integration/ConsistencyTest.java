package io.cashew.proxy.integration;

import io.cashew.proxy.testing.LeakCheck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** No reply is wrong, no acknowledged write lost, nothing stale, whatever links do. */
@ExtendWith(LeakCheck.class)
final class ConsistencyTest {
  /** Another one: {@code -Dcashew.seed=…}. */
  private static final long SEED = Long.getLong("cashew.seed", 20_261_121L);

  @Test
  void theHistoryHoldsUnderRandomFaults() {
    try (ConsistencyRun run = new ConsistencyRun(SEED, 2)) {
      run.run(6, 0, 1500);
      System.out.println("seed " + SEED + ": " + run.history());
    }
  }

  @Test
  void theHistoryHoldsWithLargeValuesToo() {
    try (ConsistencyRun run = new ConsistencyRun(SEED + 1, 1)) {
      run.run(3, 3, 500);
    }
  }
}
