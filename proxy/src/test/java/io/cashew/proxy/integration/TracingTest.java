package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.InsightSettings;
import io.cashew.proxy.config.Protocol;
import io.cashew.proxy.config.ProtocolSettings;
import io.cashew.proxy.config.Secret;
import io.cashew.proxy.config.TracingSettings;
import io.cashew.proxy.testing.Allocated;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FaultyLink;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealMemcached;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestCollector;
import io.cashew.proxy.testing.TestCollector.Received;
import io.cashew.proxy.testing.TestProxy;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Requests as spans of OpenTelemetry: which there are, what they have, and what they cost. */
@ExtendWith(LeakCheck.class)
@Timeout(120)
final class TracingTest {
  /** More than may wait, and than one export takes. */
  private static final int MANY = 6000;

  private final RealRedis redis = RealRedis.start();
  private final TestCollector collector = TestCollector.start();

  @AfterEach
  void stop() {
    collector.close();
    redis.close();
  }

  private TestProxy.Builder tracing(double sample, long slowMillis) {
    return tracing(collector.endpoint(), sample, slowMillis);
  }

  private static TestProxy.Builder tracing(URI endpoint, double sample, long slowMillis) {
    return new TestProxy.Builder()
        .tracing(TracingSettings.ENDPOINT, Optional.of(endpoint))
        .tracing(TracingSettings.SAMPLE, sample)
        .tracing(TracingSettings.SLOW, slowMillis);
  }

  private static double spans(TestProxy proxy, String kind) {
    return proxy.metric("cashew_trace_spans_total{kind=\"" + kind + "\"");
  }

  // ---------------------------------------------------------------- which, and what they have

  @Test
  void aRequestOfTheSampleIsASpanThatSaysWhereItWas() {
    try (TestProxy proxy =
            tracing(1, InsightSettings.OFF)
                .tracing(TracingSettings.SERVICE_NAME, "front")
                .tracing(
                    TracingSettings.HEADERS, Map.of("Authorization", new Secret("Bearer of it")))
                .node("alpha", redis.port())
                .start();
        RawClient client = proxy.connect()) {
      long before = System.currentTimeMillis();
      assertEquals("OK", client.send("SET", "the key", "the value"));
      Received set = collector.await("SET");
      assertEquals("front", set.resource().get("service.name"));
      assertEquals("0.0.0-test", set.resource().get("service.version"));
      assertEquals(SpanKind.SPAN_KIND_SERVER, set.span().getKind());
      assertEquals("redis", set.get("db.system.name"));
      assertEquals("SET", set.get("db.operation.name"));
      assertEquals("127.0.0.1", set.get("server.address"));
      assertEquals("" + redis.port(), set.get("server.port"));
      assertEquals("127.0.0.1", set.get("client.address"));
      assertEquals(TestProxy.POOL, set.get("cashew.pool"));
      assertEquals("alpha", set.get("cashew.node"));
      assertEquals("0", set.get("cashew.hops"));
      assertEquals("false", set.get("cashew.slow"));
      assertEquals(
          "" + RawClient.request("SET", "the key", "the value").length,
          set.get("cashew.request.bytes"));
      assertEquals("" + "+OK\r\n".length(), set.get("cashew.reply.bytes"));
      assertEquals(StatusCode.STATUS_CODE_UNSET, set.span().getStatus().getCode());
      long begin = TimeUnit.NANOSECONDS.toMillis(set.span().getStartTimeUnixNano());
      assertTrue(Math.abs(begin - before) < 60_000, "began at " + begin);
      assertTrue(set.span().getEndTimeUnixNano() > set.span().getStartTimeUnixNano());
      assertEquals("Bearer of it", collector.authorizations().get(0));
      Await.until("it is counted", () -> spans(proxy, "sent") == 1);
    }
  }

  @Test
  void keysAndValuesAreInNoSpanUnlessASettingSaysSo() {
    for (boolean keys : new boolean[] {false, true}) {
      try (TestProxy proxy =
              tracing(1, InsightSettings.OFF)
                  .tracing(TracingSettings.KEYS, keys)
                  .node(redis.port())
                  .start();
          RawClient client = proxy.connect()) {
        client.send("LPUSH", "the:key", "the-value");
        assertEquals(
            new ErrorReply("WRONGTYPE Operation against a key holding the wrong kind of value"),
            client.send("GET", "the:key"));
        client.send("EVAL", "return KEYS[1]", "1", "the:key");
        client.send(keys ? "LLEN" : "TYPE", "the:key");
        collector.await(keys ? "LLEN" : "TYPE");
      }
    }
    for (Received each : collector.spans()) {
      assertFalse((each.span() + " " + each.attributes()).contains("the-value"));
      assertFalse((each.span() + " " + each.attributes()).contains("return KEYS"));
    }
    for (String name : List.of("LPUSH", "GET", "EVAL")) {
      List<Received> both = collector.spans(name);
      assertEquals(2, both.size());
      assertNull(both.get(0).get("cashew.key"));
      assertFalse(both.get(0).span().toString().contains("the:key"));
      assertEquals("\"the:key\"", both.get(1).get("cashew.key"));
    }
  }

