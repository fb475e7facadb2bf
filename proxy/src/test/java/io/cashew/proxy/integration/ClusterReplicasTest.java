package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.ClusterSettings;
import io.cashew.proxy.config.HealthSettings;
import io.cashew.proxy.config.ReadFrom;
import io.cashew.proxy.config.ReadSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealCluster;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Reads from replicas of a real Cluster: who answers, also while slots move and primaries change.
 */
@Timeout(120)
final class ClusterReplicasTest {
  private static final int KEYS = 24;

  private RealCluster cluster;
  private final List<String> keys = new ArrayList<>();
  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
  private volatile boolean reading = true;

  @BeforeEach
  void start() {
    cluster = RealCluster.start(3, 1);
    for (int i = 0; i < KEYS; i++) {
      keys.add(RealCluster.keyOf(RealCluster.SLOTS * (i % 3) / 3 + 5 + i / 6) + "k" + i);
    }
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private TestProxy serve(ReadFrom from) {
    TestProxy proxy =
        new TestProxy.Builder()
            .workers(2)
            .timeoutMillis(20_000)
            .with(HealthSettings.FAILOVER_WAIT, 20_000L)
            .with(ClusterSettings.REFRESH, 1_000L)
            .with(ReadSettings.FROM, from)
            .with(ReadSettings.READ_YOUR_WRITES, 100L)
            .cluster(cluster.server(1))
            .start();
    try (RawClient client = proxy.connect()) {
      for (String key : keys) {
        assertEquals("OK", client.send("SET", key, "value of " + key));
      }
    }
    return proxy;
  }

  private static double reads(TestProxy proxy, String kind) {
    return proxy.metric("cashew_node_reads_total{kind=\"" + kind + "\"");
  }

  /** Waits until replicas answer each key of a new client, and then reads some more. */
  private void areReadFromReplicas(TestProxy proxy) {
    try (RawClient client = proxy.connect()) {
      Await.until(
          "replicas answer",
          () -> {
            double before = reads(proxy, "replica");
            keys.forEach(key -> assertEquals("value of " + key, client.send("GET", key)));
            return reads(proxy, "replica") - before >= KEYS;
          });
      List<String> all = new ArrayList<>(List.of("MGET"));
      all.addAll(keys);
      assertEquals(
          keys.stream().map(key -> "value of " + key).toList(),
          client.send(all.toArray(String[]::new)));
    }
  }

  @Test
  void replicasAnswerWhatOnlyReads() {
    try (TestProxy proxy = serve(ReadFrom.PREFER_REPLICA)) {
      areReadFromReplicas(proxy);
      try (RawClient direct = cluster.server(3).connect();
          RawClient client = proxy.connect()) {
        Await.until(
            "the replica was asked",
            () -> {
              client.send("GET", keys.get(0));
              return String.valueOf(direct.send("INFO", "commandstats")).contains("cmdstat_get:");
            });
        assertEquals("OK", client.send("SET", keys.get(0), "mine"));
        assertEquals("mine", client.send("GET", keys.get(0)), "its own write");
      }
    }
  }

  @Test
  void whereNoReplicaIsWellThePrimaryAnswersOrNobody() {
    try (TestProxy preferring = serve(ReadFrom.PREFER_REPLICA);
        TestProxy only = serve(ReadFrom.REPLICA);
        RawClient client = preferring.connect();
        RawClient strict = only.connect()) {
      areReadFromReplicas(preferring);
      areReadFromReplicas(only);
      cluster.server(3).close(); // the replica of the first
      for (int i = 0; i < 200; i++) {
        assertEquals("value of " + keys.get(0), client.send("GET", keys.get(0)));
      }
      Await.until("an error", () -> strict.send("GET", keys.get(0)) instanceof ErrorReply);
      ErrorReply error = assertInstanceOf(ErrorReply.class, strict.send("GET", keys.get(0)));
      assertTrue(error.text().contains("has no replica to read from"), error.text());
      assertEquals("value of " + keys.get(1), strict.send("GET", keys.get(1)));
    }
  }

  private Thread reader(TestProxy proxy) {
    Thread thread =
        new Thread(
            () -> {
              try (RawClient client = proxy.connect()) {
                // One of each slot: several would be at two servers until all of them have moved.
                List<String> several = keys.stream().filter(this::isFirstOfItsSlot).toList();
                List<String> mget = new ArrayList<>(List.of("MGET"));
                mget.addAll(several);
                while (reading) {
                  keys.forEach(key -> client.write(RawClient.request("GET", key)));
                  client.write(RawClient.request("EXISTS", keys.get(0), keys.get(1)));
                  client.write(RawClient.request(mget.toArray(String[]::new)));
                  keys.forEach(key -> check("GET " + key, "value of " + key, client.read()));
                  check("EXISTS", 2L, client.read());
                  check(
                      "MGET",
                      several.stream().map(key -> "value of " + key).toList(),
                      client.read());
                }
              } catch (RuntimeException | AssertionError failed) {
                wrong.add(failed.toString());
              }
            });
    thread.start();
    return thread;
  }

  private boolean isFirstOfItsSlot(String key) {
    int slot = RealCluster.slotOf(key);
    return keys.stream()
        .filter(each -> RealCluster.slotOf(each) == slot)
        .findFirst()
        .orElse("")
        .equals(key);
  }

  private void check(String request, Object right, @Nullable Object said) {
    if (!right.equals(said) && wrong.size() < 10) {
      wrong.add(request + " is answered " + said);
    }
  }

  /** Reads with several clients while something happens. */
  private void isReadDuring(TestProxy proxy, Runnable change) {
    List<Thread> readers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      readers.add(reader(proxy));
    }
    try {
      change.run();
    } finally {
      reading = false;
    }
    Await.end(readers);
    assertEquals(List.of(), List.copyOf(wrong));
  }

