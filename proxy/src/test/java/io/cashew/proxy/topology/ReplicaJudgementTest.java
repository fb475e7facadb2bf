package io.cashew.proxy.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When a replica may be read from. */
final class ReplicaJudgementTest {
  private static final String HISTORY = "a";
  private static final long MAX_LAG = TimeUnit.SECONDS.toNanos(10);
  private static final long LOOK = TimeUnit.MILLISECONDS.toNanos(500);

  private final PrimaryOffsets primary = new PrimaryOffsets();
  private final ReplicaJudgement replica = new ReplicaJudgement();
  private long now = 1_000 * LOOK;

  private static ReplicationState primaryAt(long offset) {
    return new ReplicationState(true, HISTORY, "", -1, offset, false);
  }

  private static ReplicationState replicaAt(long offset, boolean linkUp) {
    return new ReplicationState(false, HISTORY, "", -1, offset, linkUp);
  }

  /** Both are asked once more. */
  private void look(long primaryOffset, @Nullable ReplicationState said) {
    now += LOOK;
    primary.said(primaryAt(primaryOffset), now);
    replica.look(said, primary, MAX_LAG, now);
  }

  private void isWellAt(long offset) {
    look(offset, replicaAt(offset, true));
    assertTrue(replica.isWell(), replica.why());
  }

  @Test
  void oneThatHasEverythingIsReadAtOnce() {
    assertFalse(replica.isWell());
    isWellAt(100);
    assertEquals(now, replica.hasAllUntilNanos());
    assertEquals(0, replica.lagNanos());
    assertEquals("", replica.why());
  }

  @Test
  void oneThatHasNeverHadEverythingIsNotRead() {
    look(100, replicaAt(99, true));
    assertFalse(replica.isWell());
    assertFalse(replica.isKnown(), "it may lack what was executed a moment ago");
    assertEquals("how far it is behind is not known yet", replica.why());
    look(200, replicaAt(100, true));
    assertTrue(replica.isKnown());
    assertTrue(replica.isWell(), replica.why());
    assertEquals(now - LOOK, replica.hasAllUntilNanos());
    assertEquals(LOOK, replica.lagNanos());
  }

  @Test
  void oneThatIsBehindAgainAndAgainIsKnownToBe() {
    for (int i = 1; i < ReplicaJudgement.GOOD_LOOKS; i++) {
      look(100, replicaAt(99, true));
      assertFalse(replica.isKnown());
    }
    look(100, replicaAt(99, true));
    assertTrue(replica.isKnown());
    assertFalse(replica.isWell());
    assertEquals("how far it is behind is not known yet", replica.why());
  }

  @Test
  void whatIsOnceKnownStaysKnown() {
    isWellAt(100);
    look(200, null);
    assertTrue(replica.isKnown());
  }

  @Test
  void oneThatStandsStillIsReadUntilItHasBeenBehindForTooLong() {
    isWellAt(100);
    long since = now;
    for (int i = 1; now - since < MAX_LAG; i++) {
      look(100 + i, replicaAt(100, true));
      assertTrue(replica.isWell(), replica.why());
      assertEquals(now - since, replica.lagNanos());
    }
    look(1000, replicaAt(100, true));
    assertFalse(replica.isWell());
    assertEquals("it is 10500 ms behind", replica.why());
  }

  @Test
  void whereNothingIsWrittenNobodyIsBehind() {
    for (int i = 0; i < 100; i++) {
      isWellAt(100);
    }
  }

  @Test
  void oneThatHasCaughtUpIsReadWhenThatHasLasted() {
    isWellAt(100);
    look(200, null);
    assertFalse(replica.isWell());
    assertEquals("it does not answer", replica.why());
    for (int i = 1; i < ReplicaJudgement.GOOD_LOOKS; i++) {
      look(300, replicaAt(300, true));
      assertFalse(replica.isWell());
    }
    isWellAt(300);
  }

  @Test
  void oneThatIsNearlyTooFarBehindHasNotCaughtUp() {
    isWellAt(100);
    long since = now;
    while (now - since < MAX_LAG / 2) {
      look(200 + (now - since) / LOOK, null);
    }
    for (int i = 0; i < 2 * ReplicaJudgement.GOOD_LOOKS; i++) {
      look(1000 + i, replicaAt(150, true)); // less than it may be, more than half of it
      assertFalse(replica.isWell());
    }
  }

  @Test
  void oneWithoutItsPrimaryIsNotRead() {
    isWellAt(100);
    look(100, replicaAt(100, false));
    assertFalse(replica.isWell());
    assertEquals("its link to the primary is down", replica.why());
  }

  @Test
  void oneThatHasLostAPrimaryThatIsAwayIsReadUntilItMayBeTooFarBehind() {
    isWellAt(100);
    long since = now;
    primary.isSilent();
    while (now - since < MAX_LAG) {
      now += LOOK;
      replica.look(replicaAt(100, false), primary, MAX_LAG, now);
      assertTrue(replica.isWell(), replica.why());
    }
    now += LOOK;
    replica.look(replicaAt(100, false), primary, MAX_LAG, now);
    assertFalse(replica.isWell());
  }

  @Test
  void oneWithOtherDataIsNotRead() {
    isWellAt(100);
    look(100, new ReplicationState(false, "b", "", -1, 100, true));
    assertEquals("its data are not those of the primary", replica.why());
    look(100, new ReplicationState(true, HISTORY, "", -1, 100, true));
    assertEquals("it says that it is primary", replica.why());
  }

  @Test
  void anotherPrimaryBeginsAnotherHistory() {
    isWellAt(100);
    now += LOOK;
    primary.said(new ReplicationState(true, "b", HISTORY, 101, 120, false), now);
    assertEquals(now, primary.firstNanos());
    replica.look(new ReplicationState(false, "b", HISTORY, 101, 119, true), primary, MAX_LAG, now);
    assertFalse(replica.isWell());
    assertEquals(PrimaryOffsets.NEVER, replica.hasAllUntilNanos());
  }

  @Test
  void anOffsetSaysUntilWhenThereIsEverything() {
    primary.said(primaryAt(10), 1);
    primary.said(primaryAt(10), 2);
    primary.said(primaryAt(20), 3);
    assertEquals(PrimaryOffsets.NEVER, primary.hasAllUntil(9));
    assertEquals(2, primary.hasAllUntil(10));
    assertEquals(2, primary.hasAllUntil(19));
    assertEquals(3, primary.hasAllUntil(20));
    assertEquals(3, primary.hasAllUntil(Long.MAX_VALUE));
  }
}
