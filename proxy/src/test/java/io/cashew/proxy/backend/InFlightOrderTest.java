package io.cashew.proxy.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.Verdict;
import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.ReceivedReply;
import io.cashew.proxy.testing.VirtualWorker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The law that a connection's first reply belongs to its first request, and how it ends. */
@ExtendWith(LeakCheck.class)
final class InFlightOrderTest {
  private static final long TIMEOUT_MILLIS = 400;

  private final VirtualWorker worker = new VirtualWorker();
  private final InMemoryServer server = new InMemoryServer(worker);
  private final Backend backend =
      worker.backend(server, VirtualWorker.SETTINGS.withTimeoutMillis(TIMEOUT_MILLIS));

  @AfterEach
  void stop() {
    worker.run(backend::close);
    worker.close();
  }

  private ReceivedReply send(String name, String key) {
    ReceivedReply reply = new ReceivedReply();
    ByteBuf request =
        Unpooled.wrappedBuffer(
            Replies.bytes(
                "*2\r\n$"
                    + name.length()
                    + "\r\n"
                    + name
                    + "\r\n$"
                    + key.length()
                    + "\r\n"
                    + key
                    + "\r\n"));
    worker.run(
        () -> backend.send(request, 0, request.readableBytes(), reply, backend.lane(1, false, 0)));
    return reply;
  }

  private List<ReceivedReply> sendKeys(String... keys) {
    List<ReceivedReply> replies = new ArrayList<>();
    for (String key : keys) {
      replies.add(send("GET", key));
    }
    return replies;
  }

  private static List<String> texts(List<ReceivedReply> replies) {
    return replies.stream().map(ReceivedReply::text).toList();
  }

  @Test
  void repliesBelongToTheRequestsInTheirOrder() {
    List<ReceivedReply> replies = sendKeys("a", "b", "c");
    assertEquals(List.of("GET a", "GET b", "GET c"), server.requests());
    server.say("$1\r\n1\r\n$1\r");
    assertEquals(List.of("$1\r\n1\r\n", "", ""), texts(replies));
    server.say("\n2\r\n");
    server.say("+3\r\n");
    assertEquals(List.of("$1\r\n1\r\n", "$1\r\n2\r\n", "+3\r\n"), texts(replies));
    assertEquals(0, backend.recorder().inFlight);
  }

  @Test
  void aReplyThatNobodyAskedForEndsTheConnectionAndNothingElse() {
    List<ReceivedReply> replies = sendKeys("a");
    server.say("+1\r\n+2\r\n");
    assertEquals(List.of("+1\r\n"), texts(replies));
    assertEquals(1, backend.recorder().unexpectedReplies);
    ReceivedReply next = send("GET", "b");
    assertEquals(2, server.connections());
    server.say("+3\r\n");
    assertEquals("+3\r\n", next.text());
  }

  @Test
  void bytesThatAreNoReplyFailAllThatIsInFlight() {
    List<ReceivedReply> replies = sendKeys("a", "b");
    server.say("?what\r\n");
    for (ReceivedReply reply : replies) {
      assertEquals(FailureKind.PROTOCOL, reply.failure().kind());
    }
    assertFalse(backend.node().circuitOpen(), "one bad reply is no reason to give a node up");
  }

  @Test
  void aTimeOutFailsAllThatIsInFlightAndTheLateReplyReachesNobody() {
    List<ReceivedReply> replies = sendKeys("a", "b");
    worker.advance(TIMEOUT_MILLIS - 40);
    assertEquals(List.of("", ""), texts(replies));
    worker.advance(80);
    for (ReceivedReply reply : replies) {
      assertEquals(FailureKind.TIMEOUT, reply.failure().kind());
    }
    ReceivedReply next = send("GET", "c");
    server.say(0, "+late\r\n");
    assertEquals("", next.text());
    server.say(1, "+mine\r\n");
    assertEquals("+mine\r\n", next.text());
  }

  @Test
  void eachReplyGivesTheNextRequestItsTimeAnew() {
    List<ReceivedReply> replies = sendKeys("a", "b");
    worker.advance(TIMEOUT_MILLIS - 40);
    server.say("+1\r\n");
    worker.advance(TIMEOUT_MILLIS - 40);
    server.say("+2\r\n");
    assertEquals(List.of("+1\r\n", "+2\r\n"), texts(replies));
  }

  @Test
  void timeOutsInARowOpenTheCircuitAndAReplyBetweenThemDoesNot() {
    for (int i = 0; i < 2; i++) {
      send("GET", "a");
      worker.advance(TIMEOUT_MILLIS + 40);
    }
    ReceivedReply well = send("GET", "a");
    server.say("+1\r\n");
    assertEquals("+1\r\n", well.text());
    for (int i = 0; i < 2; i++) {
      send("GET", "a");
      worker.advance(TIMEOUT_MILLIS + 40);
      assertFalse(backend.node().circuitOpen());
    }
    send("GET", "a");
    worker.advance(TIMEOUT_MILLIS + 40);
    assertTrue(backend.node().circuitOpen());
    assertEquals(FailureKind.CIRCUIT_OPEN, send("GET", "a").failure().kind());
  }

  @Test
  void anEndInTheMiddleOfAReplyIsAnErrorAndNotAPart() {
    List<ReceivedReply> replies = sendKeys("a", "b");
    server.say("$5\r\nhel");
    server.hangUp();
    for (ReceivedReply reply : replies) {
      assertEquals(FailureKind.CLOSED, reply.failure().kind());
      assertFalse(reply.whole());
    }
    assertFalse(replies.get(0).failure().beforeReply(), "its reply had begun");
    assertTrue(replies.get(1).failure().beforeReply());
  }

  @Test
  void whatWasSentSaysThatItMayHaveBeenExecuted() {
    ReceivedReply reply = send("INCR", "a");
    server.hangUp();
    assertTrue(reply.text().contains("may have been executed"), reply.text());
    assertEquals(List.of("INCR a"), server.requests());
  }

  @Test
  void whatAnErrorSaysOfItsRequestIsCountedHoweverItIsCut() {
    String error = "-MOVED 3999 127.0.0.1:6381\r\n";
    for (int cut = 1; cut < error.length(); cut++) {
      ReceivedReply reply = send("GET", "a");
      server.say(error.substring(0, cut));
      server.say(error.substring(cut));
      assertEquals(error, reply.text());
      assertEquals(cut, backend.recorder().verdicts(Verdict.MOVED));
    }
    assertEquals(error.length() - 1, backend.recorder().errorReplies);
  }

  @Test
  void aRefusedConnectionOpensTheCircuitAtOnce() {
    server.refuse();
    ReceivedReply reply = send("GET", "a");
    assertEquals(FailureKind.REFUSED, reply.failure().kind());
    assertTrue(backend.node().circuitOpen());
  }
}
