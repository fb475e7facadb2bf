package io.cashew.proxy.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.loop.Descriptors;
import io.cashew.proxy.loop.Keepalive;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.ReceivedReply;
import io.cashew.proxy.testing.VirtualWorker;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
final class SharedConnectionsTest {
  private static final int PER_NODE = 2;

  private static final BackendSettings SETTINGS =
      new BackendSettings(
          400, PER_NODE, 1 << 20, 1 << 20, List.of(), new Keepalive(0), false, 2, 16);

  private final VirtualWorker worker = new VirtualWorker();
  private final InMemoryServer server = new InMemoryServer(worker);
  private final Node node =
      new Node("test", "alpha", server.address(), 1000, (failed, cause) -> {});
  private final NodeRecorder recorder = new NodeRecorder();
  private final Opener opener =
      new Opener(
          worker.worker(),
          node,
          SETTINGS,
          recorder,
          VirtualWorker.sockets(),
          Descriptors.unlimited());
  private final SharedConnections shared = new SharedConnections(worker.worker(), node, opener);

  @AfterEach
  void stop() {
    worker.run(
        () -> {
          opener.close();
          shared.close();
        });
    worker.close();
  }

  private static Lane lane(long client, boolean resp3, int database) {
    return new Lane(client, PER_NODE, resp3, database, null);
  }

  private @Nullable RequestConnection get(Lane lane) {
    List<@Nullable RequestConnection> got = new ArrayList<>();
    worker.run(() -> got.add(shared.get(lane)));
    return got.get(0);
  }

  private RequestConnection open(Lane lane) {
    RequestConnection connection = get(lane);
    assertNotNull(connection);
    return connection;
  }

  private ReceivedReply ask(RequestConnection connection, String... words) {
    ReceivedReply reply = new ReceivedReply();
    worker.run(
        () -> {
          connection.enqueue(reply);
          byte[] request = OwnCommands.of(words);
          connection.outbound().write(request, 0, request.length);
        });
    return reply;
  }

  @Test
  void aClientsRequestsTakeTheSameConnectionAlways() {
    RequestConnection first = open(lane(4, false, 0));
    assertSame(first, open(lane(4, false, 0)));
    assertSame(first, open(lane(4 + PER_NODE, false, 0)));
    assertNotSame(first, open(lane(5, false, 0)));
    assertEquals(2, server.connections());
  }

  @Test
  void eachProtocolAndDatabaseHasItsOwn() {
    RequestConnection plain = open(lane(1, false, 0));
    assertNotSame(plain, open(lane(1, true, 0)));
    assertNotSame(plain, open(lane(1, false, 1)));
    assertEquals(List.of("HELLO 3", "SELECT 1"), server.requests());
  }

  @Test
  void nothingIsOpenUntilItIsAskedFor() {
    assertTrue(shared.isEmpty());
    assertNull(shared.existing(lane(1, false, 0)));
    RequestConnection connection = open(lane(1, false, 0));
    assertSame(connection, shared.existing(lane(1, false, 0)));
    assertFalse(shared.isEmpty());
  }

  @Test
  void aConnectionThatHasEndedIsOpenedAnewAtAPace() {
    Lane lane = lane(1, false, 0);
    int opened = 0;
    for (int i = 0; i < 2 * ConnectPace.AT_ONCE; i++) {
      RequestConnection connection = get(lane);
      if (connection != null) {
        opened++;
        ask(connection, "GET", "a");
        server.say("+1\r\n"); // a node that has answered is not down
        server.hangUp();
      }
    }
    assertTrue(opened >= ConnectPace.AT_ONCE && opened < 2 * ConnectPace.AT_ONCE, "" + opened);
    assertEquals(FailureKind.CLOSED, opener.whyNone().kind());
  }

  @Test
  void whatAClientHasSentMayHaveGoneOverAConnectionThatHasEnded() {
    Lane lane = lane(1, false, 0);
    worker.advance(100);
    RequestConnection connection = open(lane);
    long before = worker.on(() -> worker.worker().tickMillis());
    assertTrue(shared.hasBeenConnectedSince(lane, before));
    worker.advance(100);
    worker.run(() -> connection.fail(NodeFailure.ABANDONED, false));
    assertFalse(shared.hasBeenConnectedSince(lane, before));
    assertTrue(shared.hasBeenConnectedSince(lane(2, false, 0), before), "of another lane");
  }

  @Test
  void whatHasNotLeftGoesOverTheNextConnectionInItsOrder() {
    Lane lane = lane(1, false, 0);
    RequestConnection first = open(lane);
    ReceivedReply sent = ask(first, "GET", "a");
    ReceivedReply reply = new ReceivedReply();
    ReceivedReply next = new ReceivedReply();
    worker.run(
        () -> {
          for (ReceivedReply each : List.of(reply, next)) {
            first.enqueue(each);
            byte[] request = OwnCommands.of("GET", each == reply ? "b" : "c");
            first.outbound().write(request, 0, request.length);
          }
          first.fail(node.failure(FailureKind.CLOSED, "Connection closed"), false);
        });
    assertTrue(sent.text().contains("may have been executed"), sent.text());
    assertEquals(List.of("GET a", "GET b", "GET c"), server.requests());
    server.say("+2\r\n+3\r\n");
    assertEquals(List.of("+2\r\n", "+3\r\n"), List.of(reply.text(), next.text()));
    assertEquals(0, recorder.inFlight);
  }

  @Test
  void aRetiredOneEndsWithItsLastReply() {
    RequestConnection busy = open(lane(1, false, 0));
    RequestConnection idle = open(lane(2, false, 0));
    ReceivedReply reply = ask(busy, "GET", "a");
    worker.run(
        () -> {
          opener.retire();
          shared.retire();
        });
    assertTrue(idle.closed());
    assertFalse(busy.closed());
    server.say(0, "+1\r\n");
    assertEquals("+1\r\n", reply.text());
    assertTrue(busy.closed());
    assertTrue(shared.isEmpty());
  }

  @Test
  void whenAllIsClosedNothingIsOpened() {
    worker.run(
        () -> {
          opener.close();
          shared.close();
        });
    assertNull(get(lane(1, false, 0)));
    assertEquals(FailureKind.STOPPING, opener.whyNone().kind());
  }
}
