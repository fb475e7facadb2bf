package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cashew.proxy.config.ClusterSettings;
import io.cashew.proxy.config.HealthSettings;
import io.cashew.proxy.control.NodeView;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealCluster;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A pool whose servers form a Cluster of which other servers become members and primaries. */
final class ClusterChangesTest {
  /** So many messages at most, and fewer by far, are on their way at a time. */
  private static final int ON_THEIR_WAY = 2000;

  private RealCluster cluster;

  @BeforeEach
  void start() {
    cluster = RealCluster.start();
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private static TestProxy.Builder builder() {
    return new TestProxy.Builder()
        .workers(2)
        .timeoutMillis(20_000)
        .with(HealthSettings.FAILOVER_WAIT, 20_000L)
        .with(ClusterSettings.REFRESH, 1_000L);
  }

  private static List<String> nodes(TestProxy proxy) {
    return proxy.view().pools().get(0).nodes().stream().map(NodeView::name).toList();
  }

  private static void awaitNodes(TestProxy proxy, RealRedis... servers) {
    List<String> addresses = Arrays.stream(servers).map(RealRedis::address).toList();
    Await.until(
        () -> "the nodes are " + addresses + ": " + nodes(proxy),
        () -> nodes(proxy).equals(addresses));
  }

  private static boolean isConnected(RealRedis server) {
    try (RawClient direct = server.connect()) {
      return String.valueOf(direct.send("CLIENT", "LIST"))
          .lines()
          .anyMatch(line -> line.contains("cmd=set") || line.contains("cmd=get"));
    }
  }

  @Test
  void aServerJoinsAndIsEmptiedAndForgotten() {
    RealRedis first = cluster.server(0);
    String key = RealCluster.keyOf(7);
    try (TestProxy proxy = builder().cluster(first).start();
        RawClient client = proxy.connect()) {
      assertEquals("OK", client.send("SET", key, "v"));
      awaitNodes(proxy, first, cluster.server(1), cluster.server(2));
      RealRedis joined = cluster.join();
      awaitNodes(proxy, first, cluster.server(1), cluster.server(2), joined);
      cluster.move(7, first, joined);
      Await.until(
          "the slot is known to be there",
          () ->
              proxy.metric("cashew_node_replies_total{node=\"" + joined.address()) >= 0
                  && client.send("GET", key) != null
                  && isConnected(joined));
      assertEquals("v", client.send("GET", key));

      cluster.move(7, joined, first);
      Await.until("it is empty", () -> "v".equals(client.send("GET", key)));
      cluster.remove(joined);
      awaitNodes(proxy, first, cluster.server(1), cluster.server(2));
      assertEquals("v", client.send("GET", key));
      Await.until(
          "nothing is published of it",
          () -> proxy.metric("cashew_node_requests_total{node=\"" + joined.address()) == 0);
    }
  }

  @Test
  void theSeedsMayGo() {
    RealRedis seed = cluster.server(0);
    try (TestProxy proxy = builder().cluster(seed).start();
        RawClient client = proxy.connect()) {
      assertEquals("OK", client.send("SET", RealCluster.keyOf(7), "v"));
      seed.close();
      assertEquals("OK", client.send("SET", RealCluster.keyOf(7), "w"));
      awaitNodes(proxy, cluster.server(3), cluster.server(1), cluster.server(2));
      assertFalse(nodes(proxy).contains(seed.address()));
      try (RawClient direct = cluster.server(3).connect()) {
        assertEquals("w", direct.send("GET", RealCluster.keyOf(7)));
      }
    }
  }

  @Test
  void aPlannedFailoverIsFollowed() {
    try (TestProxy proxy = builder().cluster(cluster.server(1)).start();
        RawClient client = proxy.connect()) {
      assertEquals("OK", client.send("SET", RealCluster.keyOf(7), "v"));
      cluster.failOver(cluster.server(3));
      awaitNodes(proxy, cluster.server(3), cluster.server(1), cluster.server(2));
      Await.until(
          "it takes writes", () -> "OK".equals(client.send("SET", RealCluster.keyOf(7), "w")));
    }
  }

  @Test
  void whatEveryServerIsSentFollowsPlannedFailovers() {
    try (TestProxy proxy = builder().cluster(cluster.server(1)).start();
        RawClient client = proxy.connect()) {
      ClusterTest.awaitServed(proxy);
      int slot = RealCluster.SLOTS / 6;
      String[] keys = {
        RealCluster.keyOf(slot), RealCluster.keyOf(3 * slot), RealCluster.keyOf(5 * slot)
      };
      for (int i = 0; i < 3; i++) {
        Thread failOver = new Thread(failingOver(cluster.server(3 + i)));
        failOver.start();
        int rounds = 0;
        while (failOver.isAlive() || rounds < 20) {
          for (String key : keys) {
            assertEquals("OK", client.send("SET", key, "v"));
          }
          assertEquals("OK", client.send("FLUSHALL"));
          for (String key : keys) {
            assertNull(client.send("GET", key));
          }
          rounds++;
        }
      }
    }
  }

  private Runnable failingOver(RealRedis replica) {
    return () -> cluster.failOver(replica);
  }

  /** Valkey from 9.0 on; name one in {@code CASHEW_TEST_REDIS}. */
  @Test
  void whereServersHaveSeveralDatabasesEachIsFollowed() {
    assumeTrue(cluster.server(0).has("cluster-databases"), "one database in a Cluster");
    cluster.close();
    cluster = RealCluster.start(3, 1, "--cluster-databases", "16");
    String key = RealCluster.keyOf(7);
    try (TestProxy proxy = builder().cluster(cluster.server(1)).start();
        RawClient client = proxy.connect();
        RawClient other = proxy.connect()) {
      ClusterTest.awaitServed(proxy);
      assertEquals("OK", client.send("SELECT", "3"));
      assertEquals("OK", client.send("SET", key, "three"));
      assertNull(other.send("GET", key));
      assertEquals("OK", other.send("SET", key, "zero"));
      cluster.failOver(cluster.server(3));
      Await.until("it takes writes", () -> "OK".equals(client.send("SET", key + "2", "three")));
      assertEquals("three", client.send("GET", key));
      assertEquals("zero", other.send("GET", key));
      assertEquals(2L, client.send("DBSIZE"));
      assertEquals("OK", client.send("FLUSHDB"));
      assertEquals("zero", other.send("GET", key));
    }
  }

  @Test
  void aShardChannelFollowsItsSlot() {
    try (RawClient direct = cluster.server(0).connect()) {
      assumeTrue(
          direct.send("SPUBLISH", RealCluster.keyOf(7), "x") instanceof Long,
          "servers before 7.0 have no shard channels");
    }
    String channel = RealCluster.keyOf(7);
    RealRedis first = cluster.server(0);
    try (TestProxy proxy = builder().cluster(first).start();
        RawClient listener = proxy.connect();
        RawClient client = proxy.connect()) {
      ClusterTest.awaitServed(proxy);
      assertEquals(List.of("ssubscribe", channel, 1L), listener.send("SSUBSCRIBE", channel));
      assertEquals(1L, client.send("SPUBLISH", channel, "one"));
      assertEquals(List.of("smessage", channel, "one"), listener.read());
      cluster.move(7, first, cluster.server(1));
      try (RawClient direct = cluster.server(1).connect()) {
        Await.until(
            "it is listened to where it is",
            () -> List.of(channel, 1L).equals(direct.send("PUBSUB", "SHARDNUMSUB", channel)));
      }
      assertEquals(1L, client.send("SPUBLISH", channel, "two"));
      assertEquals(List.of("smessage", channel, "two"), listener.read());
    }
  }

  /** Publishes 0, 1 and so on until told to end. @return how many, behind which comes the last */
  private static void publish(
      RawClient publisher, String channel, AtomicInteger published, AtomicBoolean over) {
    while (!over.get()) {
      publisher.send("PUBLISH", channel, "" + published.get());
      published.incrementAndGet();
    }
    publisher.send("PUBLISH", channel, "last");
  }

  private static int awaitMore(AtomicInteger published, int more) {
    int before = published.get();
    Await.until("more is published", () -> published.get() >= before + more);
    return published.get();
  }

  /** Reads what comes by each of two ways, up to the last. */
  private static void listen(RawClient listener, Map<String, List<String>> come) {
    for (int lasts = 0; lasts < 2; ) {
      List<?> push = (List<?>) listener.read();
      String text = (String) push.get(push.size() - 1);
      come.computeIfAbsent((String) push.get(0), kind -> new ArrayList<>()).add(text);
      lasts += text.equals("last") ? 1 : 0;
    }
  }

  /**
   * A server that becomes a replica goes on giving what is published, and so does the one that is
   * listened to in its place. What is on its way from one of them while that changes may come twice
   * or not at all, if the other is late: messages have no identity.
   */
  @Test
  void aPlannedFailoverNeitherDoublesNorLosesAMessageButWhileItChanges() {
    String channel = RealCluster.keyOf(7);
    try (TestProxy proxy = builder().workers(1).cluster(cluster.server(0)).start();
        RawClient listener = proxy.connect();
        RawClient publisher = cluster.server(1).connect()) {
      ClusterTest.awaitServed(proxy);
      listener.send("SUBSCRIBE", channel);
      listener.send("PSUBSCRIBE", "*");
      Map<String, List<String>> come = new HashMap<>();
      FutureTask<Void> listening = new FutureTask<>(() -> listen(listener, come), null);
      AtomicBoolean over = new AtomicBoolean();
      AtomicInteger published = new AtomicInteger();
      FutureTask<Void> publishing =
          new FutureTask<>(() -> publish(publisher, channel, published, over), null);
      BitSet changes = new BitSet();
      new Thread(listening, "listener").start();
      new Thread(publishing, "publisher").start();
      try {
        for (int server : new int[] {3, 0}) {
          int begins = Math.max(0, awaitMore(published, 2 * ON_THEIR_WAY) - ON_THEIR_WAY);
          cluster.failOver(cluster.server(server));
          String now = cluster.server(server).address();
          Await.until("it is followed", () -> nodes(proxy).contains(now));
          changes.set(begins, awaitMore(published, ON_THEIR_WAY));
        }
        awaitMore(published, ON_THEIR_WAY);
      } finally {
        over.set(true);
      }
      Await.result(publishing);
      Await.result(listening);
      List<Integer> all =
          IntStream.range(0, published.get()).filter(i -> !changes.get(i)).boxed().toList();
      assertTrue(all.size() >= 3 * ON_THEIR_WAY);
      assertEquals(Set.of("message", "pmessage"), come.keySet());
      come.forEach(
          (kind, texts) ->
              assertEquals(
                  all,
                  texts.stream()
                      .filter(text -> !text.equals("last"))
                      .map(Integer::valueOf)
                      .filter(i -> !changes.get(i))
                      .toList(),
                  kind));
    }
  }

  @Test
  void whoListensHearsFromAnotherServerWhenItsOwnIsLost() {
    try (TestProxy proxy = builder().workers(1).cluster(cluster.server(0)).start();
        RawClient listener = proxy.connect();
        RawClient client = proxy.connect()) {
      ClusterTest.awaitServed(proxy);
      listener.send("SUBSCRIBE", "news");
      listener.send("PSUBSCRIBE", "n*");
      cluster.server(0).close(); // the first, at which a worker listens
      Await.until("others hear", () -> Long.valueOf(2).equals(client.send("PUBLISH", "news", "x")));
      String last = "";
      int lasts = 0;
      assertEquals(2L, client.send("PUBLISH", "news", "last"));
      while (lasts < 2) {
        List<?> push = (List<?>) listener.read();
        last = push == null ? "" : String.valueOf(push.get(push.size() - 1));
        lasts += last.equals("last") ? 1 : 0;
      }
    }
  }
}
