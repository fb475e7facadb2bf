package io.cashew.proxy.integration;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.InsightSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FaultyLink;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the proxy tells of requests: slow log, hot keys, statistics, access log. */
final class InsightTest {
  private final RealRedis redis = RealRedis.start();

  @AfterEach
  void stop() {
    redis.close();
  }

  private static InsightSettings insight(long slowerThanMillis, int sample) {
    return insight(slowerThanMillis, sample, 1 << 10, Optional.empty());
  }

  private static InsightSettings insight(
      long slowerThanMillis, int sample, long bigBytes, Optional<Path> accessLog) {
    return InsightSettings.DEFAULT
        .with(InsightSettings.SLOWER_THAN, slowerThanMillis)
        .with(InsightSettings.SLOW_LOG_MAX, 5)
        .with(InsightSettings.HOT_KEY_SAMPLE, sample)
        .with(InsightSettings.BIG_BYTES, bigBytes)
        .with(InsightSettings.ACCESS_LOG, accessLog);
  }

  private TestProxy.Builder builder(InsightSettings insight) {
    return new TestProxy.Builder().node(redis.port()).insight(insight);
  }

  private static List<?> list(Object reply) {
    return assertInstanceOf(List.class, reply);
  }

  private static String info(RawClient client, String section) {
    return String.valueOf(client.send("INFO", section));
  }

  private static long field(String info, String name) {
    return info.lines()
        .filter(line -> line.startsWith(name + ":"))
        .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is not in " + info));
  }

  // ---------------------------------------------------------------- slow log

  @Test
  void aRequestWhoseNodeIsLateIsInTheSlowLogWithItsTimeAtTheNode() {
    try (FaultyLink link = FaultyLink.to(redis.port());
        TestProxy proxy =
            new TestProxy.Builder().node(link.port()).insight(insight(50, 0)).start();
        RawClient client = proxy.connect()) {
      client.send("CLIENT", "SETNAME", "me");
      client.send("SET", "quick", "1");
      assertEquals(0L, client.send("SLOWLOG", "LEN"));
      link.latencyMillis(60); // each way
      client.send("SET", "late", "x".repeat(200));
      link.latencyMillis(0);
      assertEquals(1L, client.send("SLOWLOG", "LEN"));
      List<?> entry = list(list(client.send("SLOWLOG", "GET")).get(0));
      assertEquals(6, entry.size());
      assertEquals(0L, entry.get(0));
      assertTrue((Long) entry.get(1) > 1_600_000_000L, "unix time");
      assertTrue((Long) entry.get(2) > 50_000, "microseconds: " + entry.get(2));
      assertEquals(List.of("SET", "late", "x".repeat(128) + "... (72 more bytes)"), entry.get(3));
      assertTrue(String.valueOf(entry.get(4)).startsWith("127.0.0.1:"));
      assertEquals("me", entry.get(5));
      var slow = proxy.slowLog().newest(1).get(0).request();
      assertEquals("n0", slow.node());
      assertEquals("late", new String(slow.key(), ISO_8859_1));
      assertTrue(slow.nodeMicros() > 50_000, slow.toString());
      assertTrue(slow.nodeMicros() > slow.micros() / 2, slow.toString());
      assertEquals(1, proxy.metric("cashew_slow_requests_total"));
      link.latencyMillis(60);
      client.send("EVAL", "return 1", "1", "of a script");
      link.latencyMillis(0);
      var script = proxy.slowLog().newest(1).get(0).request();
      assertEquals("of a script", new String(script.key(), ISO_8859_1));
      assertEquals("OK", client.send("SLOWLOG", "RESET"));
      assertEquals(0L, client.send("SLOWLOG", "LEN"));
    }
  }

