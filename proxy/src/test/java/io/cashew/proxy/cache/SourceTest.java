package io.cashew.proxy.cache;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When what a server has said is believed. */
final class SourceTest {
  private static final long NOW = Long.MAX_VALUE - 5; // as the clock may stand

  private final Source source = new Source();

  private static long millisLater(long millis) {
    return NOW + TimeUnit.MILLISECONDS.toNanos(millis);
  }

  @Test
  void nothingIsBelievedBeforeTheServerTellsOfChanges() {
    assertFalse(source.isHeard(NOW));
    source.listens(NOW);
    assertTrue(source.isHeard(NOW));
    assertTrue(source.isBelieved(source.era(), NOW));
  }

  @Test
  void aServerThatHasNotAnsweredForASecondIsNotBelievedUntilItHas() {
    source.listens(NOW);
    long era = source.era();
    assertTrue(source.isBelieved(era, millisLater(800)));
    assertFalse(source.isBelieved(era, millisLater(999)));
    source.heard(millisLater(900));
    assertTrue(source.isBelieved(era, millisLater(1500)));
  }

  @Test
  void anAnswerCountsFromWhenItWasAskedFor() {
    source.listens(NOW);
    source.heard(millisLater(100));
    assertFalse(source.isBelieved(source.era(), millisLater(1100)));
  }

  @Test
  void anEraEndsWithItsConnectionAndWhenEverythingIsForgotten() {
    source.listens(NOW);
    long era = source.era();
    source.forget();
    assertFalse(source.isBelieved(era, NOW));
    assertTrue(source.isBelieved(source.era(), NOW));
    long next = source.era();
    source.lost();
    assertFalse(source.isHeard(NOW));
    source.listens(millisLater(1));
    assertFalse(source.isBelieved(next, millisLater(1)));
  }
}
