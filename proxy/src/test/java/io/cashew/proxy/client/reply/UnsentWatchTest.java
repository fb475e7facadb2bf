package io.cashew.proxy.client.reply;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class UnsentWatchTest {
  private final UnsentWatch watch = new UnsentWatch(4000);

  @Test
  void moreThanTheHardLimitIsTooMuchAtOnce() {
    assertFalse(watch.tooMuch(4000, 0));
    assertTrue(watch.tooMuch(4001, 0));
  }

  @Test
  void moreThanAQuarterIsTooMuchAfterAMinute() {
    assertFalse(watch.tooMuch(1001, 5));
    assertFalse(watch.tooMuch(3000, 60_005));
    assertTrue(watch.tooMuch(1001, 60_006));
  }

  @Test
  void aQuarterAtAnyTimeBeginsTheMinuteAnew() {
    assertFalse(watch.tooMuch(1001, 0));
    assertFalse(watch.tooMuch(1000, 59_000));
    assertFalse(watch.tooMuch(1001, 61_000));
    assertFalse(watch.tooMuch(1001, 121_000));
    assertTrue(watch.tooMuch(1001, 121_001));
  }
}