  @Test
  void theSlowLogAnswersAsRedisDoes() {
    try (TestProxy proxy = builder(insight(0, 0)).start();
        RawClient client = proxy.connect()) {
      for (int i = 0; i < 8; i++) {
        client.send("SET", "k" + i, "v");
      }
      assertEquals(5L, client.send("SLOWLOG", "LEN"));
      assertEquals(5, list(client.send("SLOWLOG", "GET")).size());
      assertEquals(5, list(client.send("SLOWLOG", "GET", "-1")).size());
      assertEquals(2, list(client.send("SLOWLOG", "GET", "2")).size());
      assertEquals(0, list(client.send("SLOWLOG", "GET", "0")).size());
      assertEquals(
          List.of("SET", "k7", "v"), list(list(client.send("SLOWLOG", "GET", "1")).get(0)).get(3));
      assertEquals(
          new ErrorReply("ERR count should be greater than or equal to -1"),
          client.send("SLOWLOG", "GET", "-2"));
      assertEquals(
          new ErrorReply("ERR value is not an integer or out of range"),
          client.send("SLOWLOG", "GET", "x"));
    }
  }

  @Test
  void aReplyThatWaitsForAnEarlierOneSaysSo() {
    try (FaultyLink link = FaultyLink.to(redis.port());
        TestProxy proxy =
            new TestProxy.Builder()
                .node("slow", new Address.Tcp("127.0.0.1", link.port()))
                .node("quick", new Address.Tcp("127.0.0.1", redis.port()))
                .insight(insight(50, 0))
                .start();
        RawClient client = proxy.connect()) {
      String slow = keyOf(proxy, "slow");
      String quick = keyOf(proxy, "quick");
      client.send("SET", slow, "1");
      client.send("SET", quick, "1");
      client.send("SLOWLOG", "RESET");
      link.latencyMillis(60);
      client.write(RawClient.request("GET", slow));
      client.write(RawClient.request("GET", quick));
      client.read();
      client.read();
      link.latencyMillis(0);
      var waited = proxy.slowLog().newest(1).get(0).request();
      assertEquals("quick", waited.node());
      assertTrue(waited.writeBackMicros() > 50_000, waited.toString());
      assertTrue(waited.nodeMicros() < 50_000, waited.toString());
    }
  }

  private static String keyOf(TestProxy proxy, String node) {
    try (RawClient client = proxy.connect()) {
      for (int i = 0; ; i++) {
        long before = proxy.node(node, "requests_total");
        client.send("GET", "key" + i);
        if (proxy.node(node, "requests_total") > before) {
          return "key" + i;
        }
      }
    }
  }

  @Test
  void withAllNodesTheSlowLogIsTheNodes() {
    try (TestProxy proxy = builder(insight(0, 0)).adminCommandsToAllNodes().start();
        RawClient client = proxy.connect()) {
      client.send("CONFIG", "SET", "slowlog-log-slower-than", "-1");
      client.send("SLOWLOG", "RESET");
      client.send("SET", "k", "v");
      assertEquals(0L, client.send("SLOWLOG", "LEN"));
      assertTrue(proxy.slowLog().size() > 0);
      client.send("CONFIG", "SET", "requirepass", "");
      assertEquals(
          "(redacted)",
          new String(proxy.slowLog().newest(1).get(0).request().arguments().get(3), ISO_8859_1));
    }
  }

  // ---------------------------------------------------------------- hot and big keys

  @Test
  void plantedKeysAreFoundAmongMany() {
    try (TestProxy proxy = builder(insight(-1, 4)).workers(2).start()) {
      Random random = new Random(11);
      for (int c = 0; c < 4; c++) {
        try (RawClient client = proxy.connect()) {
          for (int batch = 0; batch < 50; batch++) {
            for (int i = 0; i < 100; i++) {
              int dice = random.nextInt(100);
              String key = dice < 30 ? "hot" : dice < 50 ? "warm" : "k" + random.nextInt(100_000);
              client.write(RawClient.request("GET", key));
            }
            for (int i = 0; i < 100; i++) {
              client.read();
            }
          }
        }
      }
      try (RawClient client = proxy.connect()) {
        // Each worker tells once a second: with one of two the ratio may be another.
        Await.until("both workers have told", () -> Math.abs(ratioOfHottest(client) - 1.5) < 0.3);
        List<?> keys = list(client.send("HOTKEYS", "2"));
        assertEquals("hot", list(keys.get(0)).get(0));
        assertEquals("n0", list(keys.get(0)).get(2));
        assertEquals("warm", list(keys.get(1)).get(0));
        assertTrue(
            proxy.metric("cashew_hot_key_requests_per_second{pool=\"test\",rank=\"1\"}") > 0);
      }
    }
  }

