package io.cashew.proxy.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** When a client may be given a reply from memory. */
final class SeatTest {
  private static final int KEY = 0x1234_5678;
  private static final int OTHER = 0x7234_5678;

  private final Seat seat = new Seat();

  @Test
  void aKeyIsNotLookedForWhileTheClientIsOwedAReplyAboutIt() {
    assertFalse(seat.mayBeOwed(KEY));
    seat.begins(Seat.bit(KEY));
    assertTrue(seat.mayBeOwed(KEY));
    assertFalse(seat.mayBeOwed(OTHER));
    seat.begins(Seat.bit(OTHER));
    seat.over();
    assertTrue(seat.mayBeOwed(KEY));
    seat.over();
    assertFalse(seat.mayBeOwed(KEY));
  }

  @Test
  void noKeyIsLookedForWhileARequestIsAboutEveryKey() {
    seat.begins(Seat.everyKey());
    assertTrue(seat.mayBeOwed(KEY) && seat.mayBeOwed(OTHER) && seat.mayBeOwed(0));
  }

  @Test
  void aClientThatHasSentAScriptIsServedAgainWhenItsWritesAreHeard() {
    seat.scriptBegins();
    seat.scriptBegins();
    seat.scriptHeard();
    assertFalse(seat.mayBeServed());
    seat.scriptHeard();
    assertTrue(seat.mayBeServed());
    seat.caching(false);
    assertFalse(seat.mayBeServed());
  }

  @Test
  void aClientThatHasTheReplyOfAnotherWaitsForItBeforeItWrites() {
    seat.joins(Seat.bit(KEY));
    assertTrue(seat.waitsForOthers() && seat.mayBeOwed(KEY));
    seat.joinedIsOver();
    assertFalse(seat.waitsForOthers() || seat.mayBeOwed(KEY));
  }

  @Test
  void whatIsQueuedIsRememberedForTheCacheOfItsPool() {
    Versions one = new Versions(16);
    Versions two = new Versions(16);
    seat.queued(one).add(7);
    seat.queued(two).add(8);
    seat.queued(one).add(9);
    assertEquals(2, seat.queued(one).count());
    assertEquals(8, seat.queued(two).stripe(0));
    seat.queuedEveryKey();
    seat.queuedScript();
    assertTrue(seat.hasQueuedEveryKey());
    assertTrue(seat.hasQueuedScript());
    seat.forgetQueued();
    assertTrue(seat.queued(one).isEmpty());
    assertTrue(seat.queued(two).isEmpty());
    assertFalse(seat.hasQueuedEveryKey());
    assertFalse(seat.hasQueuedScript());
  }
}
