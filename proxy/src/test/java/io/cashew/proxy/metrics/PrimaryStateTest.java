package io.cashew.proxy.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which of the changes of a node's primary are failovers, and how long they took. */
final class PrimaryStateTest {
  private final PrimaryState state = new PrimaryState();

  private void is(@Nullable String address, long sinceMillis, long failovers) {
    assertEquals(new PrimaryState.Now(address, sinceMillis, failovers), state.now());
  }

  @Test
  void theFirstPrimaryTakesOverFromNobody() {
    state.isNobody(10);
    is(null, 10, 0);
    assertEquals(OptionalLong.empty(), state.is("a:1", 20));
    is("a:1", 20, 0);
    assertEquals(OptionalLong.empty(), state.is("a:1", 30));
    is("a:1", 20, 0);
  }

  @Test
  void anotherServerIsAFailover() {
    state.is("a:1", 10);
    assertEquals(OptionalLong.of(0), state.is("b:1", 20));
    is("b:1", 20, 1);
  }

  @Test
  void theTimeWithoutAPrimaryIsThatOfTheFailover() {
    state.is("a:1", 10);
    state.isNobody(20);
    state.isNobody(25);
    is(null, 20, 0);
    assertEquals(OptionalLong.of(40), state.is("b:1", 60));
    is("b:1", 60, 1);
  }

  @Test
  void aPrimaryThatFailsIsAwayFromItsFirstFailureOn() {
    NodeState node = new NodeState();
    node.primary().is("a:1", 10);
    node.failed("Connection refused", 20);
    node.openCircuit();
    node.failed("Connection refused", 30);
    node.primary().isNobody(40);
    assertEquals(OptionalLong.of(80), node.primary().is("b:1", 100));
  }

  @Test
  void aPrimaryThatServesAgainWasNotAway() {
    NodeState node = new NodeState();
    node.primary().is("a:1", 10);
    node.failed("Connection refused", 20);
    node.closeCircuit();
    assertEquals(OptionalLong.of(0), node.primary().is("b:1", 100));
  }

  @Test
  void theSamePrimaryAfterNobodyIsNoFailover() {
    state.is("a:1", 10);
    state.isNobody(20);
    assertEquals(OptionalLong.empty(), state.is("a:1", 30));
    is("a:1", 30, 0);
  }

  @Test
  void aNodeThatIsConfiguredElsewhereHasNotFailedOver() {
    state.is("a:1", 10);
    state.isElsewhere();
    state.isNobody(20);
    assertEquals(OptionalLong.empty(), state.is("b:1", 30));
    is("b:1", 30, 0);
  }
}