  @Test
  void aHotKeyIsSaidToBeWhereItIsServedNow() {
    try (MisbehavingNode one = MisbehavingNode.start();
        MisbehavingNode two = MisbehavingNode.start();
        TestProxy proxy =
            new TestProxy.Builder()
                .node("one", one.port())
                .node("two", two.port())
                .insight(insight(-1, 1))
                .eject()
                .start();
        RawClient client = proxy.connect()) {
      byte[] hot = "hot".getBytes(StandardCharsets.US_ASCII);
      String home = proxy.view().pools().get(0).nodeOf(hot);
      String other = home.equals("one") ? "two" : "one";
      for (int i = 0; i < 200; i++) {
        client.send("GET", "hot");
      }
      Await.until("it is told", () -> !list(client.send("HOTKEYS")).isEmpty());
      assertEquals(home, list(list(client.send("HOTKEYS")).get(0)).get(2));
      (home.equals("one") ? one : two).stop();
      Await.until(
          "it is ejected",
          () -> {
            client.send("GET", "hot");
            return proxy.node(home, "ejected") == 1;
          });
      Await.until("it is served", () -> !(client.send("GET", "hot") instanceof ErrorReply));
      assertEquals(other, proxy.view().pools().get(0).nodeOf(hot));
      assertEquals(other, list(list(client.send("HOTKEYS")).get(0)).get(2));
      (home.equals("one") ? one : two).restart();
      Await.until("it is back", () -> proxy.node(home, "ejected") == 0);
      assertEquals(home, proxy.view().pools().get(0).nodeOf(hot));
    }
  }

  private static double ratioOfHottest(RawClient client) {
    List<?> keys = list(client.send("HOTKEYS", "2"));
    return keys.size() < 2
        ? 0
        : ((Long) list(keys.get(0)).get(1)).doubleValue() / (Long) list(keys.get(1)).get(1);
  }

  @Test
  void theLargestRequestsAndRepliesAreNoted() {
    try (TestProxy proxy = builder(insight(-1, 0)).start();
        RawClient client = proxy.connect()) {
      client.send("SET", "small", "x".repeat(500));
      client.send("SET", "large", "x".repeat(5000));
      client.send("SET", "huge", "x".repeat(600_000));
      client.send("GET", "large");
      Await.until("they are told", () -> list(client.send("HOTKEYS", "BIG")).size() == 3);
      List<?> big = list(client.send("HOTKEYS", "BIG"));
      assertEquals(
          List.of("huge", "request"), List.of(list(big.get(0)).get(0), list(big.get(0)).get(2)));
      assertTrue((Long) list(big.get(0)).get(1) > 600_000);
      assertEquals("request", list(big.get(1)).get(2));
      assertEquals(5009L, list(big.get(2)).get(1)); // $5000, the value, two line ends
      assertEquals("reply", list(big.get(2)).get(2));
      assertEquals("large", list(big.get(2)).get(0));
      assertEquals("n0", list(big.get(2)).get(3));
      assertInstanceOf(ErrorReply.class, client.send("HOTKEYS", "BIG", "x"));
      assertInstanceOf(ErrorReply.class, client.send("HOTKEYS", "-1"));
    }
  }

