package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealCluster;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What single clients see of a slot that moves, or is on its way, in a real Cluster. */
final class MovedSlotsTest {
  private static final String FORGET_ALL = ">2\r\n$10\r\ninvalidate\r\n_\r\n";

  private static RealCluster cluster;
  private static TestProxy proxy;
  private static int nextSlot = 100;
  private RawClient client;

  /** A slot of the first server that no other test has used, and its hash tag. */
  private final int slot = nextSlot++;

  private final String tag = RealCluster.keyOf(slot);
  private final RealRedis from = cluster.server(0);
  private final RealRedis to = cluster.server(1);

  @BeforeAll
  static void start() {
    cluster = RealCluster.start(3, 0);
    proxy =
        new TestProxy.Builder().workers(1).timeoutMillis(20_000).cluster(cluster.server(0)).start();
    ClusterTest.awaitServed(proxy);
  }

  @AfterAll
  static void stop() {
    proxy.close();
    cluster.close();
  }

  @BeforeEach
  void connect() {
    client = proxy.connect();
  }

  @AfterEach
  void leave() {
    client.close();
  }

  @Test
  void keysThatAreNotThereAreAskedForWhereTheSlotGoes() {
    assertEquals("OK", client.send("SET", tag + "here", "1"));
    cluster.beginMove(slot, from, to);
    assertEquals("OK", client.send("SET", tag + "there", "2"));
    assertEquals("1", client.send("GET", tag + "here"));
    assertEquals("2", client.send("GET", tag + "there"));
    client.write(RawClient.request("MGET", tag + "here", tag + "there")); // at two servers
    try (RawClient other = proxy.connect()) {
      assertEquals("1", other.send("GET", tag + "here"));
    }
    assertEquals(1, cluster.moveKeys(slot, from, to, 10));
    assertEquals(Arrays.asList("1", "2"), client.read());
    cluster.endMove(slot, from, to);
    assertEquals(Arrays.asList("1", "2"), client.send("MGET", tag + "here", tag + "there"));
  }

  @Test
  void aTransactionRunsWhereTheSlotGoes() {
    cluster.beginMove(slot, from, to);
    client.write(RawClient.request("MULTI"));
    client.write(RawClient.request("INCR", tag));
    client.write(RawClient.request("INCR", tag));
    client.write(RawClient.request("EXEC"));
    assertEquals("OK", client.read());
    assertEquals("QUEUED", client.read());
    assertEquals("QUEUED", client.read());
    assertEquals(List.of(1L, 2L), client.read());
    cluster.endMove(slot, from, to);
    assertEquals("2", client.send("GET", tag));
  }

  @Test
  void whatIsWatchedHasChangedWhenItsSlotHasGone() {
    assertEquals("OK", client.send("WATCH", tag));
    assertNull(client.send("GET", tag));
    cluster.move(slot, from, to);
    assertEquals("OK", client.send("MULTI"));
    assertEquals("QUEUED", client.send("SET", tag, "1"));
    assertNull(client.send("EXEC"));
    assertNull(client.send("GET", tag));
    assertEquals("OK", client.send("WATCH", tag));
    assertEquals("OK", client.send("MULTI"));
    assertEquals("QUEUED", client.send("SET", tag, "1"));
    assertEquals(List.of("OK"), client.send("EXEC"));
  }

  @Test
  void whoWaitsForAKeyIsServedWhereItsSlotHasGone() {
    client.write(RawClient.request("BLPOP", tag, "60"));
    try (RawClient other = proxy.connect()) {
      // On one worker, what is answered after this has been sent behind the wait.
      other.send("GET", tag + "x");
      cluster.move(slot, from, to);
      assertEquals(1L, other.send("RPUSH", tag, "v"));
    }
    assertEquals(List.of(tag, "v"), client.read());
    assertEquals(0L, client.send("LLEN", tag));
  }

  @Test
  void aRequestOfManyKilobytesFollowsItsSlot() {
    cluster.move(slot, from, to);
    String value = "x".repeat(150_000);
    assertEquals("OK", client.send("SET", tag, value));
    assertEquals(value, client.send("GET", tag));
  }

  @Test
  void aRequestThatIsSentOnAsItComesSaysThatItCannotFollowAndTheNextOneDoes() {
    cluster.move(slot, from, to);
    String value = "x".repeat(2_000_000);
    ErrorReply refused = assertInstanceOf(ErrorReply.class, client.send("SET", tag, value));
    assertTrue(
        refused.text().startsWith("CLUSTERDOWN The request was not executed: the slot of the key"),
        refused.text());
    assertEquals("OK", client.send("SET", tag, value));
    assertEquals(2_000_000L, client.send("STRLEN", tag));
  }

  @Test
  void whoHasReadThatAKeyIsNotThereIsToldWhenItsSlotHasGone() {
    client.write(RawClient.request("HELLO", "3"));
    client.readUntil("modules\r\n*0\r\n");
    client.write(RawClient.request("CLIENT", "TRACKING", "ON"));
    client.write(RawClient.request("GET", tag));
    client.write(RawClient.request("ECHO", "read"));
    String read = client.readUntil("$4\r\nread\r\n");
    // A map that comes meanwhile has it told to forget all, too.
    assertEquals("+OK\r\n_\r\n$4\r\nread\r\n", read.replace(FORGET_ALL, ""));
    cluster.move(slot, from, to);
    try (RawClient other = proxy.connect()) {
      assertEquals("OK", other.send("SET", tag, "1"));
    }
    assertEquals(FORGET_ALL, client.readUntil(FORGET_ALL));
    client.write(RawClient.request("GET", tag));
    client.readUntil("$1\r\n1\r\n"); // the next map may have it told once more before
  }

  @Test
  void aPoolOfNodesPassesOnWhatAServerOfAClusterSays() {
    try (TestProxy nodes = new TestProxy.Builder().node(to.port()).start();
        RawClient direct = nodes.connect()) {
      ErrorReply moved = assertInstanceOf(ErrorReply.class, direct.send("GET", tag));
      assertEquals("MOVED " + slot + " " + from.address(), moved.text());
    }
  }
}
