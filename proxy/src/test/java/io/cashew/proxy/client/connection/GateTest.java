package io.cashew.proxy.client.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.client.reply.Load;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class GateTest {
  private final Owed owed = new Owed();
  private final Gate gate = new Gate(owed);

  /** What a client is owed, as a test says. */
  private static final class Owed implements Load {
    private long over;

    @Override
    public long repliesOver() {
      return over;
    }

    private boolean none = true;
    private boolean fullOfMerged;
    private boolean full;
    private final List<Boolean> askedAsPaused = new ArrayList<>();

    @Override
    public boolean isEmpty() {
      return none;
    }

    @Override
    public boolean stillFullOfMerged() {
      return fullOfMerged;
    }

    @Override
    public boolean full(boolean paused) {
      askedAsPaused.add(paused);
      return full;
    }
  }

  @Test
  void withoutAHoldRequestsBegin() {
    assertFalse(gate.holdsRequest());
    assertFalse(gate.holdsRest());
  }

  @ParameterizedTest
  @EnumSource(names = {"DEPARTURES", "OVERLOADED_NODE", "PAUSE"})
  void aHoldLastsUntilItIsReleased(Hold hold) {
    gate.hold(hold);
    assertTrue(gate.has(hold) && gate.holdsRequest() && gate.holdsRequest());
    gate.release(hold);
    assertFalse(gate.has(hold) || gate.holdsRequest());
  }

  @Test
  void eachHoldIsReleasedByItself() {
    gate.hold(Hold.PAUSE);
    gate.hold(Hold.OVERLOADED_NODE);
    gate.release(Hold.PAUSE);
    assertTrue(gate.holdsRequest());
    gate.release(Hold.OVERLOADED_NODE);
    assertFalse(gate.holdsRequest());
  }

  @Test
  void owedRepliesHoldTheNextRequestUntilTheLastIsGiven() {
    owed.none = false;
    assertFalse(gate.holdsRequest());
    gate.hold(Hold.OWED_REPLIES);
    assertTrue(gate.holdsRequest());
    owed.none = true;
    assertFalse(gate.holdsRequest());
    owed.none = false;
    assertFalse(
        gate.holdsRequest(), "it is over, and not set again by the next reply that is owed");
  }

  @Test
  void mergedRepliesHoldTheNextRequestUntilThereAreFewer() {
    owed.fullOfMerged = true;
    gate.hold(Hold.MERGED_REPLIES);
    assertTrue(gate.holdsRequest());
    owed.fullOfMerged = false;
    assertFalse(gate.holdsRequest());
    assertFalse(gate.has(Hold.MERGED_REPLIES));
  }

  @ParameterizedTest
  @EnumSource(Hold.class)
  void theRestOfARequestThatHasBegunWaitsForItsTurnButNotForRoom(Hold hold) {
    owed.none = false;
    owed.fullOfMerged = true;
    owed.full = true;
    gate.hold(hold);
    assertEquals(hold != Hold.OVERLOADED_NODE && hold != Hold.PAUSE, gate.holdsRest());
  }

  @Test
  void whoIsOwedTooMuchWaitsForMoreOfItOnceItWaits() {
    owed.full = true;
    assertTrue(gate.holdsRequest());
    gate.shut();
    assertTrue(gate.isShut() && gate.holdsRequest());
    owed.full = false;
    assertFalse(gate.holdsRequest());
    gate.open();
    assertFalse(gate.isShut() || gate.holdsRequest());
    assertEquals(List.of(false, true, true, false), owed.askedAsPaused);
  }
}
