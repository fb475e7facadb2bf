package io.cashew.proxy.tracing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.cashew.proxy.tracing.TracedRequest.Place;
import io.cashew.proxy.tracing.TracedRequest.Times;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SpansTest {
  private static final Instant NOW = Instant.parse("2026-01-31T12:00:00.000001Z");
  private static final long NOW_NANOS = -5_000_000;
  private static final TracedPool POOL = new TracedPool("sessions", TracedPool.REDIS);
  private static final Place NODE = new Place("alpha", "10.0.0.7:6379");

  /** It ended 2 ms ago, and took 1 ms: 100 us in the queue, 200 us in the write-back. */
  private static final Times TIMES = new Times(NOW_NANOS - 2_000_000, 1_000_000, 100_000, 200_000);

  private final Spans spans =
      new Spans(
          new TraceTarget(
              URI.create("http://127.0.0.1:1/v1/traces"),
              Map.of("Authorization", "secret"),
              Duration.ofSeconds(1),
              "front",
              "1.2.3",
              1,
              Long.MAX_VALUE,
              false));

  @AfterEach
  void close() {
    spans.close();
  }

  private static TracedRequest request(String command, @Nullable Place node) {
    return new TracedRequest(
        POOL, command, TIMES, "10.0.0.1:5000", 0, node, 1, 31, 9, null, false, null);
  }

  private static TracedRequest request(
      TracedPool pool, int database, @Nullable String error, boolean slow, @Nullable String key) {
    return new TracedRequest(
        pool, "get", TIMES, "[::1]:5000", database, NODE, 0, 31, 9, error, slow, key);
  }

  private SpanData span(TracedRequest of) {
    List<SpanData> made = spans.of(List.of(of), NOW, NOW_NANOS);
    assertEquals(1, made.size());
    return made.get(0);
  }

  private static Map<String, Object> attributes(SpanData span) {
    Map<String, Object> attributes = new TreeMap<>();
    span.getAttributes().forEach((key, value) -> attributes.put(key.getKey(), value));
    return attributes;
  }

  @Test
  void aRequestIsASpanOfAServerWithTheAttributesOfADatabase() {
    SpanData span = span(request("get", NODE));
    assertEquals("GET", span.getName());
    assertEquals(SpanKind.SERVER, span.getKind());
    assertFalse(span.getParentSpanContext().isValid());
    assertEquals(StatusCode.UNSET, span.getStatus().getStatusCode());
    Map<String, Object> expected = new TreeMap<>();
    expected.put("db.system.name", "redis");
    expected.put("db.operation.name", "GET");
    expected.put("client.address", "10.0.0.1");
    expected.put("client.port", 5000L);
    expected.put("server.address", "10.0.0.7");
    expected.put("server.port", 6379L);
    expected.put("cashew.pool", "sessions");
    expected.put("cashew.node", "alpha");
    expected.put("cashew.hops", 1L);
    expected.put("cashew.slow", false);
    expected.put("cashew.request.bytes", 31L);
    expected.put("cashew.reply.bytes", 9L);
    expected.put("cashew.queue.us", 100L);
    expected.put("cashew.node.us", 700L);
    expected.put("cashew.write_back.us", 200L);
    assertEquals(expected, attributes(span));
    assertEquals("front", span.getResource().getAttribute(AttributeKey.stringKey("service.name")));
    assertEquals(
        "1.2.3", span.getResource().getAttribute(AttributeKey.stringKey("service.version")));
  }

  /** Workers have the JVM's clock, which begins anywhere; a span has the time of day. */
  @Test
  void itBeginsAndEndsWhenItsRequestDid() {
    SpanData span = span(request("get", NODE));
    long now = NOW.getEpochSecond() * 1_000_000_000 + NOW.getNano();
    assertEquals(now - 2_000_000, span.getEndEpochNanos());
    assertEquals(now - 3_000_000, span.getStartEpochNanos());
  }

  @Test
  void whatNoNodeWasAskedForHasNoNode() {
    Map<String, Object> attributes = attributes(span(request("client|list", null)));
    assertEquals("CLIENT LIST", attributes.get("db.operation.name"));
    assertNull(attributes.get("server.address"));
    assertNull(attributes.get("cashew.node"));
    assertNull(attributes.get("cashew.node.us"));
  }

  @Test
  void anErrorIsTheStatusByItsFirstWord() {
    SpanData span = span(request(POOL, 0, "WRONGTYPE", false, null));
    assertEquals(StatusCode.ERROR, span.getStatus().getStatusCode());
    assertEquals("WRONGTYPE", span.getStatus().getDescription());
    assertEquals("WRONGTYPE", attributes(span).get("db.response.status_code"));
    assertEquals("WRONGTYPE", attributes(span).get("error.type"));
  }

  @Test
  void aSlowOneSaysSoAndADatabaseIsNamedIfItsClientHasSelectedOne() {
    Map<String, Object> attributes = attributes(span(request(POOL, 3, null, true, "\"user:1\"")));
    assertEquals(true, attributes.get("cashew.slow"));
    assertEquals("3", attributes.get("db.namespace"));
    assertEquals("\"user:1\"", attributes.get("cashew.key"));
    assertEquals("::1", attributes.get("client.address"));
    assertNull(attributes(span(request("get", NODE))).get("db.namespace"));
  }

  @Test
  void memcachedHasItsOwnWords() {
    TracedPool pool = new TracedPool("items", TracedPool.MEMCACHED);
    SpanData span = span(request(pool, 0, null, false, null));
    assertEquals("get", span.getName());
    assertEquals("memcached", attributes(span).get("db.system.name"));
  }

  @Test
  void aSocketOfUnixHasAPathAndNoPort() {
    Map<String, Object> attributes =
        attributes(span(request("get", new Place("alpha", "unix:/run/redis.sock"))));
    assertEquals("/run/redis.sock", attributes.get("server.address"));
    assertNull(attributes.get("server.port"));
  }

  @Test
  void eachIsATraceOfItsOwn() {
    List<SpanData> both =
        spans.of(List.of(request("get", NODE), request("set", NODE)), NOW, NOW_NANOS);
    assertEquals(List.of("GET", "SET"), both.stream().map(SpanData::getName).toList());
    assertNotEquals(both.get(0).getTraceId(), both.get(1).getTraceId());
    assertEquals(1, spans.of(List.of(request("get", NODE)), NOW, NOW_NANOS).size());
  }
}
