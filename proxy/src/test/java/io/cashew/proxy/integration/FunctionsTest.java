package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Libraries of functions over three nodes. Runs where a redis-server 7 is installed. */
final class FunctionsTest {
  private static final String LIBRARY =
      """
      #!lua name=%s
      redis.register_function('hello_%s', function(keys) return 'hello ' .. keys[1] end)
      redis.register_function('loop_%s', function() while true do end end)
      """;

  private static final List<RealRedis> NODES = new ArrayList<>();
  private static TestProxy proxy;
  private static RawClient client;

  @BeforeAll
  static void start() {
    TestProxy.Builder builder =
        new TestProxy.Builder().adminCommandsToAllNodes().timeoutMillis(5000);
    for (int i = 0; i < 3; i++) {
      Optional<RealRedis> node =
          RealRedis.startInstalled("--enable-debug-command", "yes", "--lua-time-limit", "1");
      assumeTrue(node.isPresent(), "no redis-server is installed");
      NODES.add(node.get());
      builder.node(NODES.get(i).port());
    }
    proxy = builder.start();
    client = proxy.connect();
    assumeTrue(
        !(client.send("FUNCTION", "LIST") instanceof ErrorReply), "the redis-server is older");
  }

  @AfterAll
  static void stop() {
    if (proxy != null) {
      client.close();
      proxy.close();
    }
    NODES.forEach(RealRedis::close);
  }

  private static Object load(String name) {
    return client.send("FUNCTION", "LOAD", LIBRARY.formatted(name, name, name));
  }

  @Test
  void librariesAreThoseOfEveryNode() {
    assertEquals("OK", client.send("FUNCTION", "FLUSH"));
    assertEquals("one", load("one"));
    assertEquals(new ErrorReply("ERR Library 'one' already exists"), load("one"));
    assertEquals("two", load("two"));
    for (int i = 0; i < 20; i++) {
      assertEquals("hello " + i, client.send("FCALL", "hello_one", "1", "" + i));
    }
    assertEquals(2, ((List<?>) client.send("FUNCTION", "LIST")).size());
    Object dump = client.send("FUNCTION", "DUMP");
    assertEquals("OK", client.send("FUNCTION", "DELETE", "one"));
    assertInstanceOf(ErrorReply.class, client.send("FCALL", "hello_one", "1", "key"));
    assertEquals("OK", client.send("FUNCTION", "FLUSH"));
    assertEquals("OK", client.send("FUNCTION", "RESTORE", String.valueOf(dump)));
    for (RealRedis node : NODES) {
      try (RawClient straight = node.connect()) {
        assertEquals(2, ((List<?>) straight.send("FUNCTION", "LIST")).size());
      }
    }
    assertEquals(
        List.of(
            "running_script",
            "nil",
            "engines",
            List.of("LUA", List.of("libraries_count", 2L, "functions_count", 4L))),
        withoutNulls((List<?>) client.send("FUNCTION", "STATS")));
  }

  private static List<Object> withoutNulls(List<?> list) {
    List<Object> shown = new ArrayList<>();
    list.forEach(element -> shown.add(element == null ? "nil" : element));
    return shown;
  }

  @Test
  void aRunningFunctionIsSeenAndKilledOnWhicheverNodeItIs() {
    load("three");
    assertEquals(
        new ErrorReply("NOTBUSY No scripts in execution right now."),
        client.send("FUNCTION", "KILL"));
    for (int i = 0; i < 6; i++) {
      String key = "key:" + i;
      try (RawClient runner = proxy.connect()) {
        runner.write(RawClient.request("FCALL", "loop_three", "1", key));
        Await.until("it is seen", () -> client.send("FUNCTION", "STATS").toString().contains(key));
        assertEquals("OK", client.send("FUNCTION", "KILL"));
        ErrorReply error = assertInstanceOf(ErrorReply.class, runner.read());
        assertTrue(error.text().contains("Script killed by user"), error.text());
      }
    }
  }

  @Test
  void latencyHistogramsAreAdded() {
    assertEquals("OK", client.send("CONFIG", "RESETSTAT"));
    for (int i = 0; i < 30; i++) {
      assertEquals("OK", client.send("SET", "key:" + i, "value"));
    }
    List<?> histogram = (List<?>) client.send("LATENCY", "HISTOGRAM", "set");
    assertEquals("set", histogram.get(0));
    List<?> set = (List<?>) histogram.get(1);
    assertEquals(List.of("calls", 30L, "histogram_usec"), set.subList(0, 3));
    List<?> buckets = (List<?>) set.get(3);
    assertEquals(30L, buckets.get(buckets.size() - 1), "the last bucket has them all");
    List<String> titles =
        client
            .send("INFO", "everything")
            .toString()
            .lines()
            .filter(line -> line.startsWith("# "))
            .toList();
    assertTrue(titles.contains("# Latencystats"), titles.toString());
  }

  @Test
  void aPauseOfWritesLetsPassWhatDeclaresThatItWritesNothing() {
    client.send(
        "FUNCTION",
        "LOAD",
        "REPLACE",
        """
        #!lua name=pausing
        redis.register_function{function_name='reads', callback=function() return 'read' end, flags={'no-writes'}}
        redis.register_function('writes', function() return 'written' end)
        """);
    String reading = "#!lua flags=allow-oom,no-writes\nreturn '%s'";
    Object digest = client.send("SCRIPT", "LOAD", reading.formatted("loaded"));
    assertEquals("OK", client.send("CLIENT", "PAUSE", "600000", "WRITE"));
    try (RawClient writer = proxy.connect()) {
      assertEquals("evaluated", client.send("EVAL", reading.formatted("evaluated"), "0"));
      assertEquals("loaded", client.send("EVALSHA", String.valueOf(digest), "0"));
      assertEquals("read", client.send("FCALL", "reads", "0"));
      writer.write(RawClient.request("FCALL", "writes", "0"));
      writer.write(RawClient.request("EVAL", "#!lua flags=allow-oom\nreturn 1", "0"));
      Await.until(
          "it waits",
          () -> client.send("INFO", "clients").toString().contains("blocked_clients:1\r\n"));
      assertEquals("OK", client.send("CLIENT", "UNPAUSE"));
      assertEquals("written", writer.read());
      assertEquals(1L, writer.read());
    }
  }
}
