package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.ClientConnections;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.TestProxy;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many wrong passwords: their answers come late, in their order, and nobody else's do. */
@ExtendWith(LeakCheck.class)
final class WrongPasswordsTest {
  private static final String PASSWORD = "secret";

  /** More than are answered at once. */
  private static final int MANY = 110;

  private final MisbehavingNode node = MisbehavingNode.start();
  private final TestProxy proxy =
      new TestProxy.Builder()
          .node(node.port())
          .password(PASSWORD)
          .workers(2)
          .clients(
              ClientConnections.DEFAULT
                  .with(ClientConnections.SLOW_REQUEST, 0L)
                  .with(ClientConnections.FAILED_AUTHENTICATION_DELAY, 3000L))
          .start();

  @BeforeEach
  void sendManyWrongOnes() {
    try (RawClient client = proxy.connect()) {
      for (int i = 0; i < MANY; i++) {
        assertWrong(client.send("AUTH", "guess " + i));
      }
    }
  }

  @AfterEach
  void stop() {
    proxy.close();
    node.close();
  }

  private static void assertWrong(Object reply) {
    String text = assertInstanceOf(ErrorReply.class, reply).text();
    assertTrue(text.startsWith("WRONGPASS"), text);
  }

  @Test
  void lateAnswersKeepTheOrderOfRequests() {
    try (RawClient client = proxy.connect()) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      bytes.writeBytes(RawClient.request("SET", "k", "before"));
      bytes.writeBytes(RawClient.request("AUTH", "wrong"));
      bytes.writeBytes(RawClient.request("SET", "k", "between"));
      bytes.writeBytes(RawClient.request("HELLO", "2", "AUTH", "default", "wrong"));
      bytes.writeBytes(RawClient.request("AUTH", PASSWORD));
      bytes.writeBytes(RawClient.request("SET", "k", "behind"));
      bytes.writeBytes(RawClient.request("PING"));
      client.write(bytes.toByteArray());
      assertTrue(((ErrorReply) client.read()).text().startsWith("NOAUTH"));
      assertWrong(client.read());
      assertTrue(((ErrorReply) client.read()).text().startsWith("NOAUTH"));
      assertWrong(client.read());
      assertEquals("OK", client.read());
      assertEquals("OK", client.read());
      assertEquals("PONG", client.read());
      assertEquals("behind", node.value("k"));
    }
    assertEquals(
        MANY + 2, (long) proxy.metric("cashew_error_replies_total{kind=\"wrong_password\""));
  }

  private long wrong() {
    return (long) proxy.metric("cashew_error_replies_total{kind=\"wrong_password\"");
  }

  /** Guesses behind it in the same segment are not even looked at while the answer waits. */
  @Test
  void aConnectionGuessesOnceWhileItsAnswerWaits() {
    List<RawClient> guessing = new ArrayList<>();
    for (int i = 0; i < 200; i++) { // each makes the next answer later: the last one by seconds
      RawClient client = proxy.connect();
      client.write(RawClient.request("AUTH", "guess"));
      guessing.add(client);
    }
    Await.until("all were looked at", () -> wrong() == MANY + 200);
    try (RawClient client = proxy.connect()) {
      byte[] guess = RawClient.request("AUTH", "guess");
      ByteArrayOutputStream guesses = new ByteArrayOutputStream();
      for (int i = 0; i < 3; i++) {
        guesses.writeBytes(guess);
      }
      client.write(guesses.toByteArray());
      Await.until("the first was looked at", () -> wrong() > MANY + 200);
      assertEquals(MANY + 201, wrong());
      assertTrue(proxy.metric("cashew_requests_in_flight") > 0, "answers wait");
    }
    guessing.forEach(RawClient::close);
  }

  @Test
  void rightPasswordsComeInHoweverManyWrongOnesWait() {
    List<RawClient> guessing = new ArrayList<>();
    for (int i = 0; i < 300; i++) { // more than one application has connections
      RawClient client = proxy.connect();
      client.write(RawClient.request("AUTH", "guess"));
      guessing.add(client);
    }
    for (int i = 0; i < 10; i++) {
      try (RawClient client = proxy.connect()) {
        assertEquals("OK", client.send("AUTH", PASSWORD));
        assertEquals("OK", client.send("SET", "k", "v" + i));
      }
    }
    for (RawClient client : guessing) {
      assertWrong(client.read());
      client.close();
    }
  }

  @Test
  void clientsThatDoNotWaitForTheAnswerLeaveNothingBehind() {
    double before = proxy.metric("cashew_clients_accepted_total");
    for (int i = 0; i < 50; i++) {
      RawClient client = proxy.connect();
      client.write(RawClient.request("AUTH", "guess"));
      client.write(RawClient.request("PING"));
      if (i % 2 == 0) {
        client.reset();
      } else {
        client.close();
      }
    }
    Await.until(
        "all have come and left",
        () ->
            proxy.metric("cashew_clients_accepted_total") >= before + 50
                && proxy.metric("cashew_clients{") == 0);
    Await.until("none is owed a reply", () -> proxy.metric("cashew_requests_in_flight") == 0);
    try (RawClient client = proxy.connect()) {
      assertEquals("OK", client.send("AUTH", PASSWORD));
      assertEquals("PONG", client.send("PING"));
    }
  }
}
