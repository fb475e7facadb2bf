package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.LimitSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.Keys;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes that fail and subscribers that do not read: who hears what, and who does not notice. */
@ExtendWith(LeakCheck.class)
final class PubSubFaultsTest {
  private static final Keys TWO = Keys.over(2);

  /** A channel of each of two nodes. */
  private static final String A = TWO.on(0);

  private static final String B = TWO.on(1);

  private static List<Object> list(Object... elements) {
    return Arrays.asList(elements);
  }

  private static String error(Object reply) {
    return assertInstanceOf(ErrorReply.class, reply).text();
  }

  private static TestProxy.Builder over(int... ports) {
    TestProxy.Builder builder = new TestProxy.Builder().timeoutMillis(5000);
    for (int port : ports) {
      builder.node(port);
    }
    return builder;
  }

  private static LimitSettings subscribersMayLeave(long bytes) {
    return LimitSettings.DEFAULT.with(LimitSettings.UNSENT_PER_SUBSCRIBER, bytes);
  }

  private static LimitSettings unread(long hard) {
    return LimitSettings.DEFAULT
        .with(LimitSettings.UNSENT_PER_CLIENT, 64L << 10)
        .with(LimitSettings.UNSENT_PER_CLIENT_HARD, hard);
  }

  /** Publishes until somebody has got it, and reads it there. */
  private static void assertReachedAgain(RawClient publisher, RawClient client, String channel) {
    Await.until(
        "a message arrives",
        () -> Long.valueOf(1).equals(publisher.send("PUBLISH", channel, "again")));
    assertEquals(list("message", channel, "again"), client.read());
  }

  @Test
  void subscriptionsAreMadeAnewWhenAKilledNodeIsBack() {
    RealRedis node = RealRedis.start();
    try (RealRedis other = RealRedis.start();
        TestProxy proxy = over(node.port(), other.port()).workers(2).start();
        RawClient one = proxy.connect();
        RawClient two = proxy.connect();
        RawClient late = proxy.connect();
        RawClient publisher = proxy.connect()) {
      for (RawClient client : List.of(one, two)) {
        assertEquals(list("subscribe", A, 1L), client.send("SUBSCRIBE", A, B));
        assertEquals(list("subscribe", B, 2L), client.read());
      }
      node.close();
      Await.until("both workers notice", () -> proxy.node("n0", "subscriber_connections") == 0);
      assertEquals(2L, publisher.send("PUBLISH", B, "others go on"));
      assertEquals(list("message", B, "others go on"), one.read());
      assertEquals(list("message", B, "others go on"), two.read());
      String refused = error(late.send("SUBSCRIBE", B, A));
      assertTrue(refused.contains("node 'n0'"), refused);
      assertEquals("PONG", late.send("PING"));
      assertEquals(list("psubscribe", "k*", 1L), late.send("PSUBSCRIBE", "k*"));
      try (RealRedis again = RealRedis.startAt(node.port());
          RawClient direct = again.connect()) {
        Await.until(
            "both workers listen again",
            () -> list(A, 2L, B, 2L).equals(direct.send("PUBSUB", "NUMSUB", A, B)));
        Await.until("with patterns", () -> direct.send("PUBSUB", "NUMPAT").equals(1L));
        proxy.awaitCircuit("n0", false);
        assertEquals(3L, publisher.send("PUBLISH", A, "back"));
        assertEquals(list("message", A, "back"), one.read());
        assertEquals(list("message", A, "back"), two.read());
        assertEquals(list("pmessage", "k*", A, "back"), late.read());
      }
    }
  }

  @Test
  void aNodeThatSaysNothingIsLeftAndAskedAgain() {
    try (RealRedis node = RealRedis.start();
        RealRedis other = RealRedis.start();
        TestProxy proxy = over(node.port(), other.port()).timeoutMillis(300).start();
        RawClient client = proxy.connect();
        RawClient publisher = proxy.connect()) {
      assertEquals(list("subscribe", A, 1L), client.send("SUBSCRIBE", A));
      assertEquals(2, (long) proxy.metric("cashew_node_subscriber_connections{"));
      node.freeze();
      Await.until("it is noticed", () -> proxy.node("n0", "subscriber_connections") == 0);
      node.thaw();
      // The node may still count the connection that was left, so only what arrives tells.
      Await.until("it listens again", () -> proxy.node("n0", "subscriber_connections") == 1);
      assertReachedAgain(publisher, client, A);
    }
  }

