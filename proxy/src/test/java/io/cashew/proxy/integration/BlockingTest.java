package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.Keys;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Commands that wait on their node. */
final class BlockingTest {
  private static final List<RealRedis> NODES = new ArrayList<>();
  private static final Keys KEYS = Keys.over(2);
  private static final String KEY = KEYS.on(1);
  private static final String SAME_NODE = KEYS.on(1, 2).get(1);
  private static final String OTHER_NODE = KEYS.on(0);
  private static TestProxy proxy;
  private RawClient client;
  private RawClient other;

  @BeforeAll
  static void start() {
    TestProxy.Builder builder = new TestProxy.Builder().timeoutMillis(300);
    for (int i = 0; i < 2; i++) {
      NODES.add(RealRedis.start());
      builder.node(NODES.get(i).port());
    }
    proxy = builder.start();
  }

  @AfterAll
  static void stop() {
    proxy.close();
    NODES.forEach(RealRedis::close);
  }

  @BeforeEach
  void connect() {
    client = proxy.connect();
    other = proxy.connect();
    client.send("FLUSHALL");
  }

  @AfterEach
  void disconnect() {
    client.close();
    other.close();
  }

  private static long blocked() {
    try (RawClient direct = NODES.get(1).connect()) {
      String info = (String) direct.send("INFO", "clients");
      return info.lines()
          .filter(line -> line.startsWith("blocked_clients:"))
          .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
          .sum();
    }
  }

  private static void awaitBlocked(long count) {
    Await.until(count + " clients are blocked at the node", () -> blocked() == count);
  }

  @Test
  void waitsForAPushFromElsewhere() {
    client.write(RawClient.request("BLPOP", SAME_NODE, KEY, "0"));
    awaitBlocked(1);
    assertEquals(1L, other.send("RPUSH", KEY, "v"));
    assertEquals(List.of(KEY, "v"), client.read());
    assertEquals(0L, other.send("LLEN", KEY));
    assertEquals("OK", client.send("SET", KEY, "after"));
  }

  @Test
  void othersAreNotDelayed() {
    client.write(RawClient.request("BLPOP", KEY, "0"));
    awaitBlocked(1);
    for (int i = 0; i < 100; i++) {
      assertEquals("OK", other.send("SET", SAME_NODE, "v"));
      assertEquals("v", other.send("GET", SAME_NODE));
    }
  }

  @Test
  void whenOneClientHasWaitedEachWorkerHasAConnectionReadyForTheNext() {
    TestProxy.Builder builder = new TestProxy.Builder().workers(2);
    NODES.forEach(node -> builder.node(node.port()));
    try (TestProxy two = builder.start();
        RawClient first = two.connect()) {
      first.send("RPUSH", KEY, "v");
      assertEquals(List.of(KEY, "v"), first.send("BLPOP", KEY, "0"));
      Await.until(
          "the worker of the other clients has one, too", () -> two.node("n1", "connections") >= 3);
      long before = two.node("n1", "connects_total");
      for (int i = 0; i < 20; i++) {
        try (RawClient next = two.connect()) {
          other.send("RPUSH", KEY, "v");
          assertEquals(List.of(KEY, "v"), next.send("BLPOP", KEY, "0"));
        }
      }
      long opened = two.node("n1", "connects_total") - before;
      // Each worker's shared one, and a spare if a tick found the others lent.
      assertTrue(opened <= 4, opened + " connections were opened");
    }
  }

  @Test
  void outlastsTheTimeOutOfReplies() {
    client.write(RawClient.request("BLPOP", KEY, "0.9"));
    assertNull(client.read());
    client.write(RawClient.request("BZPOPMIN", KEY, "0.5"));
    assertNull(client.read());
    client.write(RawClient.request("XREAD", "BLOCK", "500", "STREAMS", KEY, "$"));
    assertNull(client.read());
    assertEquals(0, proxy.failures("n1", "timeout"));
  }

  @Test
  void laterRequestsOfTheClientWait() {
    client.write(RawClient.request("SET", SAME_NODE, "1"));
    client.write(RawClient.request("BLPOP", KEY, "0"));
    client.write(RawClient.request("INCR", SAME_NODE));
    client.write(RawClient.request("INCR", OTHER_NODE));
    assertEquals("OK", client.read());
    awaitBlocked(1);
    assertEquals("1", other.send("GET", SAME_NODE));
    assertNull(other.send("GET", OTHER_NODE));
    other.send("LPUSH", KEY, "v");
    assertEquals(List.of(KEY, "v"), client.read());
    assertEquals(2L, client.read());
    assertEquals(1L, client.read());
  }

  @Test
  void aClientThatLeavesFreesItsNodeAndLosesNothing() {
    client.write(RawClient.request("BLPOP", KEY, "0"));
    client.write(RawClient.request("GET", KEY)); // more is waiting behind it
    awaitBlocked(1);
    client.close();
    awaitBlocked(0);
    other.send("RPUSH", KEY, "kept");
    assertEquals("kept", other.send("LPOP", KEY));
  }

  /**
   * The first request pauses the client, the third keeps it so: it must be read all the same. NIO
   * tells of nothing but what is read.
   */
  @Test
  void aClientThatWasPausedBeforeItBlockedCanLeave() {
    TestProxy.Builder builder = new TestProxy.Builder().nio();
    NODES.forEach(node -> builder.node(node.port()));
    try (TestProxy nio = builder.start()) {
      pauseBlockAndLeave(nio.connect());
    }
    pauseBlockAndLeave(client);
  }