  @Test
  void hotKeysAreForAdministrators() {
    try (TestProxy proxy =
            builder(InsightSettings.DEFAULT)
                .user("app", "on nopass ~* +@all -@admin")
                .user("boss", "on nopass ~* +@all")
                .start();
        RawClient client = proxy.connect()) {
      client.send("AUTH", "app", "x");
      assertInstanceOf(ErrorReply.class, client.send("HOTKEYS"));
      assertInstanceOf(ErrorReply.class, client.send("SLOWLOG", "GET"));
      client.send("AUTH", "boss", "x");
      assertEquals(List.of(), client.send("HOTKEYS"));
      assertEquals(List.of(), client.send("SLOWLOG", "GET"));
    }
  }

  // ---------------------------------------------------------------- statistics

  @Test
  void eachRequestIsCountedForItsCommandAndFamily() {
    try (TestProxy proxy = builder(InsightSettings.DEFAULT).node(redis.port()).workers(2).start()) {
      for (int c = 0; c < 3; c++) {
        try (RawClient client = proxy.connect()) {
          for (int i = 0; i < 100; i++) {
            client.write(RawClient.request("SET", "{a}" + i, "v"));
            client.write(RawClient.request("GET", "{a}" + i));
            client.write(RawClient.request("LPUSH", "{a}" + i, "v"));
            client.write(RawClient.request("MGET", "x" + i, "y" + i));
            client.write(RawClient.request("PING"));
          }
          for (int i = 0; i < 500; i++) {
            client.read();
          }
          client.send("GET");
          client.send("NOSUCH");
        }
      }
      try (RawClient client = proxy.connect()) {
        String stats = info(client, "commandstats");
        assertTrue(stats.contains("cmdstat_set:calls=300,usec="), stats);
        assertTrue(
            stats
                .lines()
                .anyMatch(
                    line ->
                        line.matches(
                            "cmdstat_get:calls=300,usec=\\d+,usec_per_call=\\d+\\.\\d\\d,"
                                + "rejected_calls=3,failed_calls=0")),
            stats);
        assertTrue(stats.contains("cmdstat_mget:calls=300,"), stats);
        assertTrue(stats.contains("cmdstat_ping:calls=300,"), stats);
        assertTrue(
            stats.lines().anyMatch(l -> l.matches("cmdstat_lpush:calls=300,.*failed_calls=300")),
            stats);
        String latencies = info(client, "latencystats");
        assertTrue(
            latencies
                .lines()
                .anyMatch(
                    line ->
                        line.matches(
                            "latency_percentiles_usec_get:p50=\\d+\\.\\d{3},p99=\\d+\\.\\d{3},"
                                + "p99\\.9=\\d+\\.\\d{3}")),
            latencies);
        String errors = info(client, "errorstats");
        assertTrue(errors.contains("errorstat_WRONGTYPE:count=300"), errors);
        assertTrue(errors.contains("errorstat_ERR:count=6"), errors);
      }
      String count = "cashew_request_latency_seconds_count{family=";
      assertEquals(900, proxy.metric(count + "\"string\""));
      assertEquals(300, proxy.metric(count + "\"list\""));
      assertEquals(303, proxy.metric("cashew_command_errors_total"));
    }
  }

  @Test
  void infoHasTheFieldsThatToolsRead() {
    try (TestProxy proxy = builder(InsightSettings.DEFAULT).start();
        RawClient client = proxy.connect()) {
      Await.until(
          "the rate is told",
          () -> {
            client.send("SET", "k", "v");
            return field(info(client, "stats"), "instantaneous_ops_per_sec") > 0;
          });
      String all = info(client, "all");
      Stream.of(
              "connected_clients",
              "blocked_clients",
              "used_memory",
              "maxmemory",
              "total_connections_received",
              "total_commands_processed",
              "total_net_input_bytes",
              "total_net_output_bytes",
              "rejected_connections",
              "uptime_in_seconds",
              "loading",
              "rdb_bgsave_in_progress")
          .forEach(name -> assertTrue(field(all, name) >= 0, name));
      assertTrue(
          info(client, "nodes")
              .matches(
                  "(?s)# Nodes\r\nnode0:name=n0,address=[^,]*,state=up,connections=1,requests=\\d+,"
                      + "in_flight=0,errors=0,failures=0,p50_usec=\\d+,p99_usec=\\d+\r\n"),
          info(client, "nodes"));
    }
  }

