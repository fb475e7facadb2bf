package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.LimitSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.MisbehavingNode.Connection;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that leave, do not read, or send what they should not: nobody else notices. */
@ExtendWith(LeakCheck.class)
final class ClientFaultsTest {
  private static final int LEAVERS = 400;

  private static RealRedis redis;

  @BeforeAll
  static void startRedis() {
    redis = RealRedis.start();
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  private static TestProxy.Builder builder() {
    return new TestProxy.Builder().node(redis.port()).timeoutMillis(10_000);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String errorOf(Object reply) {
    return assertInstanceOf(ErrorReply.class, reply).text();
  }

  private static void assertIdle(TestProxy proxy, int clients) {
    Await.until("others are gone", () -> proxy.metric("cashew_clients{") == clients);
    Await.until("nothing is in flight", () -> proxy.metric("cashew_requests_in_flight") == 0);
    Await.until("no node owes", () -> proxy.metric("cashew_node_requests_in_flight") == 0);
  }

  @Test
  void aClientThatClosesItsEndGetsEveryReplyThenTheEnd() {
    try (TestProxy proxy = builder().start();
        RawClient client = proxy.connect()) {
      ByteArrayOutputStream requests = new ByteArrayOutputStream();
      for (int i = 0; i < 1500; i++) { // more than may be in flight at once
        requests.writeBytes(RawClient.request("SET", "half:" + i, "v" + i));
        requests.writeBytes(RawClient.request("GET", "half:" + i));
      }
      requests.writeBytes(bytes("*2\r\n$3\r\nGET\r\n$10\r\nhal"));
      client.write(requests.toByteArray());
      client.halfClose();
      for (int i = 0; i < 1500; i++) {
        assertEquals("OK", client.read());
        assertEquals("v" + i, client.read());
      }
      assertTrue(client.ends());
      assertIdle(proxy, 0);
    }
  }

  @Test
  void aClientThatClosesItsEndGetsAReplyThatFillsEveryBuffer() {
    String value = "v".repeat(30 << 20);
    try (TestProxy proxy = builder().start();
        RawClient client = proxy.connect()) {
      assertEquals("OK", client.send("SET", "large", value));
      client.write(RawClient.request("GET", "large"));
      client.halfClose();
      Await.until("replies wait", () -> proxy.metric("cashew_reply_queue_bytes") > 0);
      assertEquals(value, client.read());
      assertTrue(client.ends());
      assertIdle(proxy, 0);
    }
  }

  @Test
  void clientsThatLeaveWithRequestsInFlightShiftNobodysReplies() {
    List<Runnable> held = new CopyOnWriteArrayList<>();
    try (MisbehavingNode node = MisbehavingNode.start();
        TestProxy proxy = new TestProxy.Builder().node(node.port()).timeoutMillis(20_000).start();
        RawClient bystander = proxy.connect()) {
      bystander.widenWindow(LEAVERS);
      node.behave((connection, request) -> held.add(() -> answer(connection, request)));
      List<RawClient> leavers = new ArrayList<>();
      for (int i = 0; i < LEAVERS; i++) {
        RawClient leaver = proxy.connect();
        leavers.add(leaver);
        for (int j = 0; j < 3; j++) {
          leaver.write(RawClient.request("GET", "leaver " + i + " " + j));
        }
        bystander.write(RawClient.request("GET", "bystander " + i));
      }
      Await.until("all are in flight", () -> held.size() == 4 * LEAVERS);
      for (int i = 0; i < LEAVERS; i++) {
        if (i % 2 == 0) {
          leavers.get(i).reset();
        } else {
          leavers.get(i).close();
        }
      }
      Await.until("half are gone", () -> proxy.metric("cashew_clients{") <= LEAVERS / 2 + 1);
      try (RawClient newcomer = proxy.connect()) { // whose requests must not take their places
        int newcomers = 20;
        for (int i = 0; i < newcomers; i++) {
          newcomer.write(RawClient.request("GET", "newcomer " + i));
        }
        Await.until("its requests, too", () -> held.size() == 4 * LEAVERS + newcomers);
        held.forEach(Runnable::run);
        for (int i = 0; i < newcomers; i++) {
          assertEquals("value of newcomer " + i, newcomer.read());
        }
      }
      for (int i = 0; i < LEAVERS; i++) {
        assertEquals("value of bystander " + i, bystander.read());
      }
      assertIdle(proxy, 1);
      assertTrue(
          proxy.metric("cashew_client_errors_total{kind=\"abandoned\"") >= LEAVERS / 2,
          "those that were reset");
      assertEquals(1, node.connects());
    }
  }

  private static void answer(Connection connection, List<String> request) {
    try {
      connection.reply(MisbehavingNode.bulk("value of " + request.get(1)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static LimitSettings limits(
      int clients, int inFlight, long unsent, long unsentHard, long gathered) {
    return LimitSettings.DEFAULT
        .with(LimitSettings.CLIENTS, clients)
        .with(LimitSettings.IN_FLIGHT_PER_CLIENT, inFlight)
        .with(LimitSettings.UNSENT_PER_CLIENT, unsent)
        .with(LimitSettings.UNSENT_PER_CLIENT_HARD, unsentHard)
        .with(LimitSettings.GATHERED_REQUEST, gathered);
  }

  @Test
  void aClientThatDoesNotReadIsPausedAndReadsAllLater() {
    try (TestProxy proxy = builder().limits(limits(0, 16, 64 << 10, 64 << 20, 64 << 20)).start();
        RawClient client = proxy.connect();
        RawClient bystander = proxy.connect()) {
      String value = "v".repeat(20_000); // small enough to be handed on whole
      assertEquals("OK", client.send("SET", "unread", value));
      Thread writer =
          new Thread(
              () -> {
                for (int i = 0; i < 2000; i++) {
                  client.write(RawClient.request("GET", "unread"));
                }
              });
      writer.start();
      Await.until(
          "the kernel is full and the client is paused",
          () -> proxy.metric("cashew_reply_queue_bytes") > 64 << 10);
      assertTrue(proxy.metric("cashew_client_read_pauses_total") >= 1);
      assertTrue(
          proxy.metric("cashew_reply_queue_bytes") <= (64 << 10) + 17 * 20_100,
          "no more than the limit and what was in flight when it was reached");
      for (int i = 0; i < 100; i++) {
        assertEquals("OK", bystander.send("SET", "other", "value " + i));
        assertEquals("value " + i, bystander.send("GET", "other"));
      }
      for (int i = 0; i < 2000; i++) {
        assertEquals(value, client.read());
      }
      assertEquals("PONG", client.send("PING"));
      assertEquals(0, (long) proxy.metric("cashew_client_errors_total"));
    }
  }

  private static void writeAsFarAsItGoes(RawClient client, byte[] bytes) {
    try {
      client.write(bytes);
    } catch (UncheckedIOException e) {
      return; // closed meanwhile
    }
  }

  /** None of them is so large that its node would wait for the client. */
  @Test
  void aClientThatLeavesManySmallRepliesUnreadIsClosed() {
    String value = "v".repeat(30_000);
    try (TestProxy proxy =
            builder()
                .timeoutMillis(10_000)
                .limits(limits(0, 1024, 64 << 10, 1 << 20, 64 << 20))
                .start();
        RawClient client = proxy.connect();
        RawClient bystander = proxy.connect()) {
      bystander.send("SET", "unread", value);
      client.widenWindow(1100);
      ByteArrayOutputStream requests = new ByteArrayOutputStream();
      for (int i = 0; i < 1000; i++) {
        requests.writeBytes(RawClient.request("GET", "unread"));
      }
      new Thread(() -> writeAsFarAsItGoes(client, requests.toByteArray())).start();
      Await.until(
          "it is closed",
          () -> proxy.metric("cashew_client_errors_total{kind=\"unread_replies\"") == 1);
      assertEquals("PONG", bystander.send("PING"));
    }
  }

  /** Those in flight pile up beyond the limit; a single one stops its node, but not for long. */
  @ParameterizedTest
  @ValueSource(ints = {2_000_000, 30_000_000})
  void aClientThatLeavesTooMuchUnreadIsClosed(int valueBytes) {
    String value = "v".repeat(valueBytes);
    try (TestProxy proxy =
            builder()
                .timeoutMillis(3000)
                .limits(limits(0, 1024, 64 << 10, 1 << 20, 64 << 20))
                .start();
        RawClient client = proxy.connect();
        RawClient bystander = proxy.connect()) {
      bystander.send("SET", "unread", value);
      ByteArrayOutputStream requests = new ByteArrayOutputStream();
      int count = 80_000_000 / valueBytes; // more than two socket buffers take
      for (int i = 0; i < count; i++) {
        requests.writeBytes(RawClient.request("GET", "unread"));
      }
      new Thread(() -> writeAsFarAsItGoes(client, requests.toByteArray())).start();
      Await.until(
          "it is closed",
          () -> proxy.metric("cashew_client_errors_total{kind=\"unread_replies\"") == 1);
      assertThrows(
          UncheckedIOException.class,
          () -> {
            for (int i = 0; i < count; i++) {
              assertTrue(value.equals(client.read()), "a reply has changed");
            }
          });
      assertEquals("PONG", bystander.send("PING"));
      Await.until(
          "the node serves others", () -> "OK".equals(bystander.send("SET", "unread", "v")));
      assertIdle(proxy, 1);
    }
  }

  @Test
  void aBreachOfTheProtocolIsAnsweredAfterTheRepliesOwed() {
    for (String garbage :
        List.of(
            "*1\r\n$-5\r\n",
            "*1\r\n:3\r\n",
            "*99999999999999\r\n",
            "*" + "9".repeat(40),
            "*1\r\n$" + "1".repeat(20),
            "*1\r\n$536870913\r\n",
            "*1\r\n$1073741824\r\n",
            "SET never \"executed\n",
            "*2\r\n$3\r\nGET\r\n$999999999999\r\n",
            "*1\r\n$4\r\nPINGxx",
            "\u0016\u0003\u0001")) {
      try (TestProxy proxy = builder().start();
          RawClient client = proxy.connect();
          RawClient bystander = proxy.connect()) {
        ByteArrayOutputStream requests = new ByteArrayOutputStream();
        for (int i = 0; i < 20; i++) {
          requests.writeBytes(RawClient.request("SET", "p:" + i, "v"));
        }
        requests.writeBytes(bytes(garbage));
        requests.writeBytes(RawClient.request("SET", "never", "executed"));
        client.write(requests.toByteArray());
        for (int i = 0; i < 20; i++) {
          assertEquals("OK", client.read());
        }
        String error = errorOf(client.read());
        assertTrue(error.startsWith("ERR Protocol error: "), error);
        assertTrue(client.ends());
        assertEquals(1, (long) proxy.metric("cashew_client_errors_total{kind=\"protocol\""));
        assertEquals(null, bystander.send("GET", "never"));
        assertIdle(proxy, 1);
      }
    }
  }

  @Test
  void nothingIsServedBeforeThePassword() {
    try (TestProxy proxy = builder().password("secret").start();
        RawClient client = proxy.connect()) {
      for (String[] request :
          new String[][] {
            {"GET", "k"},
            {"SET", "k", "v"},
            {"MGET", "a", "b"},
            {"PING"},
            {"CLIENT", "ID"},
            {"INFO"},
            {"COMMAND"},
            {"SELECT", "0"},
            {"FLUSHALL"}
          }) {
        assertEquals("NOAUTH Authentication required.", errorOf(client.send(request)));
      }
      assertTrue(errorOf(client.send("HELLO", "2")).startsWith("NOAUTH HELLO"));
      assertTrue(errorOf(client.send("AUTH", "wrong")).startsWith("WRONGPASS"));
      assertTrue(errorOf(client.send("AUTH", "admin", "secret")).startsWith("WRONGPASS"));
      assertTrue(errorOf(client.send("HELLO", "2", "AUTH", "default", "x")).startsWith("WRONG"));
      assertEquals("NOAUTH Authentication required.", errorOf(client.send("GET", "k")));
      assertEquals(0, proxy.node("n0", "requests_total"));
      assertEquals(3, (long) proxy.metric("cashew_error_replies_total{kind=\"wrong_password\""));

      client.write(RawClient.request("GET", "k"));
      client.write(RawClient.request("AUTH", "secret"));
      client.write(RawClient.request("SET", "k", "v"));
      assertEquals("NOAUTH Authentication required.", errorOf(client.read()));
      assertEquals("OK", client.read());
      assertEquals("OK", client.read());

      assertEquals("RESET", client.send("RESET"));
      assertEquals("NOAUTH Authentication required.", errorOf(client.send("GET", "k")));
      assertEquals("OK", client.send("QUIT"));
      assertTrue(client.ends());
    }
  }

  @Test
  void littleIsHeldBeforeThePassword() {
    try (TestProxy proxy = builder().password("secret").start()) {
      for (String request :
          List.of("*11\r\n", "*2\r\n$4\r\nAUTH\r\n$16385\r\n", "*1\r\n$16385\r\n")) {
        try (RawClient client = proxy.connect()) {
          client.write(bytes(request));
          assertTrue(errorOf(client.read()).startsWith("ERR Protocol error: unauthenticated"));
          assertTrue(client.ends());
        }
      }
      try (RawClient client = proxy.connect()) {
        assertEquals("OK", client.send("AUTH", "secret"));
        assertEquals("OK", client.send("SET", "k", "v".repeat(20_000)));
        assertEquals(1L, client.send("DEL", "k", "b", "c", "d", "e", "f", "g", "h", "i", "j", "l"));
      }
    }
  }

  @Test
  void oneClientTooManyIsTold() {
    try (TestProxy proxy = builder().limits(limits(2, 1024, 1 << 20, 64 << 20, 64 << 20)).start();
        RawClient one = proxy.connect()) {
      assertEquals("PONG", one.send("PING"));
      try (RawClient two = proxy.connect()) {
        assertEquals("PONG", two.send("PING"));
        try (RawClient three = proxy.connect()) {
          assertEquals("ERR max number of clients reached", errorOf(three.read()));
          assertTrue(three.ends());
        }
        assertEquals(1, (long) proxy.metric("cashew_clients_refused_total"));
        assertEquals("PONG", one.send("PING"));
      }
      Await.until("there is room", () -> proxy.metric("cashew_clients{") == 1);
      try (RawClient three = proxy.connect()) {
        assertEquals("PONG", three.send("PING"));
      }
    }
  }
}
