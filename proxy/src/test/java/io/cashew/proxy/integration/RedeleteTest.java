package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Deletions that are repeated by rules, through the proxy to two real nodes. */
@ExtendWith(LeakCheck.class)
final class RedeleteTest {
  private static final List<RealRedis> NODES = new ArrayList<>();

  @TempDir Path directory;
  private final int port = FreePorts.next();
  private FileProxy proxy;
  private RawClient client;

  @BeforeAll
  static void startNodes() {
    NODES.add(RealRedis.start());
    NODES.add(RealRedis.start());
  }

  @AfterAll
  static void stopNodes() {
    NODES.forEach(RealRedis::close);
  }

  private String file(String rules) {
    String lines =
        """
        auth.users {
          default { rules = "on nopass ~* &* +@all" }
          exempt { rules = "on >e ~* +@all", cache = off }
        }
        """;
    return FileProxy.config(port, 1, NODES, lines + rules);
  }

  @BeforeEach
  void start() {
    String rules =
        """
        cache.rules = [
          { match = "r:*", redelete = [700ms, 1500ms] }
          { match = "late:*", redelete = [1h] }
        ]
        """;
    proxy = FileProxy.start(directory.resolve("cashew.conf"), file(rules));
    client = new RawClient(port);
  }

  @AfterEach
  void stop() {
    client.close();
    proxy.close();
  }

  private static String text(@Nullable Object reply) {
    return String.valueOf(reply);
  }

  private double repeated() {
    return proxy.metric("cashew_cache_redeleted_total");
  }

  private double pending() {
    return proxy.metric("cashew_cache_redeletes_pending");
  }

  private void awaitRepeated(int times) {
    Await.until(() -> repeated() + " repeated", () -> repeated() == times);
  }

  @Test
  void whatIsWrittenAfterADeletionIsDeletedAgainAfterEachDelay() {
    client.send("SET", "r:1", "old");
    assertEquals("1", text(client.send("DEL", "r:1")));
    client.send("SET", "r:1", "old again");
    awaitRepeated(1);
    assertEquals("0", text(client.send("EXISTS", "r:1")));
    client.send("SET", "r:1", "old once more");
    awaitRepeated(2);
    assertEquals("0", text(client.send("EXISTS", "r:1")));
    assertEquals(0, pending());
    client.send("SET", "r:1", "new");
    assertEquals("new", text(client.send("GET", "r:1")));
  }

  @Test
  void everyKeyOfTheRuleIsRepeatedAlsoIfNothingWasThere() {
    assertEquals("0", text(client.send("UNLINK", "r:1", "other", "r:2", "r:3", "r:4", "r:5")));
    assertEquals(10, pending());
    for (int i = 1; i <= 5; i++) {
      client.send("SET", "r:" + i, "old");
    }
    client.send("SET", "other", "stays");
    awaitRepeated(10);
    assertEquals("0", text(client.send("EXISTS", "r:1", "r:2", "r:3", "r:4", "r:5")));
    assertEquals("stays", text(client.send("GET", "other")));
  }

  @Test
  void aDeletionOfAnotherDatabaseIsRepeatedThere() {
    client.send("SET", "r:db", "zero");
    client.send("SELECT", "3");
    client.send("DEL", "r:db");
    client.send("SET", "r:db", "three");
    awaitRepeated(2);
    assertEquals("0", text(client.send("EXISTS", "r:db")));
    client.send("SELECT", "0");
    assertEquals("zero", text(client.send("GET", "r:db")));
  }

  @Test
  void othersTransactionsScriptsAndWhatFailsAreNotRepeated() {
    client.send("DEL", "other");
    client.send("MULTI");
    client.send("DEL", "r:t");
    client.send("EXEC");
    client.send("EVAL", "return redis.call('DEL', KEYS[1])", "1", "r:s");
    client.send("GETDEL", "r:g");
    client.send("DEL");
    try (RawClient exempt = new RawClient(port)) {
      exempt.send("AUTH", "exempt", "e");
      exempt.send("DEL", "r:e");
    }
    assertEquals(0, pending());
    assertEquals(0, repeated());
  }

  @Test
  void aDeletionThatTheNodeRefusedIsNotRepeated() {
    for (RealRedis node : NODES) {
      try (RawClient direct = node.connect()) {
        direct.send("REPLICAOF", "127.0.0.1", "1");
      }
    }
    try {
      assertTrue(text(client.send("DEL", "r:1")).contains("READONLY"));
      assertEquals(0, pending());
    } finally {
      for (RealRedis node : NODES) {
        try (RawClient direct = node.connect()) {
          direct.send("REPLICAOF", "NO", "ONE");
        }
      }
    }
  }

  @Test
  void aDeletionIsRepeatedAlthoughItsClientHasLeftAndTheRuleIsGone() {
    try (RawClient other = new RawClient(port)) {
      other.write(RawClient.request("DEL", "r:left"));
    }
    Await.until(() -> pending() + " pending", () -> pending() == 2);
    String rules = "cache.rules = [ { match = \"r:*\" } ]";
    proxy.take(file(rules));
    client.send("SET", "r:left", "old");
    awaitRepeated(2);
    assertEquals("0", text(client.send("EXISTS", "r:left")));
    client.send("DEL", "r:left");
    assertEquals(0, pending());
  }

  @Test
  void whatWaitsIsSeenAndWhatEndsWithTheProcessIsCounted() {
    client.send("DEL", "late:1", "late:2");
    assertEquals(2, proxy.metric("cashew_cache_redeletes_pending{pool=\"p\",rule=\"late:*\"}"));
    Logger log = (Logger) LoggerFactory.getLogger("io.cashew.proxy.client.connection.Redeletes");
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    log.addAppender(lines);
    try {
      proxy.close();
    } finally {
      log.detachAppender(lines);
    }
    List<String> texts = lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    assertEquals(List.of("pool 'p' stops before 2 deletions were repeated (redelete)"), texts);
  }

  @Test
  void aNodeThatIsAwayGetsItWhenItIsBack() {
    client.send("DEL", "r:1");
    client.send("SET", "r:1", "old");
    NODES.forEach(RealRedis::freeze);
    try {
      Await.until("both are due", () -> pending() < 2);
      assertEquals(0, repeated());
    } finally {
      NODES.forEach(RealRedis::thaw);
    }
    awaitRepeated(2);
    Await.until("it is gone", () -> text(client.send("EXISTS", "r:1")).equals("0"));
  }
}