  @Test
  void aSlowRequestIsASpanWithWhereItsTimeWent() {
    try (FaultyLink link = FaultyLink.to(redis.port());
        TestProxy proxy = tracing(0, 50).node(link.port()).start();
        RawClient client = proxy.connect()) {
      client.send("SET", "key", "1"); // so that there is a connection
      link.latencyMillis(60); // each way
      client.send("GET", "key");
      link.latencyMillis(0);
      Received get = collector.await("GET");
      assertEquals("true", get.get("cashew.slow"));
      long micros = (get.span().getEndTimeUnixNano() - get.span().getStartTimeUnixNano()) / 1000;
      assertTrue(micros > 50_000, "took " + micros);
      assertTrue(Long.parseLong(get.get("cashew.node.us")) > 50_000, get.toString());
      assertEquals(1, collector.spans("GET").size());
    }
  }

  @Test
  void whatWaitsByIntentIsNotSlow() {
    try (TestProxy proxy = tracing(0, 1).node(redis.port()).start();
        RawClient client = proxy.connect()) {
      assertNull(client.send("BLPOP", "nothing", "0.1"));
      assertEquals(0L, client.send("LLEN", "nothing"));
    }
    assertEquals(List.of(), collector.spans("BLPOP"));
  }

  @Test
  void aRequestThatFailedHasTheFirstWordOfItsError() {
    try (FaultyLink link = FaultyLink.to(redis.port());
        TestProxy proxy = tracing(1, InsightSettings.OFF).node("alpha", link.port()).start();
        RawClient client = proxy.connect()) {
      client.send("SET", "text", "x");
      assertTrue(String.valueOf(client.send("INCR", "text")).contains("not an integer"));
      client.send("GET"); // is refused here
      link.refuse();
      assertTrue(String.valueOf(client.send("DEL", "text")).contains("ERR"));
      link.heal();
      for (String name : List.of("INCR", "GET", "DEL")) {
        Received failed = collector.await(name);
        assertEquals(StatusCode.STATUS_CODE_ERROR, failed.span().getStatus().getCode());
        assertEquals("ERR", failed.span().getStatus().getMessage());
        assertEquals("ERR", failed.get("db.response.status_code"));
        assertEquals("ERR", failed.get("error.type"));
      }
      assertEquals("alpha", collector.await("INCR").get("cashew.node"));
      assertNull(collector.await("GET").get("cashew.node"));
      assertEquals("alpha", collector.await("DEL").get("cashew.node"));
      assertEquals(
          StatusCode.STATUS_CODE_UNSET, collector.await("SET").span().getStatus().getCode());
    }
  }

  /** Whoever answers, and whatever becomes of a request: it is one span. */
  @Test
  void eachRequestIsOneSpan() {
    List<String[]> requests =
        List.of(
            new String[] {"PING"},
            new String[] {"SET", "a", "1"},
            new String[] {"MGET", "a", "b", "c"},
            new String[] {"CLIENT", "SETNAME", "a b"},
            new String[] {"AUTH", "wrong"},
            new String[] {"GET"},
            new String[] {"SELECT", "1"},
            new String[] {"GET", "a"},
            new String[] {"SELECT", "none"},
            new String[] {"SHUTDOWN"});
    try (TestProxy proxy = tracing(1, 0).node(redis.port()).node(redis.port()).start();
        RawClient client = proxy.connect()) {
      requests.forEach(client::send);
      client.send("LLEN", "last");
      collector.await("LLEN");
      assertEquals(requests.size() + 1, collector.spans().size(), collector.names().toString());
      assertEquals(1, collector.spans("CLIENT SETNAME").size());
      assertEquals("1", collector.spans("GET").get(1).get("db.namespace"));
      assertNull(collector.await("SET").get("db.namespace"));
    }
  }

  @Test
  void aValueFromMemoryHasNoNode(@TempDir Path directory) {
    int port = FreePorts.next();
    String text =
        file(
            port,
            "cache { memory = 1MiB, rules = [ { match = \"*\", near = 1m } ] }",
            "tracing { endpoint = \"" + collector.endpoint() + "\", sample = 1 }");
    try (FileProxy proxy = FileProxy.start(directory.resolve("c.conf"), text);
        RawClient client = new RawClient(port)) {
      client.send("SET", "key", "value");
      Await.until(
          () -> "a value comes from memory: " + collector.spans(),
          () -> {
            assertEquals("value", client.send("GET", "key"));
            return collector.spans("GET").stream().anyMatch(get -> get.get("cashew.node") == null);
          });
      Received kept =
          collector.spans("GET").stream()
              .filter(get -> get.get("cashew.node") == null)
              .findFirst()
              .orElseThrow();
      assertEquals("" + "$5\r\nvalue\r\n".length(), kept.get("cashew.reply.bytes"));
      assertEquals("" + RawClient.request("GET", "key").length, kept.get("cashew.request.bytes"));
      assertNotNull(proxy.status());
    }
  }