  @Test
  void aHungNodeDelaysNobodyWhoSubscribesToAChannelOfAnother() {
    try (RealRedis node = RealRedis.start();
        RealRedis other = RealRedis.start();
        TestProxy proxy = over(node.port(), other.port()).timeoutMillis(60_000).start();
        RawClient client = proxy.connect();
        RawClient waits = proxy.connect();
        RawClient publisher = proxy.connect()) {
      node.freeze();
      assertEquals(list("subscribe", B, 1L), client.send("SUBSCRIBE", B));
      assertEquals(1L, publisher.send("PUBLISH", B, "hi"));
      assertEquals(list("message", B, "hi"), client.read());
      waits.write(RawClient.request("SUBSCRIBE", A));
      client.write(RawClient.request("SUBSCRIBE", A)); // waits, and hears of the other meanwhile
      assertEquals(1L, publisher.send("PUBLISH", B, "meanwhile"));
      assertEquals(list("message", B, "meanwhile"), client.read());
      waits.reset();
      node.thaw();
      assertEquals(list("subscribe", A, 2L), client.read());
      Await.until("one has left", () -> proxy.metric("cashew_clients{") == 2);
      assertEquals(0.0, proxy.metric("cashew_requests_in_flight"));
    }
  }

  /** A node that knows SUBSCRIBE. */
  private static void listening(MisbehavingNode.Connection connection, List<String> request)
      throws IOException {
    String word = request.get(0);
    connection.reply(
        switch (word) {
          case "subscribe",
              "unsubscribe",
              "psubscribe",
              "punsubscribe",
              "ssubscribe",
              "sunsubscribe" ->
              confirmation(word, request.get(1));
          case "PING" -> "+PONG\r\n";
          default -> ":1\r\n";
        });
  }

  private static String confirmation(String word, String channel) {
    return "*3\r\n" + MisbehavingNode.bulk(word) + MisbehavingNode.bulk(channel) + ":1\r\n";
  }

  private static String message(String channel, String text) {
    return "*3\r\n"
        + MisbehavingNode.bulk("message")
        + MisbehavingNode.bulk(channel)
        + MisbehavingNode.bulk(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "!",
        "+OK\r\n",
        ":1\r\n",
        "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n:1\r\n*3\r\n$7\r\nmassage\r\n$1\r\nc\r\n$1\r\nm\r\n",
        "*3\r\n$7\r\nmessage\r\n:1\r\n$1\r\nm\r\n",
        "*0\r\n",
        "*3\r\n$9\r\nsubscribe\r\n$5\r\nother\r\n:1\r\n",
        "*2\r\n$4\r\npong\r\n$0\r\n\r\n",
        "$-2\r\n"
      })
  void aMalformedMessageEndsThatConnectionOnly(String bytes) {
    try (MisbehavingNode node = MisbehavingNode.start().behave(PubSubFaultsTest::listening);
        TestProxy proxy = over(node.port()).start();
        RawClient client = proxy.connect()) {
      assertEquals(list("subscribe", "ch", 1L), client.send("SUBSCRIBE", "ch"));
      assertEquals(1, node.count("subscribe"));
      node.sayToAll(bytes);
      Await.until("it is subscribed to again", () -> node.count("subscribe") == 2);
      Await.until("and listens", () -> proxy.node("n0", "subscriber_connections") == 1);
      node.sayToAll(message("ch", "all is well"));
      assertEquals(list("message", "ch", "all is well"), client.read());
      assertEquals(1.0, proxy.metric("cashew_clients{"));
    }
  }

