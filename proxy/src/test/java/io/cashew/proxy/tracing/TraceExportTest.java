package io.cashew.proxy.tracing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.cashew.proxy.metrics.TraceCounts;
import io.cashew.proxy.metrics.TraceResult;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.TestCollector;
import io.cashew.proxy.tracing.TracedRequest.Times;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Where requests go that become spans, without a proxy. */
final class TraceExportTest {
  private final TraceCounts counts = new TraceCounts();
  private final TracedPool pool = new TracedPool("test", TracedPool.REDIS);

  private static TraceTarget target(URI endpoint, long timeoutMillis) {
    return new TraceTarget(
        endpoint,
        Map.of(),
        Duration.ofMillis(timeoutMillis),
        "cashew",
        "test",
        1,
        Long.MAX_VALUE,
        false);
  }

  private TracedRequest request(String command) {
    return new TracedRequest(
        pool,
        command,
        Times.here(System.nanoTime(), 1000),
        "10.0.0.1:5000",
        0,
        null,
        0,
        1,
        1,
        null,
        false,
        null);
  }

  @Test
  void whatDoesNotFitIsDroppedAndCounted() {
    TraceExport export =
        new TraceExport(target(URI.create("http://127.0.0.1:1/v1/traces"), 100), counts);
    for (int i = 0; i < TraceExport.WAITING; i++) {
      assertTrue(export.hasRoom());
      export.add(request("get"));
    }
    assertEquals(0, counts.count(TraceResult.DROPPED));
    assertFalse(export.hasRoom());
    export.add(request("get"));
    assertEquals(2, counts.count(TraceResult.DROPPED));
  }

  @Test
  void whatWaitsAtTheEndIsSent() {
    Tracing tracing = new Tracing(counts);
    try (TestCollector collector = TestCollector.start()) {
      tracing.follow(target(collector.endpoint(), 5000));
      TraceExport export = Objects.requireNonNull(tracing.export());
      for (int i = 0; i < 1500; i++) {
        export.add(request("get"));
      }
      tracing.close();
      assertEquals(1500, collector.spans("GET").size());
      assertEquals(1500, counts.count(TraceResult.SENT));
      assertNull(tracing.export());
    }
  }

  @Test
  void theSameTargetIsGoneOnWithAndAnotherTakesOver() {
    try (TestCollector first = TestCollector.start();
        TestCollector second = TestCollector.start();
        Tracing tracing = new Tracing(counts)) {
      tracing.follow(target(first.endpoint(), 5000));
      TraceExport export = Objects.requireNonNull(tracing.export());
      tracing.follow(target(first.endpoint(), 5000));
      assertSame(export, tracing.export());
      export.add(request("get"));
      tracing.follow(target(second.endpoint(), 5000));
      assertNotSame(export, tracing.export());
      Objects.requireNonNull(tracing.export()).add(request("set"));
      first.await("GET");
      second.await("SET");
      tracing.follow(null);
      assertNull(tracing.export());
    }
  }

  @Test
  void aCollectorThatFailsIsToldOfOnceAndOnceWhenItWorksAgain() {
    Logger log = (Logger) LoggerFactory.getLogger(Collector.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    log.addAppender(lines);
    int port = FreePorts.next();
    URI endpoint = TestCollector.endpoint(port);
    try (Collector exporting = new Collector(target(endpoint, 200), counts)) {
      exporting.send(List.of(request("get"), request("get")));
      exporting.send(List.of(request("get")));
      assertEquals(3, counts.count(TraceResult.FAILED));
      try (TestCollector collector = TestCollector.startAt(port)) {
        collector.answers(500);
        exporting.send(List.of(request("get")));
        assertEquals(4, counts.count(TraceResult.FAILED));
      }
    }
    assertEquals(1, lines.list.size(), lines.list.toString());
    String line = lines.list.get(0).getFormattedMessage();
    assertTrue(line.startsWith("traces are lost for " + endpoint + ": "), line);
    try (TestCollector collector = TestCollector.start();
        Collector exporting = new Collector(target(collector.endpoint(), 5000), counts)) {
      collector.answers(400);
      exporting.send(List.of(request("get")));
      collector.answers(200);
      exporting.send(List.of(request("get")));
      exporting.send(List.of(request("get")));
      assertEquals(2, counts.count(TraceResult.SENT));
      assertEquals(
          List.of(
              line,
              "traces are lost for " + collector.endpoint() + ": it answers 400",
              "traces reach " + collector.endpoint() + " again"),
          lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
    } finally {
      log.detachAppender(lines);
    }
  }
}
