package io.cashew.proxy.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.testing.VirtualWorker;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The structure on which the matching of replies rests: order, each once, none lost. */
final class InFlightQueueTest {
  private static final NodeFailure CLOSED = NodeFailure.of(FailureKind.CLOSED, "closed");

  private final VirtualWorker worker = new VirtualWorker();
  private final NodeRecorder recorder = new NodeRecorder();
  private final List<Boolean> reading = new ArrayList<>();
  private final InFlightQueue queue = newQueue();
  private long tick;
  private long flushes;

  @AfterEach
  void stop() {
    worker.close();
  }

  private InFlightQueue newQueue() {
    return new InFlightQueue(recorder, new Stall(worker.worker(), reading::add));
  }

  private static final class Request extends InFlight {
    private final String name;
    private final List<NodeFailure> failures = new ArrayList<>();
    private boolean script;
    private Consumer<Request> onFailure = request -> {};

    Request(String name) {
      this.name = name;
    }

    @Override
    public void onReply(ByteBuf buf, int index, int length, boolean last) {}

    @Override
    public void onFailure(NodeFailure failure) {
      failures.add(failure);
      onFailure.accept(this);
    }

    @Override
    public void onStallTimeout() {}

    @Override
    protected boolean runsScript() {
      return script;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private Request add(String name) {
    Request request = new Request(name);
    queue.add(request, 1_000_000 * tick, tick, flushes);
    return request;
  }

  private List<Request> add(String... names) {
    List<Request> added = new ArrayList<>();
    for (String name : names) {
      added.add(add(name));
    }
    return added;
  }

  private List<String> drain(InFlightQueue from) {
    List<String> names = new ArrayList<>();
    while (!from.isEmpty()) {
      names.add(from.remove().toString());
    }
    return names;
  }

  @Test
  void theFirstInIsTheFirstOutHoweverManyComeAndGo() {
    Random random = new Random(5);
    ArrayDeque<Request> expected = new ArrayDeque<>();
    for (int round = 0; round < 2000; round++) {
      int adds = random.nextInt(round % 100 < 50 ? 40 : 10);
      for (int i = 0; i < adds; i++) {
        expected.add(add(round + "/" + i));
      }
      for (int i = random.nextInt(30); i > 0 && !expected.isEmpty(); i--) {
        assertSame(expected.peek(), queue.first());
        assertSame(expected.remove(), queue.remove());
      }
      assertEquals(expected.size(), queue.size());
      assertEquals(expected.size(), recorder.inFlight);
    }
  }

  @Test
  void anEmptyQueueHasNoFirst() {
    assertNull(queue.first());
    assertFalse(queue.firstHasLeft(1));
    add("a");
    queue.remove();
    assertNull(queue.first());
    assertTrue(queue.isEmpty());
  }

  @Test
  void aRequestWaitsForOneReplyAtATime() {
    Request request = add("a");
    assertThrows(AssertionError.class, () -> queue.add(request, 0, 0, 0));
    assertThrows(AssertionError.class, () -> newQueue().add(request, 0, 0, 0));
    queue.remove();
    queue.add(request, 0, 0, 0);
    assertSame(request, queue.first());
  }

  @Test
  void onlyTheFirstTellsWhatIsLate() {
    tick = 100;
    add("a");
    tick = 300;
    add("b");
    assertEquals(100, queue.firstSentTickMillis());
    queue.remove();
    assertEquals(300, queue.firstSentTickMillis());
  }

  @Test
  void whenARequestWasSentIsKnownWhenItLeavesTheQueue() {
    tick = 100;
    List<Request> requests = add("a", "b");
    queue.remove();
    assertEquals(100_000_000, requests.get(0).sentNanos);
    queue.allSentAt(7);
    Request last = add("c");
    queue.lastSentAt(9);
    drain(queue);
    assertEquals(7, requests.get(1).sentNanos);
    assertEquals(9, last.sentNanos);
  }

  @Test
  void whatWasAddedSinceBytesLeftHasNotLeft() {
    add("a", "b");
    assertEquals(2, queue.unsent(flushes));
    assertFalse(queue.firstHasLeft(flushes));
    flushes++;
    assertEquals(0, queue.unsent(flushes));
    assertTrue(queue.firstHasLeft(flushes));
    add("c", "d", "e");
    assertEquals(3, queue.unsent(flushes));
    assertTrue(queue.firstHasLeft(flushes));
    drainTo(3);
    assertFalse(queue.firstHasLeft(flushes));
    flushes++;
    assertEquals(0, queue.unsent(flushes));
  }

  private void drainTo(int size) {
    while (queue.size() > size) {
      queue.remove();
    }
  }

  @Test
  void whatHasNotLeftMovesInItsOrderBehindWhatIsThere() {
    add("a", "b");
    flushes++;
    add("c", "d");
    InFlightQueue other = newQueue();
    Request earlier = new Request("x");
    other.add(earlier, 0, 0, 0);
    queue.moveLast(queue.unsent(flushes), other, 5, 0, 0);
    assertEquals(5, recorder.inFlight);
    assertEquals(List.of("a", "b"), drain(queue));
    assertEquals(List.of("x", "c", "d"), drain(other));
    assertEquals(0, recorder.inFlight);
  }

  @Test
  void allFailOnceAndInTheirOrder() {
    List<String> order = new ArrayList<>();
    List<Request> requests = add("a", "b", "c");
    flushes++;
    requests.addAll(add("d", "e"));
    for (Request each : requests) {
      each.onFailure = failed -> order.add(failed.name + " of " + queue.size());
    }
    NodeFailure inDoubt = CLOSED.afterSending();
    queue.failAll(CLOSED, inDoubt, queue.unsent(flushes), true);
    assertEquals(List.of("a of 4", "b of 3", "c of 2", "d of 1", "e of 0"), order);
    assertEquals(inDoubt.text(), requests.get(0).failures.get(0).text());
    assertFalse(requests.get(0).failures.get(0).beforeReply(), "its reply had begun");
    assertEquals(inDoubt.text(), requests.get(2).failures.get(0).text());
    assertTrue(requests.get(2).failures.get(0).beforeReply());
    assertEquals(CLOSED.text(), requests.get(3).failures.get(0).text());
    assertTrue(requests.stream().allMatch(each -> each.failures.size() == 1));
    assertEquals(0, recorder.inFlight);
    assertEquals(5, recorder.failures(FailureKind.CLOSED));
  }

  @Test
  void whatFailsMayBeInFlightElsewhereAtOnce() {
    InFlightQueue other = newQueue();
    Request request = add("a");
    request.onFailure = failed -> other.add(failed, 0, 0, 0);
    queue.failAll(CLOSED, CLOSED, 0, false);
    assertSame(request, other.first());
    assertEquals(1, recorder.inFlight);
  }

  @Test
  void theProxysOwnIsNotCounted() {
    queue.add(new TextReply(text -> {}), 0, 0, 0);
    assertEquals(0, recorder.inFlight);
    queue.failAll(CLOSED, CLOSED, 0, false);
    assertEquals(0, recorder.inFlight);
    assertEquals(0, recorder.failures(FailureKind.CLOSED));
  }

  @Test
  void aScriptIsLookedForAmongThoseThatHaveWaitedLong() {
    tick = 100;
    add("a");
    assertFalse(queue.scriptSentBy(200));
    tick = 200;
    add("b").script = true;
    tick = 300;
    add("c");
    assertFalse(queue.scriptSentBy(199));
    assertTrue(queue.scriptSentBy(200));
    drainTo(1);
    assertFalse(queue.scriptSentBy(1000));
  }

  @Test
  void onlyTheFirstStallsItsConnectionAndNoLongerThanItIsInFlight() {
    List<Request> requests = add("a", "b");
    worker.run(() -> requests.get(1).stallNode());
    assertEquals(List.of(), reading);
    worker.run(() -> requests.get(0).stallNode());
    assertEquals(List.of(false), reading);
    worker.run(queue::remove);
    assertEquals(List.of(false, true), reading);
    worker.run(() -> requests.get(0).stallNode());
    assertEquals(List.of(false, true), reading);
  }

  @Test
  void aBurstLeavesNoTraceAfterTwoQuietTicks() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      names.add(add("r" + i).name);
    }
    queue.onTick();
    queue.onTick();
    assertEquals(names, drain(queue), "what is in flight stays");
    queue.onTick();
    add("last");
    assertEquals(List.of("last"), drain(queue));
  }
}
