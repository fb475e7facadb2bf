package io.cashew.proxy.control;

import static io.cashew.proxy.control.Ejection.Condition.AWAITED;
import static io.cashew.proxy.control.Ejection.Condition.DOWN;
import static io.cashew.proxy.control.Ejection.Condition.SUSPECT;
import static io.cashew.proxy.control.Ejection.Condition.WELL;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.control.Ejection.Condition;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class EjectionTest {
  private static Set<Integer> after(Set<Integer> before, double most, Condition... nodes) {
    BitSet out = new BitSet();
    before.forEach(out::set);
    return Ejection.after(out, List.of(nodes), most).stream().boxed().collect(Collectors.toSet());
  }

  @Test
  void whatIsDownGoesAndWhatIsWellComesBack() {
    assertEquals(Set.of(1), after(Set.of(), 0.5, WELL, DOWN, WELL));
    assertEquals(Set.of(1), after(Set.of(1), 0.5, WELL, DOWN, WELL));
    assertEquals(Set.of(), after(Set.of(1), 0.5, WELL, WELL, WELL));
  }

  @Test
  void theEndOfAConnectionAloneMovesNoKeys() {
    assertEquals(Set.of(), after(Set.of(), 0.5, WELL, SUSPECT, WELL));
    assertEquals(
        Set.of(1), after(Set.of(1), 0.5, WELL, SUSPECT, WELL), "nor does it bring some back");
  }

  @Test
  void whatIsAwaitedIsInItsPlace() {
    assertEquals(Set.of(), after(Set.of(), 1, AWAITED, AWAITED, AWAITED));
    assertEquals(Set.of(), after(Set.of(1), 1, WELL, AWAITED, WELL));
  }

  @Test
  void neverMoreThanTheShareAndNeverTheLast() {
    assertEquals(Set.of(0, 1), after(Set.of(), 0.5, DOWN, DOWN, DOWN, DOWN));
    assertEquals(Set.of(0, 1, 2), after(Set.of(), 1, DOWN, DOWN, DOWN, DOWN));
    assertEquals(Set.of(), after(Set.of(), 1, DOWN));
    assertEquals(Set.of(), after(Set.of(), 0, DOWN, WELL));
    assertEquals(Set.of(), after(Set.of(), 0.3, DOWN, WELL, WELL), "0.9 of a node is none");
  }

  @Test
  void whoIsOutKeepsThePlaceThatOthersWouldHave() {
    assertEquals(Set.of(3), after(Set.of(3), 0.25, DOWN, WELL, WELL, DOWN));
    assertEquals(Set.of(0), after(Set.of(3), 0.25, DOWN, WELL, WELL, WELL));
  }
}
