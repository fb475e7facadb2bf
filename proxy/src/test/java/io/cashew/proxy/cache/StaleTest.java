package io.cashew.proxy.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a value may be given whose key has ended, and to whom. */
final class StaleTest {
  private static final long NOW = Long.MAX_VALUE - 5; // as the clock may stand

  private final Stale expired = Stale.expired(NOW, 100);
  private final Stale changed = Stale.undecided(NOW, 100);
  private final Seat loader = new Seat();
  private final Seat other = new Seat();

  private static long later(long nanos) {
    return NOW + nanos;
  }

  private static boolean settles(Stale stale) {
    return stale.decide(true, stale.doubts());
  }

  @Test
  void whatHasExpiredIsGivenForItsTime() {
    assertTrue(expired.isGiven(later(99)));
    assertFalse(expired.isGiven(later(100)));
    assertTrue(expired.isOver(later(100)));
  }

  @Test
  void whatHasChangedIsGivenOnceNothingIsThereAndOneMessageHasTold() {
    assertTrue(changed.heard(later(50)));
    assertFalse(changed.isGiven(later(50)));
    settles(changed);
    assertTrue(changed.isGiven(later(149)));
    assertFalse(changed.isGiven(later(150)));
  }

  @Test
  void itIsNotGivenIfSomethingIsThere() {
    changed.heard(NOW);
    changed.decide(false, 0);
    assertTrue(changed.isOver(NOW));
  }

  @Test
  void aSecondMessageEndsIt() {
    changed.heard(NOW);
    assertFalse(changed.heard(NOW));
    settles(changed);
    assertTrue(changed.isOver(NOW));
    expired.heard(NOW);
    settles(expired);
    assertTrue(expired.isGiven(NOW));
    assertFalse(expired.heard(NOW));
    assertTrue(expired.isOver(NOW));
  }

  @Test
  void aDeletionOfWhichNothingIsHeardEndsIt() {
    changed.deletionHeard();
    assertTrue(changed.isOver(NOW));
    expired.deletionHeard();
    assertTrue(expired.isGiven(NOW));
  }

  @Test
  void whatEndsItEndsItForGood() {
    expired.end();
    expired.heard(NOW);
    settles(expired);
    assertFalse(expired.doubt());
    assertTrue(expired.isOver(NOW));
  }

  @Test
  void whoWasToldSomethingSinceTheServerWasAskedHasItAskedAgain() {
    assertTrue(expired.doubt());
    int then = expired.doubts();
    assertFalse(expired.doubt());
    assertTrue(expired.decide(true, then));
    assertFalse(expired.isGiven(NOW));
    assertFalse(expired.decide(true, then + 1));
    assertTrue(expired.isGiven(NOW));
  }

  @Test
  void oneLoadsUntilItLeavesOrIsToldSomethingElse() {
    assertTrue(expired.loads(loader, NOW));
    assertFalse(expired.loads(other, NOW));
    assertTrue(expired.loads(loader, NOW));
    expired.release(other);
    assertTrue(expired.isLoadedBy(loader));
    loader.left();
    assertTrue(expired.loads(other, NOW));
    expired.release(other);
    assertFalse(expired.isLoaded());
  }

  @Test
  void aClientThatLeavesEndsNothingThatAnotherLoads() {
    expired.loads(loader, NOW);
    expired.release(loader);
    expired.loads(other, NOW);
    loader.left();
    assertTrue(expired.isLoadedBy(other));
  }

  @Test
  void whoWaitsIsWokenWhenItIsDecided() {
    List<Stale> woken = new ArrayList<>();
    changed.waitIn(woken::add);
    assertEquals(List.of(), woken);
    changed.heard(NOW);
    assertEquals(List.of(), woken);
    settles(changed);
    assertEquals(List.of(changed), woken);
    changed.waitIn(woken::add); // decided already
    assertEquals(List.of(changed, changed), woken);
  }
}
