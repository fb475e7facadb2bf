package io.cashew.proxy.control;

import static io.cashew.proxy.topology.Ejection.Condition.AWAITED;
import static io.cashew.proxy.topology.Ejection.Condition.DOWN;
import static io.cashew.proxy.topology.Ejection.Condition.SUSPECT;
import static io.cashew.proxy.topology.Ejection.Condition.WELL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.config.HealthSettings;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.metrics.NodeState;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Circuits and probes, on a control thread whose time the test moves. */
final class HealthTest {
  private static final long RETRY_AFTER = 1000;
  private static final NodeFailure CLOSED = NodeFailure.of(FailureKind.CLOSED, "closed");
  private static final NodeFailure TIMEOUT = NodeFailure.of(FailureKind.TIMEOUT, "late");

  private final MockTicker clock = Ticker.newMockTicker();
  private final EmbeddedChannel control = EmbeddedChannel.builder().ticker(clock).build();
  private final List<Long> probes = new ArrayList<>();
  private final List<Health.Placed> nodes = new ArrayList<>();
  private final Health health =
      new Health(control.eventLoop(), clock, this::probe, () -> this.changes++);
  private HealthSettings settings =
      HealthSettings.DEFAULT.with(HealthSettings.RETRY_AFTER, RETRY_AFTER);
  private int changes;
  private @Nullable NodeFailure answer = CLOSED;

  /** Null: all nodes give the answer, or none does. */
  private @Nullable Node onlyAnswering;

  private void probe(Node node, Health.ProbeResult result) {
    probes.add(TimeUnit.NANOSECONDS.toMillis(clock.nanoTime()));
    result.done(onlyAnswering == null || node == onlyAnswering ? answer : CLOSED);
  }

  private Node node(String name) {
    Node node = new Node("test", name, new Nowhere(), 3, health);
    nodes.add(new Health.Placed(node, new NodeState()));
    health.follow(settings, nodes);
    return node;
  }

  private void fail(Node node, NodeFailure cause) {
    health.circuitOpened(node, cause);
    control.runPendingTasks();
  }

  private void pass(long millis) {
    clock.advanceMillis(millis);
    control.runScheduledPendingTasks();
    control.runPendingTasks();
  }

  /** Lets time pass in small steps, so that what is due later is counted from when it was due. */
  private void passSlowly(long millis) {
    for (long i = 0; i < millis; i++) {
      pass(1);
    }
  }

  @Test
  void whatHasFailedIsProbedAfterAsLongAsItHasBeenAwayUpToHalfOfRetryAfter() {
    Node alpha = node("alpha");
    node("beta");
    fail(alpha, CLOSED);
    passSlowly(4000);
    for (int i = 0; i < probes.size(); i++) {
      long pause = probes.get(i) - (i == 0 ? 0 : probes.get(i - 1));
      long expected = Math.min(i == 0 ? 50 : 50L << (i - 1), RETRY_AFTER / 2);
      assertTrue(pause >= expected * 4 / 5 && pause <= expected + 1, i + ": " + pause);
    }
    assertTrue(probes.size() > 8, "it goes on: " + probes);
  }

  @Test
  void aNodeThatAnswersAProbeIsWellAndIsNotProbedAgain() {
    Node alpha = node("alpha");
    node("beta");
    fail(alpha, CLOSED);
    assertEquals(List.of(SUSPECT, WELL), health.conditions());
    assertTrue(nodes.get(0).state().circuitOpen());
    answer = null;
    passSlowly(100);
    assertEquals(List.of(WELL, WELL), health.conditions());
    assertFalse(nodes.get(0).state().circuitOpen());
    assertEquals(1, probes.size());
    passSlowly(5000);
    assertEquals(1, probes.size());
  }

  @Test
  void aProbeThatFailsConfirmsWhatTheEndOfAConnectionLeavesOpen() {
    Node alpha = node("alpha");
    node("beta");
    fail(alpha, CLOSED);
    assertEquals(List.of(SUSPECT, WELL), health.conditions());
    passSlowly(60);
    assertEquals(List.of(DOWN, WELL), health.conditions());
  }

  @Test
  void timeOutsConfirmAtOnce() {
    Node alpha = node("alpha");
    node("beta");
    fail(alpha, TIMEOUT);
    assertEquals(List.of(DOWN, WELL), health.conditions());
  }

  @Test
  void theSameCircuitIsHeardOfOnce() {
    Node alpha = node("alpha");
    node("beta");
    fail(alpha, CLOSED);
    int before = changes;
    fail(alpha, TIMEOUT);
    assertEquals(before, changes);
    assertEquals(1, nodes.get(0).state().circuitOpenings());
  }

  @Test
  void nodesThatAreAllDownAreAwaitedUntilOneHasBeenBackForRetryAfter() {
    Node alpha = node("alpha");
    Node beta = node("beta");
    fail(alpha, TIMEOUT);
    fail(beta, TIMEOUT);
    passSlowly(60);
    assertEquals(List.of(AWAITED, AWAITED), health.conditions());
    answer = null;
    onlyAnswering = alpha;
    passSlowly(250);
    assertEquals(List.of(WELL, AWAITED), health.conditions());
    passSlowly(RETRY_AFTER);
    assertEquals(List.of(WELL, DOWN), health.conditions());
  }

  @Test
  void aNodeThatAnswersProbesAndFailsRequestsIsProbedEverMoreSeldom() {
    Node alpha = node("alpha");
    node("beta");
    answer = null;
    fail(alpha, CLOSED);
    passSlowly(60);
    fail(alpha, CLOSED);
    passSlowly(60);
    assertEquals(2, probes.size());
    fail(alpha, CLOSED);
    passSlowly(60);
    assertEquals(2, probes.size(), "the third time it is given a hundred milliseconds");
    passSlowly(60);
    assertEquals(3, probes.size());
  }

  @Test
  void aNodeIsBackWhenItHasAnsweredSoManyProbesInARow() {
    settings = settings.with(HealthSettings.SUCCESS_LIMIT, 3);
    Node alpha = node("alpha");
    node("beta");
    fail(alpha, CLOSED);
    answer = null;
    passUntilProbe(2);
    answer = CLOSED;
    passUntilProbe(3);
    answer = null;
    passUntilProbe(5);
    assertTrue(nodes.get(0).state().circuitOpen(), "the second in a row");
    passUntilProbe(6);
    assertFalse(nodes.get(0).state().circuitOpen());
    assertEquals(List.of(WELL, WELL), health.conditions());
    passSlowly(5000);
    assertEquals(6, probes.size());
  }

  private void passUntilProbe(int number) {
    for (int i = 0; probes.size() < number && i < 10 * RETRY_AFTER; i++) {
      pass(1);
    }
    assertEquals(number, probes.size());
  }

  @Test
  void whatIsNoLongerConfiguredIsNotProbed() {
    Node alpha = node("alpha");
    node("beta");
    fail(alpha, CLOSED);
    nodes.remove(0);
    health.follow(settings, nodes);
    passSlowly(1000);
    assertEquals(List.of(), probes);
    assertEquals(List.of(WELL), health.conditions());
  }

  private static final class Nowhere implements NodeAddress {
    @Override
    public String text() {
      return "nowhere:1";
    }

    @Override
    public @Nullable SocketAddress current() {
      return null;
    }

    @Override
    public void refresh() {}
  }
}
