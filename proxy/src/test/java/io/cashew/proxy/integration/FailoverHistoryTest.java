package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.HealthSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.ListWriters;
import io.cashew.proxy.testing.ListWriters.Writer;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.SentinelRing;
import io.cashew.proxy.testing.TestProxy;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Writers whose every value is written once, while real Sentinels replace the primary: what the new
 * primary has at the end is compared with what the writers were told.
 *
 * <p>Replication is asynchronous, so a write may be lost that the former primary has answered and
 * not passed on. What was on the replica before that, and what was sent after it, is never lost;
 * nothing is executed twice, late, or in spite of a refusal.
 */
@Timeout(300)
final class FailoverHistoryTest {
  private static final int WRITERS = 6;
  private static final int WARM_UP = 200;

  private SentinelRing ring;
  private TestProxy proxy;
  private final List<Writer> writers = new ArrayList<>();
  private final ListWriters lists = new ListWriters(() -> proxy.connect());
  private volatile long epoch;

  @BeforeEach
  void start(@TempDir Path directory) {
    ring = new SentinelRing(directory, 3);
    proxy =
        new TestProxy.Builder()
            .workers(2)
            .with(HealthSettings.FAILOVER_WAIT, 30_000L)
            .timeoutMillis(30_000)
            .master("n", SentinelRing.MASTER, ring.sentinels().toArray(RealRedis[]::new))
            .start();
  }

  @AfterEach
  void stop() {
    lists.close();
    proxy.close();
    ring.close();
  }

  /** The primary goes: what is answered may not be on the replica yet; before that (0) it is. */
  private static final long IN_BETWEEN = 1;

  /** What is sent can only be answered by the new primary. */
  private static final long AFTER = 2;

  private void begin() {
    for (int i = 0; i < WRITERS; i++) {
      writers.add(
          lists.begin(
              "list" + i,
              () -> {
                long sent = epoch;
                return () -> sent == AFTER || (sent != IN_BETWEEN && epoch == sent);
              }));
    }
    awaitMore();
  }

  private void awaitMore() {
    lists.awaitMore(30, WARM_UP);
  }

  /** What was answered before this is on the replica when it returns. */
  private void endOfBefore() {
    epoch = IN_BETWEEN;
    try (RawClient client = ring.primary().connect()) {
      client.send("SET", "mark", "m");
      Await.until(
          "the replica has it", () -> Long.valueOf(1).equals(client.send("WAIT", "1", "1000")));
    }
  }

  private void end() {
    awaitMore();
    lists.end();
    try (RawClient primary = ring.replica().connect()) {
      assertEquals("master", ((List<?>) primary.send("ROLE")).get(0));
      writers.forEach(writer -> writer.check(primary));
    }
  }

  /** A server is asked again if it has just become something else, and so cut its connections. */
  private static Object ask(RealRedis server, String... request) {
    Object[] reply = {null};
    Await.until(
        "it answers",
        () -> {
          try (RawClient client = server.connect()) {
            reply[0] = client.send(request);
            return true;
          } catch (UncheckedIOException cut) {
            return false;
          }
        });
    return reply[0];
  }

  private boolean isReachedByAll() {
    if (!"master".equals(((List<?>) ask(ring.replica(), "ROLE")).get(0))) {
      return false; // it has what the former primary is sent
    }
    for (int i = 0; i < 4; i++) { // clients are dealt out to both workers
      try (RawClient client = proxy.connect()) {
        String value = "" + System.nanoTime();
        client.send("SET", "probe", value);
        if (!value.equals(ask(ring.replica(), "GET", "probe"))) {
          return false;
        }
      }
    }
    return true;
  }

  /** Of a command, that a server has executed so far. */
  private static long calls(RealRedis server, String command) {
    return ((String) ask(server, "INFO", "commandstats"))
        .lines()
        .filter(line -> line.startsWith("cmdstat_" + command + ":calls="))
        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf('=') + 1, line.indexOf(','))))
        .sum();
  }

  private boolean isNamedByMost() {
    int named = 0;
    for (RealRedis sentinel : ring.sentinels()) {
      List<?> at =
          (List<?>) ask(sentinel, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", SentinelRing.MASTER);
      named += ("" + ring.replica().port()).equals("" + at.get(1)) ? 1 : 0;
    }
    return named >= 2;
  }

  @Test
  void aPlannedFailoverLosesNothingThatWasSentAfterIt() {
    begin();
    endOfBefore();
    ring.failOver();
    Await.until("the proxy follows", this::isReachedByAll);
    epoch = AFTER;
    end();
    // The former primary cuts its connections when it becomes a replica.
    writers.forEach(Writer::checkFailuresAreInDoubt);
  }

  @Test
  void aPrimaryThatIsKilledCostsWhatWasInFlightAndNothingThatWasSentAfterIt() {
    begin();
    endOfBefore();
    ring.primary().close();
    epoch = AFTER; // nobody else can answer
    end();
    writers.forEach(Writer::checkOnlyInFlightFailed);
  }

  /** The former primary goes on saying that it is one, and would take writes, for seconds. */
  @Test
  void nothingGoesToTheFormerPrimaryOnceMostSentinelsNameAnother() {
    begin();
    epoch = IN_BETWEEN;
    ring.failOver();
    Await.until("most Sentinels name the other", this::isNamedByMost);
    long named = System.nanoTime();
    Await.until("the proxy follows", this::isReachedByAll);
    long tookMillis = (System.nanoTime() - named) / 1_000_000;
    long rpush = calls(ring.primary(), "rpush");
    epoch = AFTER;
    awaitMore();
    assertEquals(rpush, calls(ring.primary(), "rpush"), "writes at the former primary");
    end();
    assertEquals(rpush, calls(ring.primary(), "rpush"), "writes at the former primary");
    assertTrue(tookMillis < 5000, "a generous bound on 500 ms: " + tookMillis);
  }
}