  @Test
  void aMessageInPiecesIsGivenWhole() {
    try (MisbehavingNode node = MisbehavingNode.start().behave(PubSubFaultsTest::listening);
        TestProxy proxy = over(node.port()).start();
        RawClient client = proxy.connect()) {
      assertEquals(list("subscribe", "ch", 1L), client.send("SUBSCRIBE", "ch"));
      String bytes = message("ch", "cut") + message("ch", "again");
      for (int cut = 0; cut < bytes.length(); cut++) {
        node.sayToAll(bytes.substring(0, cut));
        node.sayToAll(bytes.substring(cut));
        assertEquals(list("message", "ch", "cut"), client.read());
        assertEquals(list("message", "ch", "again"), client.read());
      }
    }
  }

  @Test
  void whatANodeRefusesIsSaidInItsWords() {
    String refusal = "NOPERM this user has no permissions to access one of the channels";
    try (MisbehavingNode node =
            MisbehavingNode.start()
                .behave((connection, request) -> connection.reply("-" + refusal + "\r\n"));
        TestProxy proxy = over(node.port()).start();
        RawClient client = proxy.connect()) {
      assertEquals(refusal, error(client.send("SUBSCRIBE", "secret", "more")));
      assertEquals(refusal, error(client.send("PSUBSCRIBE", "s*")));
      assertEquals("PONG", client.send("PING"));
      assertEquals(0.0, proxy.metric("cashew_subscribers{"));
    }
  }

  @Test
  void aNodeThatIsDownRefusesSubscriptionsAtOnceAndLater() {
    MisbehavingNode node = MisbehavingNode.start();
    node.stop();
    try (TestProxy proxy = over(node.port()).start();
        RawClient client = proxy.connect()) {
      for (int i = 0; i < 20; i++) {
        String refused = error(client.send("SUBSCRIBE", "ch"));
        assertTrue(refused.startsWith("ERR Connection refused: node 'n0'"), refused);
        assertEquals("PONG", client.send("PING"));
      }
      long own = proxy.node("n0", "connects_total") - proxy.node("n0", "probes_total");
      assertTrue(own <= 2, "connects but for probes: " + own);
      node.behave(PubSubFaultsTest::listening);
      node.restart();
      Await.until(
          "it listens", () -> list("subscribe", "ch", 1L).equals(client.send("SUBSCRIBE", "ch")));
    } finally {
      node.close();
    }
  }

