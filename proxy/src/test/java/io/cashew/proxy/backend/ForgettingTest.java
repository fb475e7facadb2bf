package io.cashew.proxy.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.metrics.FailureKind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ForgettingTest {
  private static final NodeFailure LATE = NodeFailure.of(FailureKind.TIMEOUT, "late");

  private final Forgetting forgetting = new Forgetting();
  private final List<String> heard = new ArrayList<>();

  private void await(String name) {
    forgetting.whenForgotten(
        failure -> heard.add(name + (failure == null ? "" : ": " + failure.kind())));
  }

  @Test
  void nothingToForgetIsKnownAtOnce() {
    await("a");
    assertEquals(List.of("a"), heard);
  }

  @Test
  void whatWasToldBeforeIsWaitedForAndWhatIsToldLaterIsNot() {
    forgetting.tell();
    await("a");
    forgetting.tell();
    await("b");
    assertEquals(List.of(), heard);
    forgetting.answer();
    assertEquals(List.of("a"), heard);
    forgetting.answer();
    assertEquals(List.of("a", "b"), heard);
  }

  @Test
  void nobodyWaitsForTheAnswersOfAConnectionThatHasEnded() {
    forgetting.tell();
    forgetting.tell();
    await("a");
    forgetting.end(LATE);
    assertEquals(List.of("a: TIMEOUT"), heard);
    await("b");
    forgetting.tell();
    await("c");
    forgetting.answer();
    assertEquals(List.of("a: TIMEOUT", "b", "c"), heard);
  }
}
