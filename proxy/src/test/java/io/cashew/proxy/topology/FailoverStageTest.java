package io.cashew.proxy.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the fields of a master say of a failover. */
final class FailoverStageTest {
  private static final String IN_PROGRESS = "master,failover_in_progress";

  private static FailoverStage of(String flags) {
    return FailoverStage.of(Map.of("flags", flags));
  }

  private static FailoverStage of(String flags, String state) {
    return FailoverStage.of(Map.of("flags", flags, "failover-state", state));
  }

  @Test
  void whoReplacesNobodySaysNothing() {
    assertEquals(FailoverStage.NONE, of("master"));
    assertEquals(FailoverStage.NONE, of("s_down,o_down,master"));
    assertEquals(FailoverStage.NONE, FailoverStage.of(Map.of()));
  }

  @Test
  void whoAsksTheOthersMayBeRefused() {
    assertEquals(FailoverStage.ASKS, of("s_down,o_down," + IN_PROGRESS, "wait_start"));
    assertEquals(FailoverStage.REPLACES, of("s_down,o_down," + IN_PROGRESS, "select_slave"));
  }

  @Test
  void whoWasAskedToReplaceAsksNobody() {
    assertEquals(FailoverStage.REPLACES, of(IN_PROGRESS + ",force_failover", "wait_start"));
  }

  @Test
  void oneThatDoesNotSayItsStateReplacesWhatServes() {
    assertEquals(FailoverStage.REPLACES, of(IN_PROGRESS));
    assertEquals(FailoverStage.ASKS, of("s_down,o_down," + IN_PROGRESS));
  }
}