  @Test
  void aSubscriberThatDoesNotReadIsClosedAndTheOthersGetEverything() {
    String text = "m".repeat(1000);
    try (RealRedis node = RealRedis.start();
        TestProxy proxy = over(node.port()).limits(subscribersMayLeave(1 << 20)).start();
        RawClient slow = proxy.connect();
        RawClient slowToo = proxy.connect();
        RawClient publisher = proxy.connect()) {
      assertEquals(list("subscribe", "ch", 1L), slow.send("SUBSCRIBE", "ch"));
      assertEquals(list("psubscribe", "*", 1L), slowToo.send("PSUBSCRIBE", "*"));
      List<RawClient> readers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        readers.add(proxy.connect());
        assertEquals(list("subscribe", "ch", 1L), readers.get(i).send("SUBSCRIBE", "ch"));
      }
      int published = 0;
      while (proxy.metric("cashew_client_errors_total{kind=\"slow_subscriber\"") < 2) {
        for (int i = 0; i < 500; i++) {
          publisher.write(RawClient.request("PUBLISH", "ch", text + (published + i)));
        }
        for (int i = 0; i < 500; i++) {
          assertInstanceOf(Long.class, publisher.read());
          for (RawClient reader : readers) {
            assertEquals(list("message", "ch", text + (published + i)), reader.read());
          }
        }
        published += 500;
      }
      Await.until("the slow ones are gone", () -> proxy.metric("cashew_clients{") == 4);
      assertEquals(3L, publisher.send("PUBLISH", "ch", "last"));
      for (RawClient reader : readers) {
        assertEquals(list("message", "ch", "last"), reader.read());
        reader.close();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void aSubscriberThatReadsLateGetsEverythingInOrder(int protocol) {
    String text = "m".repeat(3000);
    int messages = 6000; // more than the kernel keeps, less than the proxy may
    try (RealRedis node = RealRedis.start();
        TestProxy proxy = over(node.port()).start();
        RawClient late = proxy.connect();
        RawClient publisher = proxy.connect()) {
      String type = protocol == 3 ? ">" : "*";
      if (protocol == 3) {
        late.write(RawClient.request("HELLO", "3"));
        late.readUntil("modules\r\n*0\r\n");
      }
      late.write(RawClient.request("SUBSCRIBE", "ch"));
      String confirmation = confirmation("subscribe", "ch").substring(1);
      assertEquals(type + confirmation, late.readBytes(confirmation.length() + 1));
      for (int i = 0; i < messages; i += 100) {
        for (int j = 0; j < 100; j++) {
          String large = (i + j) % 50 == 0 ? text.repeat(4) : text;
          publisher.write(RawClient.request("PUBLISH", "ch", large + (i + j)));
        }
        for (int j = 0; j < 100; j++) {
          assertEquals(1L, publisher.read());
        }
      }
      late.write(RawClient.request("UNSUBSCRIBE", "ch"));
      for (int i = 0; i < messages; i++) {
        String large = i % 50 == 0 ? text.repeat(4) : text;
        String expected = type + message("ch", large + i).substring(1);
        assertEquals(expected, late.readBytes(expected.length()));
      }
      String left = confirmation("unsubscribe", "ch").substring(1).replace(":1", ":0");
      assertEquals(type + left, late.readBytes(left.length() + 1));
    }
  }

  @Test
  void aMessageThatIsLargerThanMayBeLeftUnreadClosesItsSubscribersOnly() {
    try (RealRedis node = RealRedis.start();
        TestProxy proxy = over(node.port()).limits(subscribersMayLeave(64 << 10)).start();
        RawClient client = proxy.connect();
        RawClient other = proxy.connect();
        RawClient publisher = proxy.connect()) {
      assertEquals(list("subscribe", "ch", 1L), client.send("SUBSCRIBE", "ch"));
      assertEquals(list("subscribe", "other", 1L), other.send("SUBSCRIBE", "other"));
      assertEquals(1L, publisher.send("PUBLISH", "ch", "m".repeat(2 << 20)));
      assertTrue(client.ends());
      assertEquals(1L, publisher.send("PUBLISH", "other", "goes on"));
      assertEquals(list("message", "other", "goes on"), other.read());
      assertEquals(1, proxy.node("n0", "subscriber_connections"));
      assertEquals(1.0, proxy.metric("cashew_client_errors_total{kind=\"slow_subscriber\""));
    }
  }

  @Test
  void aShardChannelFollowsItsKeysToAnotherNodeAndBack() {
    try (MisbehavingNode node = MisbehavingNode.start().behave(PubSubFaultsTest::listening);
        MisbehavingNode other = MisbehavingNode.start().behave(PubSubFaultsTest::listening);
        TestProxy proxy = over(node.port(), other.port()).eject().start();
        RawClient client = proxy.connect()) {
      assertEquals(list("ssubscribe", A, 1L), client.send("SSUBSCRIBE", A));
      assertEquals(0, other.count("ssubscribe"));
      node.stop();
      Await.until("the other is asked", () -> other.count("ssubscribe") == 1);
      other.sayToAll(message(A, "from the other").replace("$7\r\nmessage", "$8\r\nsmessage"));
      assertEquals(list("smessage", A, "from the other"), client.read());
      node.restart();
      Await.until("it is asked again", () -> node.count("ssubscribe") == 2);
      Await.until("and the other is left", () -> other.count("sunsubscribe") == 1);
      node.sayToAll(message(A, "from its own").replace("$7\r\nmessage", "$8\r\nsmessage"));
      assertEquals(list("smessage", A, "from its own"), client.read());
      assertEquals(list("sunsubscribe", A, 0L), client.send("SUNSUBSCRIBE"));
    }
  }

  @ParameterizedTest
  @CsvSource({"200, 100000, 100", "9000, 2500, 1"})
  void unreadMessagesTakeLittleMoreMemoryThanTheirBytes(int size, int messages, int atOnce) {
    String text = "m".repeat(size);
    try (RealRedis node = RealRedis.start();
        TestProxy proxy = over(node.port()).start();
        RawClient late = proxy.connect();
        RawClient publisher = proxy.connect()) {
      assertEquals(list("subscribe", "ch", 1L), late.send("SUBSCRIBE", "ch"));
      long before = directBytes();
      for (int i = 0; i < messages; i += atOnce) {
        for (int j = 0; j < atOnce; j++) {
          publisher.write(RawClient.request("PUBLISH", "ch", text));
        }
        for (int j = 0; j < atOnce; j++) {
          assertEquals(1L, publisher.read());
        }
      }
      long grown = directBytes() - before;
      assertTrue(grown < 64 << 20, "bytes more: " + grown);
      for (int i = 0; i < messages; i++) {
        assertEquals(list("message", "ch", text), late.read());
      }
    }
  }

  @Test
  void whoeverSubscribesWhileANodeGoesDownIsAnswered() {
    try (MisbehavingNode node = MisbehavingNode.start().behave(PubSubFaultsTest::listening);
        MisbehavingNode other = MisbehavingNode.start().behave(PubSubFaultsTest::listening);
        TestProxy proxy = over(node.port(), other.port()).start();
        RawClient client = proxy.connect();
        RawClient asks = proxy.connect()) {
      // The pauses between attempts to connect grow, and with them the time in which this happens.
      for (int round = 1; round <= 6; round++) {
        String pattern = "p" + round;
        assertEquals(
            list("psubscribe", "before" + pattern, 2L * round - 1),
            client.send("PSUBSCRIBE", "before" + pattern));
        node.stop();
        Await.until("it is noticed", () -> proxy.node("n0", "subscriber_connections") == 0);
        client.write(RawClient.request("PSUBSCRIBE", pattern));
        assertInstanceOf(ErrorReply.class, asks.send("GET", A)); // which opens the circuit
        assertEquals(list("psubscribe", pattern, 2L * round), client.read());
        node.restart();
        proxy.awaitCircuit("n0", false);
        Await.until("it listens", () -> proxy.node("n0", "subscriber_connections") == 1);
      }
    }
  }

  private static long directBytes() {
    return PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
  }

  @Test
  void aQuestionToAllNodesIsAnErrorIfOneIsDown() {
    try (RealRedis node = RealRedis.start();
        MisbehavingNode other = MisbehavingNode.start();
        TestProxy proxy = over(node.port(), other.port()).start();
        RawClient client = proxy.connect()) {
      other.stop();
      assertTrue(error(client.send("PUBSUB", "CHANNELS")).contains("node 'n1'"));
      assertTrue(error(client.send("PUBSUB", "NUMSUB", A, B)).contains("node 'n1'"));
      assertEquals(list(A, 0L), client.send("PUBSUB", "NUMSUB", A));
      other.restart();
      proxy.awaitCircuit("n1", false);
      assertTrue(error(client.send("PUBSUB", "NUMPAT")).contains("Invalid reply"));
    }
  }

  @Test
  void aQuestionToAllNodesIsAnErrorIfTheirAnswersAreTooLarge() {
    try (MisbehavingNode node = MisbehavingNode.start();
        MisbehavingNode other = MisbehavingNode.start();
        TestProxy proxy = over(node.port(), other.port()).limits(unread(256 << 10)).start();
        RawClient client = proxy.connect()) {
      for (MisbehavingNode each : List.of(node, other)) {
        String channel = (each == node ? "a" : "b").repeat(160 << 10);
        each.behave(
            (connection, request) -> connection.reply("*1\r\n" + MisbehavingNode.bulk(channel)));
      }
      assertTrue(error(client.send("PUBSUB", "CHANNELS")).contains("larger than 262144 bytes"));
      assertEquals("PONG", client.send("PING"));
    }
  }
}
