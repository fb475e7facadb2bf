package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.HealthSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealCluster;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Writers of every shard of a real Cluster while a primary is killed, its replica elected and the
 * former primary comes back: other shards do not notice, and of that shard's writes only what was
 * in flight fails.
 */
@Timeout(300)
final class ClusterLossTest {
  private static final int PRIMARIES = 3;
  private static final int WRITERS_EACH = 2;
  private static final int SOME = 50;

  private final RealCluster cluster = RealCluster.start(PRIMARIES, 1);
  private final List<Writer> writers = new ArrayList<>();
  private final AtomicBoolean over = new AtomicBoolean();

  /** Whether what is answered cannot be by the server that is to be killed. */
  private volatile boolean killed;

  private TestProxy proxy;

  @BeforeEach
  void start() {
    proxy =
        new TestProxy.Builder()
            .workers(2)
            .with(HealthSettings.FAILOVER_WAIT, 60_000L)
            .timeoutMillis(60_000)
            .cluster(cluster.server(0))
            .start();
    ClusterTest.awaitServed(proxy.port());
  }

  @AfterEach
  void stop() {
    over.set(true);
    proxy.close();
    cluster.close();
  }

  /** Appends numbers to a list of a shard, two in a pipeline. One thread. */
  private final class Writer implements Runnable {
    private final int shard;
    private final String key;
    private final AtomicInteger acknowledged = new AtomicInteger();

    /** Those that must not be lost. */
    private final Set<Integer> kept = new HashSet<>();

    private final Set<Integer> refused = new HashSet<>();
    private final List<String> errors = new ArrayList<>();
    private int next = 1;

    Writer(int shard, int number) {
      this.shard = shard;
      key = RealCluster.keyOf(RealCluster.SLOTS * shard / PRIMARIES + 7 + number) + "list";
    }

    @Override
    public void run() {
      while (!over.get()) {
        try (RawClient client = proxy.connect()) {
          while (!over.get()) {
            writeTwo(client);
          }
        } catch (UncheckedIOException e) {
          errors.add("closed: " + e.getCause());
        }
      }
    }

    private void writeTwo(RawClient client) {
      boolean isKept = shard != 0 || killed;
      int first = next;
      next += 2;
      client.write(RawClient.request("RPUSH", key, "" + first));
      client.write(RawClient.request("RPUSH", key, "" + (first + 1)));
      for (int number = first; number < first + 2; number++) {
        Object reply = client.read();
        if (reply instanceof Long) {
          acknowledged.incrementAndGet();
          if (isKept) {
            kept.add(number);
          }
        } else {
          String text = reply instanceof ErrorReply error ? error.text() : "" + reply;
          errors.add(text);
          if (!text.contains("may have been executed")) {
            refused.add(number);
          }
        }
      }
    }

    void check(RawClient client) {
      Set<Integer> found = new HashSet<>();
      int last = 0;
      for (Object each : (List<?>) client.send("LRANGE", key, "0", "-1")) {
        int number = Integer.parseInt("" + each);
        assertTrue(number > last, key + ": " + number + " is behind " + last);
        assertTrue(!refused.contains(number), key + ": " + number + " was refused");
        last = number;
        found.add(number);
      }
      Set<Integer> lost = new HashSet<>(kept);
      lost.removeAll(found);
      assertEquals(Set.of(), lost, key + " has lost what was acknowledged, of " + kept.size());
      if (shard != 0) {
        assertEquals(List.of(), errors, "of a shard whose primary lives");
      }
      for (String error : errors) {
        assertTrue(error.contains("may have been executed"), error);
      }
      // The kernel may take one more connection for a process that is ending, and reset it.
      assertTrue(errors.size() <= 8, "what was in flight: " + errors);
    }
  }

  private void awaitMore() {
    List<Integer> before = writers.stream().map(each -> each.acknowledged.get()).toList();
    Await.until(
        150,
        () -> "each writer goes on: " + writers.stream().map(each -> each.errors).toList(),
        () -> {
          for (int i = 0; i < writers.size(); i++) {
            if (writers.get(i).acknowledged.get() < before.get(i) + SOME) {
              return false;
            }
          }
          return true;
        });
  }

  private static String info(RealRedis server, String section) {
    try (RawClient client = server.connect()) {
      return String.valueOf(client.send("INFO", section));
    }
  }

  @Test
  void aPrimaryThatIsKilledCostsItsShardWhatWasInFlightAndOthersNothing() {
    List<CompletableFuture<Void>> running = new ArrayList<>();
    for (int i = 0; i < PRIMARIES * WRITERS_EACH; i++) {
      Writer writer = new Writer(i % PRIMARIES, i / PRIMARIES);
      writers.add(writer);
      running.add(CompletableFuture.runAsync(writer, task -> new Thread(task, "writer").start()));
    }
    awaitMore();
    cluster.server(0).close();
    killed = true; // nobody else can answer
    awaitMore();
    RealRedis former = cluster.comeBack(0);
    Await.until(
        "the former primary is a replica",
        () -> info(former, "replication").contains("role:slave"));
    cluster.awaitWell();
    awaitMore();
    over.set(true);
    running.forEach(CompletableFuture::join);
    try (RawClient client = proxy.connect()) {
      writers.forEach(writer -> writer.check(client));
    }
    assertTrue(
        !info(former, "errorstats").contains("errorstat_MOVED"), "nothing goes to the former");
  }
}
