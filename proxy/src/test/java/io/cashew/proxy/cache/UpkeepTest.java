package io.cashew.proxy.cache;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** When no worker may write, since it would have to do the maintenance itself. */
final class UpkeepTest {
  @Test
  void itLagsWhenMuchWasWrittenThatWasNotLookedAfter() throws InterruptedException {
    try (Upkeep upkeep = new Upkeep("p")) {
      CountDownLatch goOn = new CountDownLatch(1);
      for (int i = 0; i < 96; i++) {
        assertFalse(upkeep.lags());
        upkeep.wrote();
      }
      assertTrue(upkeep.lags());
      upkeep.execute(goOn::countDown);
      Await.open(goOn);
      Await.until("it has caught up", () -> !upkeep.lags());
    }
  }

  /** Nothing else may come that has a maintenance begun. */
  @Test
  void whoFindsThatItLagsHasItCatchUp() {
    try (Upkeep upkeep = new Upkeep("p")) {
      for (int i = 0; i < 96; i++) {
        upkeep.wrote();
      }
      AtomicInteger done = new AtomicInteger();
      upkeep.catchUp(done::incrementAndGet);
      Await.until("it has caught up", () -> done.get() == 1 && !upkeep.lags());
      upkeep.catchUp(done::incrementAndGet);
      Await.until("again", () -> done.get() == 2);
    }
  }

  @Test
  void oneThatIsClosedTakesNothingAndRefusesNothing() {
    Upkeep upkeep = new Upkeep("p");
    upkeep.close();
    assertTrue(upkeep.lags());
    upkeep.execute(
        () -> {
          throw new AssertionError("closed");
        });
  }
}
