package io.cashew.proxy.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.loop.Keepalive;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.ReceivedReply;
import io.cashew.proxy.testing.VirtualWorker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Leases and large requests: what has a connection to itself, and what becomes of it. */
@ExtendWith(LeakCheck.class)
final class PinnedConnectionsTest {
  private static final int MOST = 4;
  private static final int UNSENT_BYTES = 256 << 10;

  private static final BackendSettings SETTINGS =
      new BackendSettings(
          400, 1, UNSENT_BYTES, 1 << 20, List.of(), new Keepalive(0), false, 2, MOST);

  private final VirtualWorker worker = new VirtualWorker();
  private final InMemoryServer server = new InMemoryServer(worker);
  private final Backend backend = worker.backend(server, SETTINGS);
  private final Lane lane = backend.lane(1, false, 0);

  @AfterEach
  void stop() {
    worker.run(backend::close);
    worker.close();
  }

  private @Nullable Lease tryLease() {
    List<@Nullable Lease> got = new ArrayList<>();
    worker.run(() -> got.add(backend.lease(lane)));
    return got.get(0);
  }

  private Lease lease() {
    Lease lease = tryLease();
    assertNotNull(lease);
    return lease;
  }

  private ReceivedReply send(Lease lease, String... words) {
    ReceivedReply reply = new ReceivedReply();
    ByteBuf request = Unpooled.wrappedBuffer(OwnCommands.of(words));
    worker.run(() -> lease.send(request, 0, request.readableBytes(), reply));
    return reply;
  }

  @Test
  void whatIsGivenBackServesTheNext() {
    Lease first = lease();
    Lease second = lease();
    assertEquals(2, server.connections());
    worker.run(first::giveBack);
    Lease third = lease();
    assertEquals(2, server.connections());
    ReceivedReply reply = send(third, "GET", "a");
    server.say(0, "+1\r\n");
    assertEquals("+1\r\n", reply.text());
    worker.run(second::giveBack);
  }

  @Test
  void itServesNobodyBeforeItHasAllReplies() {
    Lease first = lease();
    ReceivedReply reply = send(first, "GET", "a");
    worker.run(first::giveBack);
    lease();
    assertEquals(2, server.connections());
    server.say(0, "+1\r\n");
    assertEquals("+1\r\n", reply.text());
    lease();
    assertEquals(2, server.connections());
  }

  @Test
  void whatTheNodeRemembersSomethingOfServesNobodyElse() {
    Lease first = lease();
    first.changed();
    worker.run(first::giveBack);
    assertTrue(first.lost());
    lease();
    assertEquals(2, server.connections());
  }

  /** Redis closes it behind the answer, which the next one's request would meet. */
  @Test
  void whatTheNodeIsAboutToCloseServesNobodyElse() {
    Lease first = lease();
    ReceivedReply reply = send(first, "BLPOP", "a", "0");
    String farewell =
        "-UNBLOCKED force unblock from blocking operation, instance state changed (master ->"
            + " replica?)\r\n";
    server.say(0, farewell);
    assertEquals(farewell, reply.text());
    worker.run(first::giveBack);
    assertTrue(first.lost());
    assertFalse(backend.node().circuitOpen(), "the node has said so");
    lease();
    assertEquals(2, server.connections());
  }

  @Test
  void whatAClientHasUnblockedServesTheNext() {
    Lease first = lease();
    send(first, "BLPOP", "a", "0");
    server.say(0, "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n");
    worker.run(first::giveBack);
    assertFalse(first.lost());
    lease();
    assertEquals(1, server.connections());
  }

  @Test
  void aNewOneIsClosedWhenItIsGivenBack() {
    Lease used = lease();
    worker.run(used::giveBack);
    List<@Nullable Lease> got = new ArrayList<>();
    worker.run(() -> got.add(backend.leaseNew(lane)));
    assertEquals(2, server.connections());
    Lease fresh = got.get(0);
    assertNotNull(fresh);
    worker.run(fresh::giveBack);
    assertTrue(fresh.lost());
    assertFalse(used.lost());
  }

  @Test
  void thereAreNoMoreThanMayBe() {
    for (int i = 0; i < MOST; i++) {
      lease();
    }
    assertNull(tryLease());
    assertEquals(FailureKind.OVERLOADED, backend.leaseFailure().kind());
    assertTrue(backend.leaseFailure().text().contains("limits.pinned-per-node is " + MOST));
  }

  @Test
  void aClientThatLeavesTakesItsConnectionWithIt() {
    Lease lease = lease();
    ReceivedReply reply = send(lease, "BLPOP", "a", "0");
    worker.run(lease::close);
    assertEquals(FailureKind.ABANDONED, reply.failure().kind());
    assertFalse(backend.node().circuitOpen(), "the node has done nothing");
    assertEquals(0, backend.recorder().inFlight);
  }

  @Test
  void aSpareIsReadyForTheNextOneThatWaits() {
    lease();
    assertEquals(1, server.connections());
    worker.advance(20);
    assertEquals(2, server.connections());
    lease();
    assertEquals(2, server.connections());
  }

  @Test
  void aLeaseOnWhichNothingIsInFlightEndsWithItsBackend() {
    Lease idle = lease();
    Lease busy = lease();
    ReceivedReply reply = send(busy, "EXEC");
    worker.run(backend::retire);
    assertTrue(idle.lost());
    assertFalse(busy.lost());
    assertFalse(worker.on(backend::drained));
    server.say("+1\r\n");
    assertEquals("+1\r\n", reply.text());
    assertTrue(busy.lost());
    assertTrue(worker.on(backend::drained));
  }

  @Test
  void aLargeRequestIsNotLateWhileItsSenderIsSlow() {
    ReceivedReply reply = new ReceivedReply();
    List<@Nullable RequestStream> got = new ArrayList<>();
    worker.run(() -> got.add(backend.stream(reply, lane, () -> {})));
    RequestStream stream = got.get(0);
    assertNotNull(stream);
    byte[] request = OwnCommands.of("SET", "a", "b");
    ByteBuf bytes = Unpooled.wrappedBuffer(request);
    worker.run(() -> stream.write(bytes, 0, 10));
    worker.advance(2000);
    worker.run(
        () -> {
          stream.write(bytes, 10, request.length - 10);
          stream.end();
        });
    assertEquals(List.of("SET a b"), server.requests());
    worker.advance(300);
    assertEquals("", reply.text());
    worker.advance(200);
    assertEquals(FailureKind.TIMEOUT, reply.failure().kind());
  }

  @Test
  void aReplyToALargeRequestThatIsNotSentYetEndsItsConnection() {
    ReceivedReply reply = new ReceivedReply();
    List<@Nullable RequestStream> got = new ArrayList<>();
    worker.run(() -> got.add(backend.stream(reply, lane, () -> {})));
    RequestStream stream = got.get(0);
    assertNotNull(stream);
    ByteBuf bytes = Unpooled.wrappedBuffer(OwnCommands.of("SET", "a", "b"));
    worker.run(() -> stream.write(bytes, 0, 10));
    server.say("-OOM command not allowed\r\n");
    assertEquals("-OOM command not allowed\r\n", reply.text());
    worker.run(
        () -> {
          assertFalse(
              stream.abort(NodeFailure.ABANDONED), "the connection has ended with its reply");
        });
    lease();
    assertEquals(2, server.connections());
  }
}