  private static void pauseBlockAndLeave(RawClient client) {
    ByteArrayOutputStream pipeline = new ByteArrayOutputStream();
    pipeline.writeBytes(RawClient.request("GET", KEY));
    pipeline.writeBytes(RawClient.request("BLPOP", KEY, "0"));
    pipeline.writeBytes(RawClient.request("GET", KEY));
    client.write(pipeline.toByteArray());
    awaitBlocked(1);
    client.write(RawClient.request("GET", SAME_NODE)); // the end comes behind bytes to be read
    client.close();
    awaitBlocked(0);
  }

  @Test
  void aClientThatIsGoneWhenItsTurnToWaitComesDoesNotWait() {
    ByteArrayOutputStream pipeline = new ByteArrayOutputStream();
    for (int i = 0; i < 1000; i++) {
      pipeline.writeBytes(RawClient.request("GET", KEY));
    }
    pipeline.writeBytes(RawClient.request("BLPOP", KEY, "0"));
    client.write(pipeline.toByteArray());
    client.halfClose();
    for (int i = 0; i < 1000; i++) {
      assertNull(client.read());
    }
    assertTrue(client.ends());
    awaitBlocked(0);
  }

  @Test
  void aHalfClosedClientIsOver() {
    client.write(RawClient.request("BLPOP", KEY, "0"));
    awaitBlocked(1);
    client.halfClose();
    awaitBlocked(0);
  }

  @Test
  void keysOfTwoNodesAreRefused() {
    assertEquals(
        new ErrorReply("CROSSSLOT Keys in request don't hash to the same node"),
        client.send("BLPOP", KEY, OTHER_NODE, "0"));
    assertEquals(
        new ErrorReply("ERR timeout is not a float or out of range"),
        client.send("BLPOP", KEY, "soon"));
  }

  @Test
  void insideATransactionNobodyWaits() {
    client.send("MULTI");
    assertEquals("QUEUED", client.send("BLPOP", KEY, "0"));
    List<?> replies = (List<?>) client.send("EXEC");
    assertEquals(1, replies.size());
    assertNull(replies.get(0));
  }

  @Test
  void waitIsTheLeastOfAllNodes() {
    assertEquals("OK", client.send("SET", KEY, "v"));
    assertEquals(0L, client.send("WAIT", "0", "0"));
    assertEquals(0L, client.send("WAIT", "1", "200"));
    assertEquals(
        new ErrorReply("ERR timeout is not an integer or out of range"),
        client.send("WAIT", "1", "soon"));
    client.write(RawClient.request("WAIT", "1", "0"));
    awaitBlocked(1);
    client.close();
    awaitBlocked(0);
  }

  @Test
  void blmoveAndBrpoplpush() {
    client.write(RawClient.request("BLMOVE", KEY, SAME_NODE, "LEFT", "RIGHT", "0"));
    awaitBlocked(1);
    other.send("RPUSH", KEY, "a");
    assertEquals("a", client.read());
    client.write(RawClient.request("BRPOPLPUSH", KEY, SAME_NODE, "0"));
    awaitBlocked(1);
    other.send("RPUSH", KEY, "b");
    assertEquals("b", client.read());
    assertEquals(List.of("b", "a"), other.send("LRANGE", SAME_NODE, "0", "-1"));
  }

  @Test
  void manyWaitAndEachGetsOne() {
    List<RawClient> waiting = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      RawClient each = proxy.connect();
      waiting.add(each);
      each.write(RawClient.request("BLPOP", KEY, "0"));
    }
    awaitBlocked(40);
    List<Object> popped = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      other.send("RPUSH", KEY, "v" + i);
    }
    for (RawClient each : waiting) {
      popped.add(((List<?>) each.read()).get(1));
      each.close();
    }
    assertEquals(40, popped.stream().distinct().count());
    awaitBlocked(0);
  }

  @Test
  @SuppressWarnings("try") // the node is closed in the middle: that is what is tested
  void aNodeThatDiesEndsTheWait() {
    try (RealRedis node = RealRedis.start();
        TestProxy single = TestProxy.of(node);
        RawClient own = single.connect()) {
      own.write(RawClient.request("BLPOP", "k", "0"));
      Await.until(
          "it waits",
          () -> {
            try (RawClient direct = node.connect()) {
              return ((String) direct.send("INFO", "clients")).contains("blocked_clients:1");
            }
          });
      node.close();
      assertTrue(own.read() instanceof ErrorReply);
    }
  }

  @Test
  void aNodeThatHangsEndsTheWaitWhenItsCircuitOpens() {
    try (RealRedis node = RealRedis.start();
        TestProxy single = new TestProxy.Builder().node(node.port()).timeoutMillis(200).start();
        RawClient own = single.connect();
        RawClient second = single.connect()) {
      own.write(RawClient.request("BLPOP", "k", "0"));
      Await.until(
          "it waits",
          () -> {
            try (RawClient direct = node.connect()) {
              return ((String) direct.send("INFO", "clients")).contains("blocked_clients:1");
            }
          });
      node.freeze();
      for (int i = 0; i < 3; i++) {
        assertTrue(second.send("GET", "k") instanceof ErrorReply);
      }
      assertTrue(own.read() instanceof ErrorReply);
      node.thaw();
    }
  }
}
