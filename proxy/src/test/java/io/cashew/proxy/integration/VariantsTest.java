package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.Keys;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The core of what must hold, under settings that change how requests travel. */
@ExtendWith(LeakCheck.class)
final class VariantsTest {

  /** One change of the defaults. */
  private enum Variant {
    NO_TIME_OUT(builder -> builder.timeoutMillis(0)),
    TWO_CONNECTIONS(builder -> builder.connectionsPerNode(2)),
    TWO_WORKERS(builder -> builder.workers(2)),
    NIO(TestProxy.Builder::nio),
    ALL(builder -> builder.nio().workers(2).connectionsPerNode(2).timeoutMillis(0));

    @SuppressWarnings("ImmutableEnumChecker") // the lambdas above hold nothing
    final UnaryOperator<TestProxy.Builder> change;

    Variant(UnaryOperator<TestProxy.Builder> change) {
      this.change = change;
    }
  }

  private static final Keys KEYS = Keys.over(2);
  private static final List<RealRedis> NODES = new ArrayList<>();

  @BeforeAll
  static void startNodes() {
    NODES.add(RealRedis.start());
    NODES.add(RealRedis.start());
  }

  @AfterAll
  static void stopNodes() {
    NODES.forEach(RealRedis::close);
  }

  private static TestProxy start(Variant variant) {
    for (RealRedis node : NODES) {
      try (RawClient direct = node.connect()) {
        direct.send("FLUSHALL");
      }
    }
    return variant
        .change
        .apply(new TestProxy.Builder().timeoutMillis(10_000))
        .node(NODES.get(0).port())
        .node(NODES.get(1).port())
        .start();
  }

  private static TestProxy start(Variant variant, MisbehavingNode node, MisbehavingNode other) {
    return variant
        .change
        .apply(new TestProxy.Builder().timeoutMillis(10_000))
        .node(node.port())
        .node(other.port())
        .start();
  }

  @ParameterizedTest
  @EnumSource
  void theRequestsOfOneClientAreExecutedInOrderAndOnce(Variant variant) {
    try (TestProxy proxy = start(variant)) {
      List<RawClient> clients = new ArrayList<>();
      for (int c = 0; c < 4; c++) {
        RawClient client = proxy.connect();
        clients.add(client);
        ByteArrayOutputStream requests = new ByteArrayOutputStream();
        for (int i = 0; i < 1000; i++) {
          requests.writeBytes(RawClient.request("INCR", "counter:" + c));
          requests.writeBytes(RawClient.request("SET", "register:" + c + ":" + i % 10, "" + i));
          requests.writeBytes(RawClient.request("GET", "register:" + c + ":" + i % 10));
          requests.writeBytes(RawClient.request("MGET", KEYS.on(0), "counter:" + c, KEYS.on(1)));
        }
        new Thread(() -> client.write(requests.toByteArray())).start();
      }
      for (long i = 0; i < 1000; i++) {
        for (RawClient client : clients) {
          assertEquals(i + 1, client.read());
          assertEquals("OK", client.read());
          assertEquals("" + i, client.read());
          assertEquals(Arrays.asList(null, "" + (i + 1), null), client.read());
        }
      }
      clients.forEach(RawClient::close);
      Await.until("all are gone", () -> proxy.metric("cashew_clients{") == 0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void largeValuesPassBothWays(Variant variant) {
    try (TestProxy proxy = start(variant);
        RawClient client = proxy.connect()) {
      String value = "0123456789".repeat(700_000);
      for (int i = 0; i < 4; i++) {
        assertEquals("OK", client.send("SET", "large:" + i, value));
        assertTrue(value.equals(client.send("GET", "large:" + i)), "the value has changed");
      }
    }
  }

  /** Requests arrive in pieces that end anywhere, so that each is gathered in another way. */
  @ParameterizedTest
  @EnumSource
  void valuesOfAnySizePassInOnePipeline(Variant variant) {
    try (TestProxy proxy = start(variant);
        RawClient client = proxy.connect()) {
      Random random = new Random(7);
      List<String> values = new ArrayList<>();
      ByteArrayOutputStream requests = new ByteArrayOutputStream();
      for (int i = 0; i < 200; i++) {
        int words = random.nextInt(i % 4 == 0 ? 50 : 25_000);
        values.add((i + " " + random.nextInt() + ";").repeat(words));
        requests.writeBytes(RawClient.request("SET", "sized:" + i % 9, values.get(i)));
        requests.writeBytes(RawClient.request("GET", "sized:" + i % 9));
      }
      byte[] bytes = requests.toByteArray();
      Thread writer =
          new Thread(
              () -> {
                int at = 0;
                while (at < bytes.length) {
                  int piece = Math.min(1 + random.nextInt(100_000), bytes.length - at);
                  client.write(Arrays.copyOfRange(bytes, at, at + piece));
                  at += piece;
                }
              });
      writer.start();
      for (String value : values) {
        assertEquals("OK", client.read());
        assertTrue(value.equals(client.read()), "the value has changed");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aNodeThatFailsCostsErrorsAndComesBack(Variant variant) {
    try (MisbehavingNode node = MisbehavingNode.start();
        MisbehavingNode other = MisbehavingNode.start();
        TestProxy proxy = start(variant, node, other)) {
      List<RawClient> clients = List.of(proxy.connect(), proxy.connect(), proxy.connect());
      String key = KEYS.on(0);
      String otherKey = KEYS.on(1);
      node.put(key, "value of n0");
      other.put(otherKey, "value of n1");
      node.behave(
          (connection, request) -> {
            connection.reply("$11\r\nval");
            connection.reset();
          });
      for (RawClient client : clients) {
        assertInstanceOf(ErrorReply.class, client.send("GET", key));
        assertInstanceOf(ErrorReply.class, client.send("MGET", otherKey, key));
        assertEquals("value of n1", client.send("GET", otherKey));
      }
      node.stop();
      for (RawClient client : clients) {
        assertInstanceOf(ErrorReply.class, client.send("GET", key));
        assertInstanceOf(ErrorReply.class, client.send("MGET", otherKey, key));
        assertEquals("value of n1", client.send("GET", otherKey));
      }
      node.recover();
      node.restart();
      for (RawClient client : clients) {
        Await.until("it is back", () -> "value of n0".equals(client.send("GET", key)));
        assertEquals(List.of("value of n1", "value of n0"), client.send("MGET", otherKey, key));
      }
      clients.forEach(RawClient::close);
    }
  }

  @ParameterizedTest
  @EnumSource
  void clientsThatLeaveDisturbNobody(Variant variant) {
    try (TestProxy proxy = start(variant);
        RawClient bystander = proxy.connect()) {
      for (int i = 0; i < 40; i++) {
        RawClient leaver = proxy.connect();
        leaver.write(RawClient.request("SET", "left", "v".repeat(10_000)));
        for (int j = 0; j < 50; j++) {
          leaver.write(RawClient.request("GET", "left"));
        }
        if (i % 2 == 0) {
          leaver.reset();
        } else {
          leaver.close();
        }
        assertEquals("OK", bystander.send("SET", "mine", "value " + i));
        assertEquals("value " + i, bystander.send("GET", "mine"));
      }
      Await.until("all are gone", () -> proxy.metric("cashew_clients{") == 1);
      Await.until("nothing is owed", () -> proxy.metric("cashew_node_requests_in_flight") == 0);
      assertEquals(0, (long) proxy.metric("cashew_requests_in_flight"));
      assertEquals("PONG", bystander.send("PING"));
    }
  }
}