  @Test
  void poolsOfMemcachedHaveSpansToo() {
    try (RealMemcached memcached = RealMemcached.start();
        TestProxy proxy =
            tracing(1, InsightSettings.OFF)
                .with(ProtocolSettings.PROTOCOL, Protocol.MEMCACHED)
                .node("items", memcached.port())
                .start();
        RawClient client = proxy.connect()) {
      client.write("set k 0 0 1\r\nv\r\nget k\r\nincr k 1\r\n".getBytes(StandardCharsets.US_ASCII));
      assertEquals(
          "STORED\r\nVALUE k 0 1\r\nv\r\nEND\r\nCLIENT_ERROR", client.readUntil("CLIENT_ERROR"));
      Received get = collector.await("get");
      assertEquals("memcached", get.get("db.system.name"));
      assertEquals("items", get.get("cashew.node"));
      assertEquals("" + memcached.port(), get.get("server.port"));
      assertEquals(StatusCode.STATUS_CODE_UNSET, get.span().getStatus().getCode());
      assertEquals("CLIENT_ERROR", collector.await("incr").get("db.response.status_code"));
    }
  }

  // ---------------------------------------------------------------- what they cost

  @Test
  void whatBecomesNoSpanAllocatesNothing() throws IOException {
    try (TestProxy proxy =
        tracing(0, InsightSettings.OFF)
            .node(redis.port())
            .insight(
                InsightSettings.DEFAULT
                    .with(InsightSettings.SLOWER_THAN, InsightSettings.OFF)
                    .with(InsightSettings.SLOW_LOG_MAX, 0))
            .start()) {
      String get = new String(RawClient.request("GET", "nil:01"), StandardCharsets.US_ASCII);
      Allocated.assertNothing(proxy.port(), get, "$-1\r\n", 16);
    }
  }

  @Test
  void aCollectorThatIsDownCostsClientsNothing() {
    nothingIsLost(TestCollector.endpoint(FreePorts.next()));
    assertEquals(List.of(), collector.spans());
  }

  @Test
  void aCollectorThatDoesNotAnswerCostsClientsNothing() {
    collector.isSilent();
    nothingIsLost(collector.endpoint());
  }

  @Test
  void aCollectorThatRefusesCostsClientsNothing() {
    collector.answers(500);
    nothingIsLost(collector.endpoint());
  }

  @Test
  void aCollectorThatIsOverloadedCostsClientsNothing() {
    collector.answers(503);
    nothingIsLost(collector.endpoint());
  }

  /** Each request has its reply, and each span is counted as one that was lost. */
  private void nothingIsLost(URI endpoint) {
    try (TestProxy proxy =
            tracing(endpoint, 1, InsightSettings.OFF)
                .tracing(TracingSettings.TIMEOUT, 100L)
                .node(redis.port())
                .start();
        RawClient client = proxy.connect()) {
      for (int i = 0; i < MANY; i++) {
        assertEquals((long) i + 1, client.send("INCR", "counter"));
      }
      Await.until(
          () -> "all are counted: " + spans(proxy, "failed") + " + " + spans(proxy, "dropped"),
          () -> spans(proxy, "failed") + spans(proxy, "dropped") == MANY);
      assertTrue(spans(proxy, "failed") > 0);
      assertEquals(0, spans(proxy, "sent"));
    }
  }

  // ---------------------------------------------------------------- reload

  private String file(int port, String ofPool, String ofProcess) {
    return "cashew { admin.listen = off, workers = 1, pools.p { listen = \"127.0.0.1:"
        + port
        + "\", nodes = [\"127.0.0.1:"
        + redis.port()
        + "\"]\n"
        + ofPool
        + "\n}\n"
        + ofProcess
        + "\n}";
  }

  @Test
  void aReloadTurnsItOnAndOffAndChangesIt(@TempDir Path directory) {
    int port = FreePorts.next();
    String on = "tracing { endpoint = \"" + collector.endpoint() + "\", sample = %s, keys = %s }";
    try (FileProxy proxy = FileProxy.start(directory.resolve("c.conf"), file(port, "", ""));
        RawClient client = new RawClient(port)) {
      client.send("SET", "key", "1");
      String said = proxy.take(file(port, "", on.formatted("1", "false")));
      assertTrue(said.contains("tracing.endpoint"), said);
      assertEquals(List.of(), proxy.status().needRestart());
      client.send("GET", "key");
      assertNull(collector.await("GET").get("cashew.key"));
      proxy.take(file(port, "", on.formatted("1", "true")));
      client.send("INCR", "key");
      assertEquals("\"key\"", collector.await("INCR").get("cashew.key"));
      proxy.take(file(port, "", ""));
      client.send("EXISTS", "key");
      proxy.take(file(port, "", on.formatted("0", "true") + ", tracing.slow = off"));
      client.send("DECR", "key");
      proxy.take(file(port, "", on.formatted("1", "true")));
      client.send("TYPE", "key");
      collector.await("TYPE");
      assertEquals(List.of("GET", "INCR", "TYPE"), collector.names());
    }
  }
}
