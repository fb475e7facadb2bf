package io.cashew.proxy.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When what is no longer used comes to its end, on a control thread whose time the test moves. */
final class RetirementsTest {
  private final MockTicker clock = Ticker.newMockTicker();
  private final EmbeddedChannel control = EmbeddedChannel.builder().ticker(clock).build();
  private final Retirements retirements = new Retirements(control.eventLoop(), clock);
  private final List<String> ended = new ArrayList<>();
  private boolean drained;

  private void add(String name, long drainMillis) {
    retirements.add(drainMillis, () -> drained, () -> ended.add(name));
    control.runPendingTasks();
  }

  private void pass(long millis) {
    clock.advanceMillis(millis);
    control.runScheduledPendingTasks();
    control.runPendingTasks();
  }

  @Test
  void whatIsDrainedEndsAtTheNextLook() {
    add("a", 1000);
    pass(Retirements.LOOK_MILLIS);
    assertEquals(List.of(), ended);
    drained = true;
    pass(Retirements.LOOK_MILLIS);
    assertEquals(List.of("a"), ended);
  }

  @Test
  void whatIsNotDrainedEndsWhenItsTimeHasPassed() {
    add("a", 100);
    for (int i = 0; i < 5; i++) {
      pass(Retirements.LOOK_MILLIS);
    }
    assertEquals(List.of(), ended);
    pass(Retirements.LOOK_MILLIS);
    assertEquals(List.of("a"), ended);
  }

  @Test
  void everythingEndsWithTheProxyAndOnlyOnce() {
    add("a", 100);
    add("b", 100_000);
    retirements.stop();
    assertEquals(List.of("a", "b"), ended);
    drained = true;
    pass(1000);
    assertEquals(List.of("a", "b"), ended);
  }

  @Test
  void whatComesWhenTheProxyStopsEndsAtOnce() {
    retirements.stop();
    add("a", 1000);
    assertEquals(List.of("a"), ended);
  }

  @Test
  void oneThatCannotBeEndedDoesNotKeepTheOthers() {
    retirements.add(
        1000,
        () -> false,
        () -> {
          throw new IllegalStateException("on purpose");
        });
    add("b", 1000);
    retirements.stop();
    assertEquals(List.of("b"), ended);
  }
}
