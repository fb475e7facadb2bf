package io.cashew.proxy.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Takes spans by OTLP over HTTP, as a collector of OpenTelemetry does, and keeps them. */
public final class TestCollector implements AutoCloseable {
  private static final int OK = 200;

  /**
   * A span.
   *
   * @param resource attributes of whose it is
   * @param attributes its own; numbers and flags as text
   */
  public record Received(Map<String, String> resource, Span span, Map<String, String> attributes) {
    /** One of its attributes; null: it has none of this name. */
    public @Nullable String get(String attribute) {
      return attributes.get(attribute);
    }
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Received> spans = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private volatile int status = OK;
  private volatile boolean silent;

  private TestCollector(HttpServer server) {
    this.server = server;
  }

  /** One that takes everything. */
  public static TestCollector start() {
    return startAt(0);
  }

  /** The same on a port of the caller's choice. */
  public static TestCollector startAt(int port) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
      TestCollector collector = new TestCollector(server);
      server.createContext("/v1/traces", collector::take);
      server.setExecutor(collector.threads);
      server.start();
      return collector;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where spans are to be sent to. */
  public URI endpoint() {
    return endpoint(server.getAddress().getPort());
  }

  /** The same of a port. */
  public static URI endpoint(int port) {
    return URI.create("http://127.0.0.1:" + port + "/v1/traces");
  }

  /** Answers so from now on; what it does not take, it forgets. */
  public void answers(int newStatus) {
    status = newStatus;
  }

  /** Takes requests and never answers them from now on. */
  public void isSilent() {
    silent = true;
  }

  /** All that it has taken. */
  public List<Received> spans() {
    return List.copyOf(spans);
  }

  /** Spans of this name. */
  public List<Received> spans(String name) {
    return spans.stream().filter(each -> each.span().getName().equals(name)).toList();
  }

  /** Waits until it has one of this name, and gives the first. */
  public Received await(String name) {
    Await.until(() -> name + " among " + names(), () -> !spans(name).isEmpty());
    return spans(name).get(0);
  }

  /** The names of all spans. */
  public List<String> names() {
    return spans.stream().map(each -> each.span().getName()).toList();
  }

  /** What was sent as {@code Authorization}, once an export. */
  public List<String> authorizations() {
    return List.copyOf(authorizations);
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange;
        InputStream body = exchange.getRequestBody()) {
      boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
      ExportTraceServiceRequest request =
          ExportTraceServiceRequest.parseFrom(zipped ? new GZIPInputStream(body) : body);
      if (silent) {
        awaitClose();
      } else if (status == OK) {
        authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
        request.getResourceSpansList().forEach(this::keep);
      }
      exchange.sendResponseHeaders(status, -1);
    }
  }

  private void awaitClose() throws IOException {
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new IOException("closed");
  }

  private void keep(ResourceSpans of) {
    List<Received> received = new ArrayList<>();
    for (ScopeSpans scope : of.getScopeSpansList()) {
      for (Span span : scope.getSpansList()) {
        received.add(
            new Received(
                attributes(of.getResource().getAttributesList()),
                span,
                attributes(span.getAttributesList())));
      }
    }
    spans.addAll(received);
  }

  private static Map<String, String> attributes(List<KeyValue> of) {
    Map<String, String> attributes = new HashMap<>();
    of.forEach(each -> attributes.put(each.getKey(), text(each.getValue())));
    return attributes;
  }

  private static String text(AnyValue value) {
    return switch (value.getValueCase()) {
      case INT_VALUE -> "" + value.getIntValue();
      case BOOL_VALUE -> "" + value.getBoolValue();
      case STRING_VALUE -> value.getStringValue();
      default -> value.toString();
    };
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