  @Test
  void aSlotThatMovesLosesNoKeyOfWhoReads() {
    try (TestProxy proxy = serve(ReadFrom.PREFER_REPLICA);
        RawClient writer = proxy.connect()) {
      areReadFromReplicas(proxy);
      RealRedis first = cluster.server(0);
      RealRedis second = cluster.server(1);
      isReadDuring(
          proxy,
          () -> {
            for (int slot : slotsOf(0)) {
              cluster.beginMove(slot, first, second);
              // Whoever asks the primary for what is not there shows the proxy that it moves.
              for (int i = 0; i < 40; i++) {
                writer.send("DEL", RealCluster.keyOf(slot) + "nothing" + i);
                try (RawClient other = proxy.connect()) {
                  other.send("DEL", RealCluster.keyOf(slot) + "nothing" + i);
                }
              }
              while (cluster.moveKeys(slot, first, second, 1) > 0) {
                readSome(proxy);
              }
              cluster.endMove(slot, first, second);
              readSome(proxy);
            }
          });
      assertTrue(reads(proxy, "replica") > 0);
    }
  }

  private void readSome(TestProxy proxy) {
    double before = reads(proxy, "replica") + reads(proxy, "primary");
    Await.until(
        "more was read",
        () ->
            reads(proxy, "replica") + reads(proxy, "primary") > before + 10 * KEYS
                || !wrong.isEmpty());
  }

  private List<Integer> slotsOf(int server) {
    return keys.stream()
        .map(RealCluster::slotOf)
        .filter(slot -> slot * 3 / RealCluster.SLOTS == server)
        .distinct()
        .toList();
  }

  @Test
  void whoReadsDoesNotSeeThatAReplicaTakesOver() {
    try (TestProxy proxy = serve(ReadFrom.PREFER_REPLICA)) {
      areReadFromReplicas(proxy);
      isReadDuring(
          proxy,
          () -> {
            cluster.failOver(cluster.server(3));
            readSome(proxy);
            cluster.failOver(cluster.server(0));
            readSome(proxy);
          });
      areReadFromReplicas(proxy);
    }
  }

  @Test
  void whoReadsGoesOnWhenAPrimaryIsLostAndItsReplicaTakesOver() {
    try (TestProxy proxy = serve(ReadFrom.PREFER_REPLICA);
        RawClient client = proxy.connect()) {
      areReadFromReplicas(proxy);
      String other = keys.get(1);
      cluster.server(0).close();
      Await.until(
          "a write at the new primary", () -> "OK".equals(client.send("SET", keys.get(0), "new")));
      assertEquals("new", client.send("GET", keys.get(0)));
      List<Object> answers = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        answers.add(String.valueOf(client.send("GET", other)));
      }
      assertEquals(Collections.nCopies(50, "value of " + other), answers);
    }
  }
}
