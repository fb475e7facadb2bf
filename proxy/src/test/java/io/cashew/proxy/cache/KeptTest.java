package io.cashew.proxy.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.testing.Rules;
import io.cashew.proxy.testing.Topologies;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Until when something that is kept may be given. */
final class KeptTest {
  private static final long NOW = Long.MAX_VALUE - 5; // as the clock may stand
  private static final CacheRule ON_ERROR = Rules.staleOnError("*", 50, 10_000);
  private static final CacheRule STALE = Rules.stale("*", 50, 10_000);

  private final Source source = new Source();
  private final Ownership ownership = Ownership.of(Topologies.modula("alpha"));
  private final KeyBytes key = new KeyBytes();

  private static long later(long millis) {
    return NOW + TimeUnit.MILLISECONDS.toNanos(millis);
  }

  private Origin asked() {
    source.listens(NOW);
    return Origin.of(source, ownership, key);
  }

  private Kept kept(CacheRule rule, Origin origin, long keyMillis) {
    byte[] reply = {'$', '0', '\r', '\n', '\r', '\n'};
    return new Kept(key, rule, reply, origin, later(50), later(keyMillis), 1);
  }

  @Test
  void onErrorItIsGivenForItsTimeAfterItsServerHasAnsweredLast() {
    Kept kept = kept(ON_ERROR, asked(), 100_000);
    source.heard(later(5000));
    assertTrue(kept.isGoodOnError(ownership, later(15_000)));
    assertFalse(kept.isGoodOnError(ownership, later(15_001)));
    assertTrue(kept.uselessNanos() - later(15_000) > 0);
  }

  @Test
  void onErrorItIsNotGivenIfItsKeyHadExpiredWhenItsServerAnsweredLast() {
    Kept kept = kept(ON_ERROR, asked(), 3000);
    source.heard(later(2999));
    assertTrue(kept.isGoodOnError(ownership, later(8000)));
    source.heard(later(3000));
    assertFalse(kept.isGoodOnError(ownership, later(8000)));
  }

  @Test
  void whatWasFlushedSinceItWasAskedForIsNotGivenOnError() {
    Origin origin = asked();
    source.forget(); // before the reply is here
    assertFalse(kept(ON_ERROR, origin, 100_000).isGoodOnError(ownership, later(1)));
    assertTrue(kept(ON_ERROR, asked(), 100_000).isGoodOnError(ownership, later(1)));
  }

  @Test
  void itIsKeptForItsTimeAfterItsKey() {
    assertEquals(later(13_000), kept(STALE, asked(), 3000).uselessNanos());
    assertEquals(later(50), kept(Rules.near("*", 50), asked(), 3000).uselessNanos());
  }

  @Test
  void howItEndsIsDecidedOnce() {
    Kept kept = kept(STALE, asked(), 3000);
    Stale ended = kept.ends(later(2999));
    assertFalse(ended.isGiven(later(2999))); // it may have been overwritten
    assertSame(ended, kept.ends(later(3000)));
    assertTrue(kept(STALE, asked(), 3000).ends(later(3000)).isGiven(later(3000)));
  }

  @Test
  void whatIsOutdatedIsNeverGiven() {
    Kept kept = kept(STALE, asked(), 3000);
    kept.isOutdated();
    assertTrue(kept.ends(later(3000)).isOver(later(3000)));
    Kept other = kept(STALE, asked(), 3000);
    Stale ended = other.ends(later(3000));
    other.isOutdated();
    assertTrue(ended.isOver(later(3000)));
  }
}
