package io.cashew.proxy.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.testing.ManualControl;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How long those wait who want to know that no failover is under way. */
final class SettlingTest {
  private static final Optional<String> NONE = Optional.empty();
  private static final Optional<String> SOME = Optional.of("two say so");

  private final ManualControl control = new ManualControl();
  private final List<Long> looks = new ArrayList<>();
  private final Settling settling = new Settling(control, () -> looks.add(System.nanoTime()));
  private final List<Optional<String>> doubts = new ArrayList<>();

  private long last() {
    return looks.get(looks.size() - 1);
  }

  @Test
  void aLookThatBeganBeforeSaysNothing() {
    long before = System.nanoTime() - 1;
    settling.begin(doubts::add);
    settling.looked(before, NONE);
    assertEquals(List.of(), doubts);
    control.pass(Settling.LOOK_MILLIS);
    assertEquals(2, looks.size(), "it is looked again");
    settling.looked(last(), NONE);
    assertEquals(List.of(NONE), doubts);
    control.pass(PrimaryWatch.SETTLE_MILLIS);
    assertEquals(List.of(NONE), doubts, "it is heard once");
    assertEquals(2, looks.size());
  }

  @Test
  void itIsLookedUntilThereIsNoDoubt() {
    settling.begin(doubts::add);
    for (int i = 0; i < 5; i++) {
      settling.looked(last(), SOME);
      settling.looked(last(), SOME); // of another server, say
      control.pass(Settling.LOOK_MILLIS);
    }
    assertEquals(6, looks.size());
    settling.looked(last(), NONE);
    assertEquals(List.of(NONE), doubts);
  }

  @Test
  void afterItsTimeTheLastDoubtIsHeard() {
    settling.begin(doubts::add);
    settling.looked(last(), Optional.of("one"));
    settling.looked(last(), SOME);
    control.pass(PrimaryWatch.SETTLE_MILLIS);
    assertEquals(List.of(SOME), doubts);
  }

  @Test
  void whereNobodyAnswersThatIsTheDoubt() {
    settling.begin(doubts::add);
    control.pass(PrimaryWatch.SETTLE_MILLIS);
    assertEquals(List.of(Optional.of("nobody has answered who is primary")), doubts);
  }

  @Test
  void whoWaitsHearsOfTheEnd() {
    settling.begin(doubts::add);
    settling.close();
    assertEquals(1, doubts.size());
    assertEquals(false, doubts.get(0).isEmpty());
  }
}
