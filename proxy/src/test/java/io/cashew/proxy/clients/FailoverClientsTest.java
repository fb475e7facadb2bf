package io.cashew.proxy.clients;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.HealthSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.SentinelRing;
import io.cashew.proxy.testing.TestProxy;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.api.StatefulRedisConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Jedis and Lettuce while real Sentinels make another server primary: both keep their connection.
 */
@Timeout(180)
final class FailoverClientsTest {
  private static final int MORE = 100;

  private final AtomicBoolean over = new AtomicBoolean();

  /** Writes until it is told to end; what was in flight when the server left may have failed. */
  private CompletableFuture<Void> write(Runnable request, AtomicLong done) {
    return CompletableFuture.runAsync(
        () -> {
          while (!over.get()) {
            try {
              request.run();
              done.incrementAndGet();
            } catch (JedisDataException | RedisCommandExecutionException error) {
              String text = String.valueOf(error.getMessage());
              assertTrue(text.contains("may have been executed"), text);
            }
          }
        },
        task -> new Thread(task, "client").start());
  }

  private static void awaitMore(AtomicLong done) {
    long before = done.get();
    Await.until("it goes on", () -> done.get() >= before + MORE);
  }

  @Test
  void aPlannedFailoverCostsThemTime(@TempDir Path directory) {
    try (SentinelRing ring = new SentinelRing(directory, 3);
        TestProxy proxy =
            new TestProxy.Builder()
                .workers(2)
                .with(HealthSettings.FAILOVER_WAIT, 20_000L)
                .timeoutMillis(20_000)
                .master("n", SentinelRing.MASTER, ring.sentinels().toArray(RealRedis[]::new))
                .start();
        Jedis jedis = new Jedis("127.0.0.1", proxy.port(), 60_000)) {
      RedisClient lettuce = RedisClient.create("redis://127.0.0.1:" + proxy.port());
      try (StatefulRedisConnection<String, String> connection = lettuce.connect()) {
        connection.setTimeout(Duration.ofSeconds(60));
        AtomicLong jedisDone = new AtomicLong();
        AtomicLong lettuceDone = new AtomicLong();
        List<CompletableFuture<Void>> running =
            List.of(
                write(() -> jedis.incr("jedis"), jedisDone),
                write(() -> connection.sync().incr("lettuce"), lettuceDone));
        awaitMore(jedisDone);
        awaitMore(lettuceDone);
        ring.failOver();
        Await.until(
            "the proxy follows",
            () ->
                proxy
                    .view()
                    .pools()
                    .get(0)
                    .nodes()
                    .get(0)
                    .address()
                    .equals(ring.replica().address()));
        awaitMore(jedisDone);
        awaitMore(lettuceDone);
        over.set(true);
        running.forEach(Await::result);
        try (RawClient direct = ring.replica().connect()) {
          long before = Long.parseLong("" + direct.send("GET", "jedis"));
          assertTrue(jedis.incr("jedis") == before + 1, "the new primary has it");
        }
      } finally {
        over.set(true);
        lettuce.shutdown(Duration.ZERO, Duration.ofSeconds(5));
      }
    }
  }
}
