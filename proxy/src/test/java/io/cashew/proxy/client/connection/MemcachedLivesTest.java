package io.cashew.proxy.client.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.cache.expiry.Jitter;
import org.junit.jupiter.api.Test;

/** Longer times to live of memcached's items. */
final class MemcachedLivesTest {
  private static final long NOW = 1_800_000_000L;
  private static final long MONTH = MemcachedLives.LONGEST_SECONDS;
  private static final Jitter LONGEST = new Jitter(bound -> bound - 1);
  private static final Jitter SHORTEST = new Jitter(bound -> 0);

  private static long longest(long seconds) {
    return MemcachedLives.longer(seconds, 10, NOW, LONGEST);
  }

  @Test
  void itGrowsByAShareOfItselfAtMost() {
    assertEquals(1100, longest(1000));
    assertEquals(1000, MemcachedLives.longer(1000, 10, NOW, SHORTEST));
    assertEquals(9, longest(9), "there are whole seconds only");
  }

  @Test
  void forEverStaysAndWhatIsOver() {
    assertEquals(0, longest(0));
    assertEquals(NOW - 5, longest(NOW - 5));
  }

  @Test
  void ofATimeOfTheClockWhatRemainsGrows() {
    assertEquals(NOW + 1100, longest(NOW + 1000));
  }

  @Test
  void whatGetsLongerThanAMonthBecomesATimeOfTheClock() {
    assertEquals(NOW + MONTH + MONTH / 10, longest(MONTH));
    assertEquals(MONTH, MemcachedLives.longer(MONTH, 10, NOW, SHORTEST));
  }

  @Test
  void whatNoServerWouldReadStays() {
    assertEquals(Integer.MAX_VALUE, longest(Integer.MAX_VALUE));
  }
}
