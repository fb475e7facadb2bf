package io.cashew.proxy.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.metrics.NodeState;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A node that is out, as one process tells the next. */
final class KeptOutTest {
  @Test
  void aLineSaysAllOfIt() {
    KeptOut out =
        new KeptOut(
            "a pool", "10.0.0.1:6379 b", new NodeState.Maintenance("drain", "10.0.0.7", 1234));
    assertEquals("maintenance\tdrain\t1234\t10.0.0.7\ta pool\t10.0.0.1:6379 b", out.line());
    assertEquals(Optional.of(out), KeptOut.of(out.line()));
  }

  @Test
  void linesOfListenersAreOthers() {
    assertEquals(Optional.empty(), KeptOut.of("127.0.0.1:22121"));
    assertEquals(Optional.empty(), KeptOut.of("maintenance\tdrain"));
  }
}
