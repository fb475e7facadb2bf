package io.cashew.proxy.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.metrics.NodeState;
import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.VirtualWorker;
import io.cashew.proxy.topology.Placement;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Shard;
import io.cashew.proxy.topology.Topology;
import io.cashew.proxy.topology.Traits;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** At which nodes what may write waits. */
final class ReplacedPrimariesTest {
  private static final ServerId FORMER = new ServerId("10.0.0.1:6379", 0);
  private static final ServerId NEXT = new ServerId("10.0.0.2:6379", 0);

  private final VirtualWorker worker = new VirtualWorker();
  private final ReplacedPrimaries replaced = new ReplacedPrimaries();
  private final Placed former = placed(FORMER);

  @AfterEach
  void close() {
    worker.close();
  }

  private Placed placed(ServerId known) {
    return placed(known, 1000);
  }

  private Placed placed(ServerId known, long failoverWaitMillis) {
    Node node = new Node("p", "n", new InMemoryServer(worker).address(), 3, (its, cause) -> {});
    node.failoverWaitMillis(failoverWaitMillis);
    return new Placed("n", known, known, node, new NodeState(), 0, null);
  }

  private static Topology of(ServerId primary) {
    return Topology.of(List.of(Shard.of("n", 1, primary)), Placement.NOWHERE, Traits.ofStores(16));
  }

  private static void assertWaits(boolean waits, Placed placed) {
    assertEquals(waits ? Node.REPLACEMENT_MILLIS : 0, placed.node().writesWaitMillis());
  }

  @Test
  void writesWaitUntilTheServerIsSaidNotToBeReplaced() {
    assertWaits(false, former);
    replaced.are(Set.of(FORMER), of(FORMER), List.of(former));
    assertWaits(true, former);
    assertEquals(true, former.state().primary().beingReplaced());
    replaced.are(Set.of(), of(FORMER), List.of(former));
    assertWaits(false, former);
    assertEquals(false, former.state().primary().beingReplaced());
  }

  @Test
  void whatHasWaitedIsNotLetThroughToAServerThatIsAboutToBeLetGo() {
    replaced.are(Set.of(FORMER), of(FORMER), List.of(former));
    replaced.are(Set.of(), of(NEXT), List.of(former));
    assertWaits(true, former);
    Placed next = placed(NEXT);
    replaced.look(of(NEXT), List.of(next));
    assertWaits(false, next);
  }

  @Test
  void theyWaitAsLongAsThatTakesUnlessWaitingIsLongerOrNotWantedAtAll() {
    Placed patient = placed(FORMER, Node.REPLACEMENT_MILLIS + 1);
    Placed hasty = placed(FORMER, 0);
    replaced.are(Set.of(FORMER), of(FORMER), List.of(former, patient, hasty));
    assertWaits(true, former);
    assertEquals(Node.REPLACEMENT_MILLIS + 1, patient.node().writesWaitMillis());
    assertEquals(0, hasty.node().writesWaitMillis());
  }

  @Test
  void writesWaitAtANodeThatIsMadeAnewMeanwhile() {
    replaced.are(Set.of(FORMER), of(FORMER), List.of(former));
    Placed anew = placed(FORMER);
    replaced.look(of(FORMER), List.of(anew));
    assertWaits(true, anew);
  }
}
