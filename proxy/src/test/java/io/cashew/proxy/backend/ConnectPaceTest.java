package io.cashew.proxy.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class ConnectPaceTest {
  private static final long SECOND = 1_000_000_000L;

  private final long begin = System.nanoTime();

  private final ConnectPace pace = new ConnectPace(begin);

  private int takeAll(long nowNanos) {
    int taken = 0;
    while (pace.tryTake(nowNanos)) {
      taken++;
    }
    return taken;
  }

  @Test
  void manyAtOnceAndThenTwentyASecond() {
    assertEquals(ConnectPace.AT_ONCE, takeAll(begin));
    for (int second = 1; second < 10; second++) {
      assertEquals(20, takeAll(begin + second * SECOND));
    }
  }

  @Test
  void whatIsNotUsedIsSavedUpToTheSameNumber() {
    takeAll(begin);
    assertEquals(ConnectPace.AT_ONCE, takeAll(begin + 3600 * SECOND));
  }

  @Test
  void asManyAtOnceAsThereWereConnections() {
    for (int i = 0; i < 300; i++) {
      pace.countFirst();
    }
    assertEquals(300, takeAll(begin));
    assertEquals(20, takeAll(begin + SECOND));
  }

  @Test
  void aPaceThatIsHardlyUsedNeverSaysNo() {
    for (long now = begin; now - begin < 100 * SECOND; now += SECOND / 20) {
      assertTrue(pace.tryTake(now));
    }
  }
}
