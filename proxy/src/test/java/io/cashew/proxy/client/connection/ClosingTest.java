package io.cashew.proxy.client.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class ClosingTest {
  @Test
  void noStageComesBack() {
    for (Closing stage : Closing.values()) {
      for (Closing next : Closing.values()) {
        Closing reached = stage.to(next);
        assertTrue(reached.reached(stage) && reached.reached(next), stage + " to " + next);
        assertTrue(reached == stage || reached == next, stage + " to " + next);
      }
    }
  }

  @Test
  void requestsAreTakenUntilTheLastRepliesAreDue() {
    assertEquals(
        List.of(Closing.OPEN, Closing.LEAVING),
        Stream.of(Closing.values()).filter(Closing::takesRequests).toList());
  }

  @Test
  void aClientIsOverWhenItHasBeenGivenAll() {
    assertFalse(Closing.LAST_REPLIES.over());
    assertTrue(Closing.FINISHING.over());
    assertTrue(Closing.CLOSED.over());
  }
}
