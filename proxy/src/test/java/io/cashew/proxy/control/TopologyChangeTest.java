package io.cashew.proxy.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.metrics.NodeState;
import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.VirtualPool;
import io.cashew.proxy.testing.VirtualWorker;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Topology;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A shard whose primary is another server, on a worker and a control thread without clocks. */
final class TopologyChangeTest {
  private static final long DRAIN_MILLIS = 10_000;
  private static final String SUBSCRIBED = "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n";

  private final VirtualWorker worker = new VirtualWorker();
  private final InMemoryServer alpha = new InMemoryServer(worker);
  private final InMemoryServer beta = new InMemoryServer(worker);
  private final VirtualPool pool = new VirtualPool(worker, alpha);
  private final VirtualPool.Client client = pool.connect();
  private final MockTicker clock = Ticker.newMockTicker();
  private final EmbeddedChannel control = EmbeddedChannel.builder().ticker(clock).build();
  private final Retirements retirements = new Retirements(control.eventLoop(), clock);
  private final List<String> heard = new ArrayList<>();

  private final Placed before =
      placed(pool.topology().shards().get(0).primary(), pool.backends().get(0).node());

  @AfterEach
  void close() {
    worker.close();
  }

  private static Placed placed(ServerId id, Node node) {
    return new Placed(node.name(), id, id, node, new NodeState(), 0, null);
  }

  private static Placed placed(InMemoryServer server) {
    return placed(
        new ServerId(server.text(), 1),
        new Node("test", server.name(), server.address(), 3, (node, cause) -> {}));
  }

  private final class Heard implements TopologyChange.Target, PoolChanges.Progress {
    private final Topology topology;

    Heard(Topology topology) {
      this.topology = topology;
    }

    @Override
    public Backend backend(PoolOnWorker part, Placed placed) {
      return worker.unheard(placed.node());
    }

    @Override
    public TopologyChange.Install install() {
      return new TopologyChange.Install(topology, null, true, DRAIN_MILLIS);
    }

    @Override
    public void given() {
      heard.add("given");
    }

    @Override
    public void installed() {
      heard.add("installed");
    }

    @Override
    public void ended() {
      if (!heard.contains("ended")) {
        heard.add("ended");
      }
    }

    @Override
    public void failed(Throwable defect) {
      heard.add("failed");
    }
  }

  private TopologyChange change(Placed to) {
    Topology next = pool.topology().withPrimaries(List.of(to.server()));
    Heard told = new Heard(next);
    return new TopologyChange(
        List.of(VirtualPart.of(worker, pool)),
        control.eventLoop(),
        retirements,
        PlacedChange.of(List.of(before), List.of(to), List.of()),
        next,
        told,
        told);
  }

  private void settle() {
    for (int i = 0; i < 6; i++) {
      worker.settle();
      control.runPendingTasks();
    }
  }

  private void pass(long millis) {
    clock.advanceMillis(millis);
    control.runScheduledPendingTasks();
    settle();
  }

  @Test
  void requestsGoToTheNewServerAndThoseInFlightGetTheirReplies() {
    client.send("GET a");
    change(placed(beta)).begin(1000);
    settle();
    assertEquals(List.of("given", "installed"), heard);
    VirtualPool.Client other = pool.connect();
    other.send("GET b");
    assertEquals(List.of("GET a"), alpha.requests());
    assertEquals(List.of("GET b"), beta.requests());
    alpha.say("+first\r\n");
    assertEquals("+first", client.received());
    client.send("GET c");
    assertEquals(List.of("GET b", "GET c"), beta.requests());
    assertEquals(List.of("GET a"), alpha.requests());
  }

  @Test
  void theChangeEndsWhenNothingIsInFlightAtTheOldServer() {
    client.send("GET a");
    change(placed(beta)).begin(1000);
    settle();
    pass(Retirements.LOOK_MILLIS);
    assertFalse(heard.contains("ended"));
    alpha.say("+first\r\n");
    for (int i = 0; i < 4; i++) {
      pass(Retirements.LOOK_MILLIS);
    }
    assertEquals(List.of("given", "installed", "ended"), heard);
    assertEquals(1, worker.on(() -> pool.servers().all().size()));
  }

  @Test
  void theChangeEndsWhenTheTimeForWhatIsInFlightHasPassed() {
    client.send("GET a");
    change(placed(beta)).begin(1000);
    settle();
    for (long i = 0; i <= DRAIN_MILLIS; i += Retirements.LOOK_MILLIS) {
      pass(Retirements.LOOK_MILLIS);
    }
    assertEquals(List.of("given", "installed", "ended"), heard);
    assertTrue(client.received().startsWith("-ERR "));
  }

  @Test
  void theNewServerIsListenedToBeforeItIsUsed() {
    alpha.answer(request -> request.startsWith("subscribe") ? SUBSCRIBED : null);
    client.send("SUBSCRIBE news");
    change(placed(beta)).begin(1000);
    settle();
    assertEquals(List.of("subscribe news"), beta.requests());
    assertEquals(List.of(), heard, "it has not confirmed");
    pass(TopologyChange.LOOK_MILLIS);
    assertEquals(List.of(), heard, "it still has not");
    beta.say(beta.connections() - 1, SUBSCRIBED);
    pass(TopologyChange.LOOK_MILLIS);
    assertEquals(List.of("given", "installed"), heard);
  }

  @Test
  void aNewServerThatDoesNotAnswerIsNotWaitedForAnyLonger() {
    alpha.answer(request -> request.startsWith("subscribe") ? SUBSCRIBED : null);
    client.send("SUBSCRIBE news");
    change(placed(beta)).begin(1000);
    settle();
    pass(998);
    assertEquals(List.of(), heard);
    pass(2);
    assertEquals(List.of("given", "installed"), heard);
  }

  @Test
  void thePatienceIsShortenedWhenSomethingElseIsToCome() {
    alpha.answer(request -> request.startsWith("subscribe") ? SUBSCRIBED : null);
    client.send("SUBSCRIBE news");
    TopologyChange change = change(placed(beta));
    change.begin(1000);
    settle();
    change.installWithin(100);
    pass(100);
    assertEquals(List.of("given", "installed"), heard);
    pass(900);
    assertEquals(1, heard.stream().filter("installed"::equals).count());
  }

  @Test
  void aChangeThatIsStoppedInstallsNothing() {
    alpha.answer(request -> request.startsWith("subscribe") ? SUBSCRIBED : null);
    client.send("SUBSCRIBE news");
    TopologyChange change = change(placed(beta));
    change.begin(1000);
    settle();
    change.stop();
    worker.run(pool.servers()::close);
    pass(1000);
    assertEquals(List.of(), heard);
    assertEquals(List.of("subscribe news"), beta.requests());
  }

  @Test
  void aServerWhoseConnectionsAreMadeAnewHandsItsMessagesOver() {
    alpha.answer(request -> request.startsWith("subscribe") ? SUBSCRIBED : null);
    client.send("SUBSCRIBE news");
    client.received();
    change(placed(alpha)).begin(1000);
    settle();
    assertEquals(List.of("given", "installed"), heard);
    assertEquals(List.of("subscribe news"), alpha.requests());
    alpha.say(0, "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n");
    assertEquals("*3 $7 message $4 news $2 hi", client.received());
  }
}
