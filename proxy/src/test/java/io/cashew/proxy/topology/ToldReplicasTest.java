package io.cashew.proxy.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Of which replicas Sentinels are believed. */
final class ToldReplicasTest {
  private final ToldReplicas told = new ToldReplicas();

  @Test
  void mostOfThoseThatAnswerMustTellOfOne() {
    told.tells("a", List.of("r1:1", "r2:1"));
    told.tells("b", List.of("r1:1"));
    told.tells("c", List.of("stranger:1", "r1:1"));
    assertEquals(List.of("r1:1"), told.most());
  }

  @Test
  void oneThatIsSilentDoesNotCount() {
    told.tells("a", List.of("r1:1"));
    told.tells("b", List.of());
    assertEquals(List.of(), told.most());
    told.isSilent("b");
    assertEquals(List.of("r1:1"), told.most());
  }

  @Test
  void whatTheLastOfThemToldStays() {
    told.tells("a", List.of("r1:1"));
    told.isSilent("a");
    assertEquals(List.of("r1:1"), told.most());
  }
}
