package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.HealthSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealCluster;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A pool whose servers form a real Cluster, in which nothing happens meanwhile. */
final class ClusterTest {
  private static RealCluster cluster;
  private static TestProxy proxy;
  private RawClient client;

  @BeforeAll
  static void start() {
    cluster = RealCluster.start();
    proxy = new TestProxy.Builder().workers(2).cluster(cluster.server(1)).start();
    awaitServed(proxy);
  }

  static void awaitServed(TestProxy proxy) {
    awaitServed(proxy.port());
  }

  static void awaitServed(int port) {
    try (RawClient client = new RawClient(port)) {
      Object[] last = {null};
      Await.until(
          () -> "the Cluster is known: " + last[0],
          () -> {
            last[0] = client.send("GET", "key");
            return !(last[0] instanceof ErrorReply);
          });
    }
  }

  @AfterAll
  static void stop() {
    proxy.close();
    cluster.close();
  }

  @BeforeEach
  void connect() {
    client = proxy.connect();
    assertEquals("OK", client.send("FLUSHALL"));
  }

  @AfterEach
  void leave() {
    client.close();
  }

  /** A key of the n-th primary, another one for each number. */
  private static String key(int primary, int number) {
    return RealCluster.keyOf(RealCluster.SLOTS * primary / 3 + number) + "k" + number;
  }

  private String error(String... request) {
    return assertInstanceOf(ErrorReply.class, client.send(request)).text();
  }

  @Test
  void eachKeyIsAtItsServer() {
    for (int i = 0; i < 3; i++) {
      assertEquals("OK", client.send("SET", key(i, 1), "v" + i));
      try (RawClient direct = cluster.server(i).connect()) {
        assertEquals("v" + i, direct.send("GET", key(i, 1)));
      }
    }
    assertEquals(3L, client.send("DBSIZE"));
    assertEquals(2L, client.send("INCRBY", key(2, 9), "2"));
    assertNull(client.send("GET", key(1, 2)));
  }

