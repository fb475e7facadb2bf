package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.cashew.proxy.config.ClusterSettings;
import io.cashew.proxy.config.HealthSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealCluster;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.SentinelRing;
import io.cashew.proxy.testing.TestProxy;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked of the whole keyspace while other servers become primaries: all of it is there. */
final class WholeKeyspaceElsewhereTest {
  private static final int KEYS = 2000;
  private static final int FAILOVERS = 3;

  private static TestProxy.Builder builder() {
    return new TestProxy.Builder()
        .workers(2)
        .timeoutMillis(25_000)
        .with(HealthSettings.FAILOVER_WAIT, 25_000L)
        .with(ClusterSettings.REFRESH, 1_000L);
  }

  private static Set<Object> keys() {
    return IntStream.range(0, KEYS).mapToObj(i -> "key:" + i).collect(Collectors.toSet());
  }

  private static void fill(RawClient client) {
    for (int i = 0; i < KEYS; i++) {
      client.write(RawClient.request("SET", "key:" + i, "v"));
    }
    for (int i = 0; i < KEYS; i++) {
      assertEquals("OK", client.read());
    }
  }

  private static Object ask(RealRedis server, String... request) {
    try (RawClient direct = server.connect()) {
      return String.valueOf(direct.send(request));
    }
  }

  private static void awaitServed(RawClient client) {
    Await.until("it takes writes", () -> "OK".equals(client.send("SET", "key:0", "v")));
  }

  private static void awaitCopied(RealRedis primary, RealRedis replica) {
    Await.until(
        "a replica has it all", () -> ask(primary, "DBSIZE").equals(ask(replica, "DBSIZE")));
  }

  /** Goes on from a cursor to the end. @return the keys that have come */
  private static Set<Object> scan(RawClient client, String from) {
    Set<Object> seen = new HashSet<>();
    String cursor = from;
    do {
      Object reply = client.send("SCAN", cursor, "COUNT", "100");
      List<?> step = assertInstanceOf(List.class, reply, String.valueOf(reply));
      cursor = String.valueOf(step.get(0));
      seen.addAll((List<?>) step.get(1));
    } while (!cursor.equals("0"));
    return seen;
  }

  @Test
  void plannedFailoversOfAClusterTakeNothingFromIt() throws InterruptedException {
    try (RealCluster cluster = RealCluster.start(2, 1);
        TestProxy proxy = builder().cluster(cluster.server(0)).start();
        RawClient filling = proxy.connect()) {
      ClusterTest.awaitServed(proxy);
      fill(filling);
      awaitCopied(cluster.server(0), cluster.server(2));
      awaitCopied(cluster.server(1), cluster.server(3));
      AtomicBoolean over = new AtomicBoolean();
      AtomicInteger rounds = new AtomicInteger();
      Queue<Object> wrong = new ConcurrentLinkedQueue<>();
      Thread asking =
          new Thread(
              () -> {
                try (RawClient client = proxy.connect()) {
                  while (!over.get()) {
                    assertEquals((long) KEYS, client.send("DBSIZE"));
                    List<?> found = assertInstanceOf(List.class, client.send("KEYS", "*"));
                    assertEquals(keys(), new HashSet<Object>(found));
                    assertEquals(KEYS, found.size());
                    assertEquals(keys(), scan(client, "0"));
                    rounds.incrementAndGet();
                  }
                } catch (AssertionError | RuntimeException e) {
                  wrong.add(e);
                }
              });
      asking.start();
      for (int i = 0; i < FAILOVERS; i++) {
        int shard = i % 2;
        cluster.failOver(cluster.server(i < 2 ? 2 + shard : shard));
        int before = rounds.get();
        Await.until("they are asked", () -> rounds.get() > before + 1 || !wrong.isEmpty());
      }
      over.set(true);
      Await.end(asking);
      assertEquals(List.of(), List.copyOf(wrong));
    }
  }

  @Test
  void aScanGoesOnBehindAServerThatWasKilled() {
    try (RealCluster cluster = RealCluster.start(3, 1);
        TestProxy proxy = builder().cluster(cluster.server(0)).start();
        RawClient client = proxy.connect()) {
      ClusterTest.awaitServed(proxy);
      fill(client);
      awaitCopied(cluster.server(0), cluster.server(3));
      Object first = client.send("SCAN", "0", "COUNT", "100");
      List<?> step = assertInstanceOf(List.class, first);
      Set<Object> seen = new HashSet<>((List<?>) step.get(1));
      cluster.server(0).close();
      seen.addAll(scan(client, String.valueOf(step.get(0))));
      assertEquals(keys(), seen);
      assertEquals((long) KEYS, client.send("DBSIZE"));
    }
  }

  /** Also where nothing waits for it: a cursor of the former server says nothing to the next. */
  @ParameterizedTest
  @ValueSource(longs = {0, 25_000})
  void aScanGoesOnBehindAnotherServerOfItsNode(long failoverWaitMillis) {
    RealRedis one = RealRedis.start("--repl-diskless-sync-delay", "0");
    try (RealRedis two = RealRedis.start("--replicaof", "127.0.0.1", "" + one.port())) {
      SentinelRing.awaitReplica(one, two);
      TestProxy.Builder builder =
          builder()
              .with(HealthSettings.FAILOVER_WAIT, failoverWaitMillis)
              .among("n", one.port(), two.port());
      try (TestProxy proxy = builder.start();
          RawClient client = proxy.connect()) {
        awaitServed(client);
        fill(client);
        awaitCopied(one, two);
        Object first = client.send("SCAN", "0", "COUNT", "100");
        List<?> step = assertInstanceOf(List.class, first);
        Set<Object> seen = new HashSet<>((List<?>) step.get(1));
        one.close();
        assertEquals("OK", ask(two, "REPLICAOF", "NO", "ONE"));
        awaitServed(client);
        seen.addAll(scan(client, String.valueOf(step.get(0))));
        assertEquals(keys(), seen);
        assertEquals(List.of(), client.send("PUBSUB", "CHANNELS"));
      }
    } finally {
      one.close();
    }
  }
}