  // ---------------------------------------------------------------- access log

  @Test
  void eachRequestIsALineOfTheAccessLog(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("access.log");
    try (TestProxy proxy = builder(insight(-1, 0, 1 << 20, Optional.of(file))).start();
        RawClient client = proxy.connect()) {
      client.send("SET", "a \"key\"\n", "value");
      client.send("GET", "a \"key\"\n");
      client.send("PING");
      Path moved = directory.resolve("access.log.1");
      Await.until("it is written", () -> lines(file) == 3);
      Files.move(file, moved);
      Await.until(
          "it is made anew",
          () -> {
            client.send("GET", "after");
            return size(file) > 0;
          });
      List<String> lines = Files.readAllLines(moved);
      String line =
          "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z 127\\.0\\.0\\.1:\\d+ default ";
      assertTrue(
          lines.get(0).matches(line + "set \"a \\\\\"key\\\\\"\\\\x0a\" n0 \\d+ 38 5"),
          lines.get(0));
      assertTrue(
          lines.get(1).matches(line + "get \"a \\\\\"key\\\\\"\\\\x0a\" n0 \\d+ 27 11"),
          lines.get(1));
      assertTrue(lines.get(2).matches(line + "ping - - \\d+ 14 0"), lines.get(2));
      assertEquals(0, proxy.metric("cashew_access_log_dropped_total"));
    }
  }

  @Test
  void aRequestThatFailsAtOnceIsLoggedWithItsNode(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("access.log");
    MisbehavingNode node = MisbehavingNode.start();
    node.stop();
    try (node;
        TestProxy proxy =
            new TestProxy.Builder()
                .node(node.port())
                .insight(insight(-1, 0, 1 << 20, Optional.of(file)))
                .start();
        RawClient client = proxy.connect()) {
      client.send("GET", "k");
      proxy.awaitCircuit("n0", true);
      client.send("GET", "k");
      client.send("MGET", "k", "k");
      client.send("BLPOP", "k", "0.1");
      client.send("WATCH", "k");
      client.send("SET", "k", "x".repeat(1 << 19));
      Await.until("it is written", () -> lines(file) == 6);
      for (String line : Files.readAllLines(file)) {
        assertTrue(line.contains(" \"k\" n0 "), line);
      }
    }
  }

  @Test
  void allThatANodeCarriesOutIsLoggedWithIt(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("access.log");
    try (TestProxy proxy =
            builder(insight(-1, 0, 1 << 20, Optional.of(file))).node("n1", redis.port()).start();
        RawClient subscriber = proxy.connect();
        RawClient client = proxy.connect()) {
      subscriber.send("SUBSCRIBE", "news");
      client.send("PUBLISH", "news", "x");
      client.send("WATCH", "k");
      client.send("UNWATCH");
      client.send("SCAN", "0");
      client.send("RPUSH", "list", "x");
      client.send("BLPOP", "list", "0");
      client.send("MGET", "k");
      Await.until("it is written", () -> lines(file) == 8);
      List<String> lines = Files.readAllLines(file);
      for (String command : List.of("publish", "watch", "unwatch", "scan", "blpop", "mget")) {
        String line =
            lines.stream()
                .filter(each -> each.contains(" " + command + " "))
                .findFirst()
                .orElseThrow();
        assertTrue(line.matches(".* n[01] \\d+ \\d+ \\d+"), line);
      }
    }
  }

  private static long lines(Path file) {
    try {
      return Files.exists(file) ? Files.readAllLines(file).size() : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long size(Path file) {
    try {
      return Files.exists(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