  @Test
  void requestsOverManySlotsAreSplit() {
    List<String> mset = new ArrayList<>(List.of("MSET"));
    List<String> mget = new ArrayList<>(List.of("MGET"));
    List<String> values = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      mset.addAll(List.of(key(i % 3, i), "v" + i));
      mget.add(key(i % 3, i));
      values.add("v" + i);
    }
    assertEquals("OK", client.send(mset.toArray(String[]::new)));
    assertEquals(values, client.send(mget.toArray(String[]::new)));
    assertEquals(300L, client.send("DBSIZE"));
    assertEquals(2L, client.send("EXISTS", key(0, 0), key(0, 1), key(1, 1)));
    assertEquals(3L, client.send("DEL", key(0, 0), key(0, 3), key(1, 1), key(2, 1)));
  }

  @Test
  void keysOfTwoSlotsAreRefusedInRedissWords() {
    String words = "CROSSSLOT Keys in request don't hash to the same slot";
    assertEquals(words, error("SUNION", key(0, 1), key(0, 2)));
    assertEquals(words, error("RENAME", key(0, 1), key(2, 2)));
    assertEquals(words, error("EVAL", "return 1", "2", key(0, 1), key(0, 2)));
    assertEquals("OK", client.send("MULTI"));
    assertEquals("QUEUED", client.send("SET", key(0, 1), "v"));
    assertEquals(words, error("SET", key(2, 2), "v"));
    assertTrue(error("EXEC").startsWith("EXECABORT"));
    assertEquals("OK", client.send("MULTI"));
    assertEquals("QUEUED", client.send("SET", key(0, 1), "v"));
    assertEquals(words, error("SET", key(0, 2), "v"));
    assertTrue(error("EXEC").startsWith("EXECABORT"));
    assertNull(client.send("GET", key(0, 1)));
  }

  @Test
  void aScanReturnsEveryKeyOnce() {
    Set<String> keys = new TreeSet<>();
    for (int i = 0; i < 600; i++) {
      keys.add(key(i % 3, i));
      assertEquals("OK", client.send("SET", key(i % 3, i), "v"));
    }
    List<String> found = new ArrayList<>();
    String cursor = "0";
    do {
      List<?> step = assertInstanceOf(List.class, client.send("SCAN", cursor, "COUNT", "50"));
      cursor = String.valueOf(step.get(0));
      ((List<?>) step.get(1)).forEach(key -> found.add(String.valueOf(key)));
    } while (!cursor.equals("0"));
    assertEquals(600, found.size());
    assertEquals(keys, new TreeSet<>(found));
    List<?> all = assertInstanceOf(List.class, client.send("KEYS", "*"));
    assertEquals(600, all.size());
    assertTrue(keys.contains(client.send("RANDOMKEY")));
  }

  private static boolean isListenedTo(RealRedis server) {
    try (RawClient direct = server.connect()) {
      return !List.of().equals(direct.send("PUBSUB", "CHANNELS"));
    }
  }

  @Test
  void eachMessageComesOnce() {
    try (RawClient listener = proxy.connect();
        RawClient other = proxy.connect()) {
      listener.send("SUBSCRIBE", "news");
      listener.send("PSUBSCRIBE", "n*");
      other.send("SUBSCRIBE", "news");
      assertEquals(1, cluster.servers().stream().filter(ClusterTest::isListenedTo).count());
      assertEquals(3L, client.send("PUBLISH", "news", "one"));
      for (RealRedis server : cluster.servers()) {
        try (RawClient direct = server.connect()) { // at any server of the Cluster
          direct.send("PUBLISH", "news", server.address());
        }
      }
      assertEquals(3L, client.send("PUBLISH", "news", "last"));
      List<String> messages = new ArrayList<>();
      while (messages.stream().filter(each -> each.equals("last")).count() < 2) {
        List<?> push = assertInstanceOf(List.class, listener.read());
        messages.add(String.valueOf(push.get(push.size() - 1)));
      }
      for (RealRedis server : cluster.servers()) {
        assertEquals(2, messages.stream().filter(server.address()::equals).count(), "" + messages);
      }
      assertEquals(2 * 8, messages.size());
    }
  }

  @Test
  void eachServerTellsOfItsOwnKeys() {
    for (int i = 0; i < 3; i++) {
      try (RawClient direct = cluster.server(i).connect()) {
        assertEquals("OK", direct.send("CONFIG", "SET", "notify-keyspace-events", "KA"));
      }
    }
    try (RawClient listener = proxy.connect()) {
      listener.send("PSUBSCRIBE", "__keyspace@0__:*");
      for (int i = 0; i < 3; i++) {
        assertEquals("OK", client.send("SET", key(i, 1), "v"));
        List<?> push = assertInstanceOf(List.class, listener.read());
        assertEquals("__keyspace@0__:" + key(i, 1), push.get(2));
      }
    }
  }

  @Test
  void whatStaysWithinASlotIsOneRequest() {
    String tag = RealCluster.keyOf(9000);
    assertEquals(1L, client.send("SADD", tag + "a", "x"));
    assertEquals(1L, client.send("SADD", tag + "b", "y"));
    assertEquals(2L, client.send("SUNIONSTORE", tag + "c", tag + "a", tag + "b"));
    assertEquals(
        List.of(tag + "a", tag + "b"),
        client.send("EVAL", "return KEYS", "2", tag + "a", tag + "b"));
    assertEquals("OK", client.send("WATCH", tag + "a", tag + "b"));
    assertEquals("OK", client.send("MULTI"));
    assertEquals("QUEUED", client.send("DEL", tag + "a", tag + "b"));
    assertEquals(List.of(2L), client.send("EXEC"));
  }

  @Test
  void thereIsOneDatabase() {
    assertEquals("OK", client.send("SELECT", "0"));
    assertEquals("ERR SELECT is not allowed in cluster mode", error("SELECT", "1"));
  }

  @Test
  void whicheverSeedAnswersWillDo() {
    RealRedis gone = RealRedis.start();
    gone.close();
    try (RealRedis noCluster = RealRedis.start();
        TestProxy late =
            new TestProxy.Builder().cluster(gone, noCluster, cluster.server(4)).start();
        RawClient other = late.connect()) {
      awaitServed(late);
      assertEquals("OK", client.send("SET", key(1, 1), "v"));
      assertEquals("v", other.send("GET", key(1, 1)));
    }
  }

  @Test
  void withoutAnyServerTheErrorSaysSo() {
    try (RealRedis noCluster = RealRedis.start();
        TestProxy lost =
            new TestProxy.Builder()
                .cluster(noCluster)
                .with(HealthSettings.FAILOVER_WAIT, 0L)
                .start();
        RawClient other = lost.connect()) {
      Object[] last = {null};
      Await.until(
          () -> "the error says why: " + last[0],
          () -> {
            last[0] = other.send("GET", "key");
            return last[0] instanceof ErrorReply reply
                && reply.text().startsWith("CLUSTERDOWN Hash slot not served: ")
                && reply.text().contains("cluster support disabled");
          });
      assertEquals("PONG", other.send("PING"));
    }
  }

  @Test
  void whoListensBeforeTheMapIsKnownWaitsForIt() {
    String[] map = {""};
    try (RawClient direct = cluster.server(0).connect();
        MisbehavingNode seed = MisbehavingNode.start()) {
      seed.behave(
          (connection, request) -> {
            String nodes = map[0];
            boolean asksForIt = String.join(" ", request).equals("CLUSTER NODES");
            connection.reply(
                asksForIt && !nodes.isEmpty() ? MisbehavingNode.bulk(nodes) : "-ERR later\r\n");
          });
      try (TestProxy late =
              new TestProxy.Builder()
                  .clusterAt(seed.port())
                  .timeoutMillis(20_000)
                  .with(HealthSettings.FAILOVER_WAIT, 20_000L)
                  .start();
          RawClient channel = late.connect();
          RawClient pattern = late.connect()) {
        channel.write(RawClient.request("SUBSCRIBE", "news"));
        pattern.write(RawClient.request("PSUBSCRIBE", "n*"));
        long before = seed.count("CLUSTER");
        Await.until("it is asked in vain", () -> seed.count("CLUSTER") > before + 6);
        map[0] = String.valueOf(direct.send("CLUSTER", "NODES"));
        assertEquals(List.of("subscribe", "news", 1L), channel.read());
        assertEquals(List.of("psubscribe", "n*", 1L), pattern.read());
      }
    }
  }
}
