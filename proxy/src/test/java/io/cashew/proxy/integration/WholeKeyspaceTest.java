package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Commands over the keys of all nodes: what comes back is what one server would say. */
final class WholeKeyspaceTest {
  private static final List<RealRedis> NODES = new ArrayList<>();
  private static TestProxy proxy;
  private static TestProxy administering;
  private RawClient client;

  @BeforeAll
  static void start() {
    TestProxy.Builder builder = new TestProxy.Builder().adminCommandsToAllNodes();
    for (int i = 0; i < 3; i++) {
      NODES.add(RealRedis.start());
      builder.node(NODES.get(i).port());
    }
    proxy = TestProxy.of(NODES.toArray(RealRedis[]::new));
    administering = builder.start();
  }

  @AfterAll
  static void stop() {
    proxy.close();
    administering.close();
    NODES.forEach(RealRedis::close);
  }

  @BeforeEach
  void fill() {
    client = proxy.connect();
    assertEquals("OK", client.send("FLUSHALL"));
    for (int i = 0; i < 500; i++) {
      client.write(RawClient.request("SET", "key:" + i, "v"));
    }
    for (int i = 0; i < 500; i++) {
      assertEquals("OK", client.read());
    }
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  private static Set<Object> expectedKeys() {
    Set<Object> keys = new HashSet<>();
    for (int i = 0; i < 500; i++) {
      keys.add("key:" + i);
    }
    return keys;
  }

  @Test
  void dbsizeIsTheSumOfAllNodes() {
    assertEquals(500L, client.send("DBSIZE"));
  }

  @Test
  void keysAreThoseOfAllNodes() {
    List<?> keys = (List<?>) client.send("KEYS", "*");
    assertEquals(500, keys.size());
    assertEquals(expectedKeys(), new HashSet<>(keys));
    assertEquals(List.of(), client.send("KEYS", "nothing*"));
  }

  @Test
  void scanVisitsEveryKeyOfEveryNode() {
    for (String count : List.of("1", "7", "100", "10000")) {
      Set<Object> seen = new HashSet<>();
      String cursor = "0";
      int steps = 0;
      do {
        List<?> reply = (List<?>) client.send("SCAN", cursor, "COUNT", count, "MATCH", "key:*");
        cursor = (String) reply.get(0);
        seen.addAll((List<?>) reply.get(1));
        assertTrue(++steps < 10_000, "the iteration ends");
      } while (!cursor.equals("0"));
      assertEquals(expectedKeys(), seen);
    }
  }

  @Test
  void scanRefusesWhatIsNoCursor() {
    for (String cursor : List.of("x", "-1", "18446744073709551616", "")) {
      ErrorReply error = assertInstanceOf(ErrorReply.class, client.send("SCAN", cursor), cursor);
      assertEquals("ERR invalid cursor", error.text());
    }
    assertEquals("ERR syntax error", ((ErrorReply) client.send("SCAN", "0", "BAD", "x")).text());
  }

  @Test
  void randomkeyIsAKeyWhileThereIsOne() {
    for (int i = 0; i < 20; i++) {
      assertTrue(expectedKeys().contains(client.send("RANDOMKEY")));
    }
    client.send("FLUSHDB");
    assertEquals(null, client.send("RANDOMKEY"));
    client.send("SET", "only", "one");
    assertEquals("only", client.send("RANDOMKEY"));
  }

  @Test
  void aLoadedScriptIsKnownToEveryNode() {
    String sha = (String) client.send("SCRIPT", "LOAD", "return redis.call('GET', KEYS[1])");
    assertEquals(List.of(1L, 0L), client.send("SCRIPT", "EXISTS", sha, "0".repeat(40)));
    for (int i = 0; i < 20; i++) {
      assertEquals("v", client.send("EVALSHA", sha, "1", "key:" + i));
    }
    assertEquals("OK", client.send("SCRIPT", "FLUSH"));
    assertEquals(List.of(0L), client.send("SCRIPT", "EXISTS", sha));
  }

  @Test
  void administrationIsRefusedUnlessItIsAllowed() {
    ErrorReply refused = (ErrorReply) client.send("CONFIG", "GET", "requirepass");
    assertTrue(refused.text().startsWith("ERR CONFIG GET administers a node"), refused.text());
    try (RawClient admin = administering.connect()) {
      assertEquals("OK", admin.send("CONFIG", "SET", "maxmemory-samples", "7"));
      assertEquals(
          List.of("maxmemory-samples", "7"), admin.send("CONFIG", "GET", "maxmemory-samples"));
      assertEquals("OK", admin.send("SLOWLOG", "RESET"));
    }
    for (RealRedis node : NODES) {
      try (RawClient direct = node.connect()) {
        assertEquals(
            List.of("maxmemory-samples", "7"), direct.send("CONFIG", "GET", "maxmemory-samples"));
      }
    }
  }

  @Test
  void aNodeThatIsDownMakesTheWholeAnswerAnError() {
    RealRedis dead = RealRedis.start();
    try (TestProxy half =
            new TestProxy.Builder().node(NODES.get(0).port()).node(dead.port()).start();
        RawClient other = half.connect()) {
      dead.close();
      assertInstanceOf(ErrorReply.class, other.send("DBSIZE"));
      assertInstanceOf(ErrorReply.class, other.send("KEYS", "*"));
      assertEquals("PONG", other.send("PING"));
    }
  }
}
