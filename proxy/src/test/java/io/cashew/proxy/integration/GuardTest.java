package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import java.io.ByteArrayOutputStream;
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

/** A filter of the keys that exist, in front of two real nodes and behind two workers. */
@ExtendWith(LeakCheck.class)
final class GuardTest {
  private static final String GUARDED =
      "cache.rules = [ { match = \"page:*\", guard = existing } ]";
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
        hash-tag = "{}"
        auth.users {
          default { rules = "on nopass ~* &* +@all" }
          exempt { rules = "on >e ~* +@all", cache = off }
        }
        """;
    return FileProxy.config(port, 2, NODES, lines + rules);
  }

  @BeforeEach
  void start() {
    proxy = FileProxy.start(directory.resolve("cashew.conf"), file(""));
    client = new RawClient(port);
    client.send("FLUSHALL");
  }

  @AfterEach
  void stop() {
    client.close();
    proxy.close();
  }

  private static String text(@Nullable Object reply) {
    return String.valueOf(reply);
  }

  private double guarded() {
    return proxy.metric("cashew_cache_guarded_total");
  }

  private static List<String> sendAll(RawClient by, List<String[]> requests) {
    List<String> replies = new ArrayList<>();
    for (int from = 0; from < requests.size(); from += 500) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      int to = Math.min(requests.size(), from + 500);
      requests.subList(from, to).forEach(each -> bytes.writeBytes(RawClient.request(each)));
      by.write(bytes.toByteArray());
      for (int i = from; i < to; i++) {
        replies.add(text(by.read()));
      }
    }
    return replies;
  }

  private static List<String[]> gets(String prefix, int count) {
    List<String[]> requests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      requests.add(new String[] {"GET", prefix + i});
    }
    return requests;
  }

  /** Has the filters of both nodes complete. */
  private void guard() {
    proxy.take(file(GUARDED));
    awaitComplete();
  }

  private void awaitComplete() {
    int probes = 40; // some of each node
    int[] round = new int[1];
    Await.until(
        "both filters are complete",
        () -> {
          double before = guarded();
          sendAll(client, gets("page:none:" + round[0]++ + ":", probes));
          return guarded() - before >= probes - 3;
        });
  }

  @Test
  void keysThatDoNotExistCostNoNodeAndThoseThatDoAreAllFound() {
    List<String[]> sets = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      sets.add(new String[] {"SET", "page:" + i, "v" + i});
    }
    sendAll(client, sets);
    guard();
    double before = guarded();
    double requests = proxy.metric("cashew_node_requests_total");
    List<String> random = sendAll(client, gets("page:random:", 100_000));
    assertTrue(random.stream().allMatch("null"::equals));
    assertTrue(guarded() - before >= 99_000, (guarded() - before) + " of 100,000");
    double sent = proxy.metric("cashew_node_requests_total") - requests;
    assertTrue(sent <= 1000 + 50, sent + " were sent");
    List<String> values = sendAll(client, gets("page:", 20_000));
    for (int i = 0; i < values.size(); i++) {
      assertEquals("v" + i, values.get(i));
    }
  }

  @Test
  void whatWasWrittenHereIsThereAtOnceForEverybody() {
    guard();
    try (RawClient other = new RawClient(port)) {
      for (int i = 0; i < 300; i++) {
        String key = "page:new:" + i;
        switch (i % 6) {
          case 0 -> client.send("SET", key, "v");
          case 1 -> client.send("MSET", key, "v", "other", "x");
          case 2 -> {
            client.send("MULTI");
            client.send("APPEND", key, "v");
            client.send("EXEC");
          }
          case 3 -> client.send("EVAL", "redis.call('SET', KEYS[1], 'v')", "1", key);
          case 4 -> {
            client.send("SET", "{" + key + "}x", "v");
            client.send("RENAME", "{" + key + "}x", "page:{" + key + "}");
            key = "page:{" + key + "}";
          }
          default -> client.send("SET", key, "v".repeat(300_000));
        }
        assertTrue(text(other.send("GETRANGE", key, "0", "0")).equals("v"), key + " of " + i % 6);
      }
    }
  }

  @Test
  void whatOthersWriteIsThereWhenTheNodeHasToldOfIt() {
    guard();
    for (RealRedis node : NODES) {
      try (RawClient direct = node.connect()) {
        for (int i = 0; i < 50; i++) {
          direct.send("SET", "page:direct:" + i, "v");
        }
      }
    }
    for (int i = 0; i < 50; i++) {
      String key = "page:direct:" + i;
      Await.until(key, () -> text(client.send("GET", key)).equals("v"));
    }
  }

  @Test
  void repliesAreThoseOfTheNodes() {
    guard();
    List<String[]> requests =
        List.of(
            new String[] {"GET", "page:x"},
            new String[] {"MGET", "page:x", "page:y"},
            new String[] {"HGET", "page:x", "f"},
            new String[] {"HMGET", "page:x", "f", "g", "h"},
            new String[] {"HGETALL", "page:x"},
            new String[] {"STRLEN", "page:x"},
            new String[] {"GETRANGE", "page:x", "0", "-1"},
            new String[] {"EXISTS", "page:x", "page:y"});
    List<String[]> asked =
        List.of(
            new String[] {"GETRANGE", "page:x", "a", "b"},
            new String[] {"TYPE", "page:x"},
            new String[] {"GET", "page:x", "page:y"});
    for (String version : List.of("2", "3")) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      requests.forEach(each -> bytes.writeBytes(RawClient.request(each)));
      asked.forEach(each -> bytes.writeBytes(RawClient.request(each)));
      bytes.writeBytes(RawClient.request("ECHO", "the end"));
      double before = guarded();
      String here;
      String there;
      try (RawClient through = new RawClient(port);
          RawClient direct = NODES.get(0).connect()) {
        for (RawClient each : List.of(through, direct)) {
          each.write(RawClient.request("HELLO", version));
          each.write(RawClient.request("ECHO", "hello"));
          each.readUntil("$5\r\nhello\r\n");
        }
        through.write(bytes.toByteArray());
        direct.write(bytes.toByteArray());
        here = through.readUntil("the end\r\n");
        there = direct.readUntil("the end\r\n");
      }
      assertEquals(there, here);
      assertEquals(requests.size(), guarded() - before, "of RESP" + version);
      guardAnew();
    }
  }

  /** What was asked of a node is in the filter from then on. */
  private void guardAnew() {
    proxy.take(file(GUARDED + ", cache.memory = 32MiB"));
    awaitComplete();
  }

  @Test
  void otherKeysExemptUsersTransactionsAndDatabasesAreForTheNodes() {
    guard();
    double before = guarded();
    client.send("GET", "other");
    client.send("MULTI");
    client.send("GET", "page:x1");
    client.send("EXEC");
    client.send("SELECT", "1");
    client.send("GET", "page:x2");
    client.send("SELECT", "0");
    client.send("MGET", "page:x3", "other");
    try (RawClient exempt = new RawClient(port)) {
      exempt.send("AUTH", "exempt", "e");
      exempt.send("GET", "page:x4");
    }
    assertEquals(before, guarded());
  }

  @Test
  void aFilterIsNotBelievedWhileItsNodeIsNotHeardAndIsBuiltAnew() {
    client.send("SET", "page:1", "v");
    guard();
    for (RealRedis node : NODES) {
      try (RawClient direct = node.connect()) {
        direct.send("CLIENT", "KILL", "TYPE", "normal");
        direct.send("SET", "page:unheard", "v");
      }
    }
    Await.until("it is found", () -> text(client.send("GET", "page:unheard")).equals("v"));
    awaitComplete();
    assertEquals("v", text(client.send("GET", "page:unheard")));
    assertEquals("v", text(client.send("GET", "page:1")));
  }

  @Test
  void aFilterThatDoesNotFitIsNotBuilt() {
    proxy.take(
        file(
            "cache { memory = 1KiB, max-value = 1, rules = [ { match = \"page:*\", guard ="
                + " existing } ] }"));
    client.send("SET", "page:1", "v");
    assertEquals("v", text(client.send("GET", "page:1")));
    assertEquals("null", text(client.send("GET", "page:2")));
    assertEquals(0, guarded());
  }
}
