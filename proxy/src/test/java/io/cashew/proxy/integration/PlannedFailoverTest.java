package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.HealthSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.ListWriters;
import io.cashew.proxy.testing.ListWriters.Writer;
import io.cashew.proxy.testing.Opened;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.SentinelRing;
import io.cashew.proxy.testing.TestProxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What may write waits from the moment when a Sentinel says that it replaces the primary until most
 * of them name another. A Sentinel takes a quarter of a second from that to the promotion; here the
 * replica refuses to be promoted by it, and is promoted by the test when everything waits.
 */
@Timeout(300)
final class PlannedFailoverTest {
  private final Opened opened = new Opened();
  private SentinelRing ring;
  private TestProxy proxy;

  @BeforeEach
  void start(@TempDir Path directory) {
    ring = opened.keep(new SentinelRing(directory, 3));
    try (RawClient replica = ring.replica().connect()) {
      assertEquals("OK", replica.send("ACL", "SETUSER", "test", "on", "nopass", "~*", "+@all"));
      assertEquals("OK", replica.send("ACL", "SETUSER", "default", "-replicaof", "-slaveof"));
    }
  }

  @AfterEach
  void stop() throws Exception {
    opened.close();
  }

  private void proxy(long failoverWaitMillis) {
    proxy =
        opened.keep(
            new TestProxy.Builder()
                .workers(2)
                .connectionsPerNode(1)
                .with(HealthSettings.FAILOVER_WAIT, failoverWaitMillis)
                .timeoutMillis(60_000)
                .master("n", SentinelRing.MASTER, ring.sentinels().toArray(RealRedis[]::new))
                .start());
    try (RawClient client = proxy.connect()) {
      Await.until("it serves", () -> "OK".equals(client.send("SET", "first", "1")));
    }
  }

  /** Has Sentinels give a failover up after so long. */
  private void patience(long millis) {
    for (RealRedis sentinel : ring.sentinels()) {
      try (RawClient client = sentinel.connect()) {
        assertEquals(
            "OK",
            client.send("SENTINEL", "SET", SentinelRing.MASTER, "failover-timeout", "" + millis));
      }
    }
  }

  private boolean isBeingReplaced() {
    return proxy.view().pools().get(0).nodes().get(0).state().primary().beingReplaced();
  }

  /** A Sentinel replaces the primary; when this returns no worker sends it any write. */
  private void beginFailover() {
    ring.failOver();
    Await.until("writes wait", this::isBeingReplaced);
    for (int i = 0; i < 4; i++) { // clients are dealt out to both workers
      try (RawClient client = proxy.connect()) {
        assertEquals("1", client.send("GET", "first"), "reads go on");
      }
    }
  }

  private void promote() {
    try (RawClient primary = ring.primary().connect()) {
      assertEquals("OK", primary.send("SET", "mark", "1"));
      Await.until(
          "the replica has all", () -> Long.valueOf(1).equals(primary.send("WAIT", "1", "1000")));
    }
    try (RawClient replica = ring.replica().connect()) {
      assertEquals("OK", replica.send("AUTH", "test", "any"));
      assertEquals("OK", replica.send("REPLICAOF", "NO", "ONE"));
    }
  }

  private static String calls(RawClient server) {
    return String.valueOf(server.send("INFO", "commandstats"))
        .lines()
        .filter(line -> line.startsWith("cmdstat_rpush:"))
        .map(line -> line.substring(0, line.indexOf(',')))
        .findFirst()
        .orElse("");
  }

  @Test
  void itLosesNothingThatWasAcknowledged() {
    patience(60_000);
    proxy(30_000);
    ListWriters lists = opened.keep(new ListWriters(proxy::connect));
    List<Writer> writers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      writers.add(lists.begin("list" + i, () -> () -> true));
    }
    lists.awaitMore(30, 200);
    beginFailover();
    String before;
    try (RawClient primary = ring.primary().connect()) {
      before = calls(primary);
      promote();
      // It cuts its connections only when a Sentinel makes it a replica, seconds later.
      Await.until(
          "the proxy follows",
          () -> {
            assertEquals(before, calls(primary), "writes at the former primary");
            return !isBeingReplaced();
          });
      assertEquals(before, calls(primary), "writes at the former primary");
    }
    lists.awaitMore(30, 200);
    lists.end();
    try (RawClient primary = ring.replica().connect()) {
      writers.forEach(writer -> writer.check(primary));
    }
    writers.forEach(writer -> assertEquals(List.of(), writer.errors()));
  }

  @Test
  void oneThatIsGivenUpHasHeldUpWritesAndNothingElse() {
    patience(2000);
    proxy(30_000);
    ListWriters lists = opened.keep(new ListWriters(proxy::connect));
    Writer writer = lists.begin("list", () -> () -> true);
    lists.awaitMore(30, 100);
    beginFailover();
    Await.until("it is given up", () -> !isBeingReplaced());
    lists.awaitMore(30, 100);
    lists.end();
    try (RawClient primary = ring.primary().connect()) {
      assertEquals("master", ((List<?>) primary.send("ROLE")).get(0));
      writer.check(primary);
    }
    assertEquals(List.of(), writer.errors());
  }

  @Test
  void whatHasWaitedLongEnoughGoesToTheFormer() {
    patience(60_000);
    proxy(10);
    beginFailover();
    try (RawClient client = proxy.connect();
        RawClient primary = ring.primary().connect()) {
      assertEquals("OK", client.send("SET", "key", "v"));
      assertEquals("v", primary.send("GET", "key"));
    }
  }

  @Test
  void aTransactionThatWouldWriteIsDiscardedAndOneThatReadsIsNot() {
    patience(60_000);
    proxy(30_000);
    try (RawClient writes = proxy.connect();
        RawClient reads = proxy.connect()) {
      assertEquals("OK", writes.send("MULTI"));
      assertEquals("QUEUED", writes.send("SET", "key", "v"));
      beginFailover();
      assertEquals("OK", reads.send("MULTI"));
      assertEquals("QUEUED", reads.send("GET", "first"));
      assertEquals(List.of("1"), reads.send("EXEC"));
      writes.write(RawClient.request("EXEC"));
      promote();
      String said = assertInstanceOf(ErrorReply.class, writes.read()).text();
      assertTrue(said.startsWith("EXECABORT"), said);
      assertEquals("OK", writes.send("MULTI"));
      assertEquals("QUEUED", writes.send("SET", "other", "v"));
      assertEquals(List.of("OK"), writes.send("EXEC"));
    }
    try (RawClient former = ring.primary().connect();
        RawClient next = ring.replica().connect()) {
      assertNull(former.send("GET", "key"));
      assertNull(next.send("GET", "key"));
      assertEquals("v", next.send("GET", "other"));
    }
  }
}
