package io.cashew.proxy.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Makes spans of requests: one each, the root of a trace of its own, with the attributes that
 * OpenTelemetry's semantic conventions have for databases (version 1.33 and later), and Cashew's
 * own. Used by the thread that exports.
 */
final class Spans implements AutoCloseable {
  private static final String UNIX = "unix:";

  private final SdkTracerProvider provider;
  private final Tracer tracer;
  private final List<SpanData> ended = new ArrayList<>();

  Spans(TraceTarget target) {
    provider =
        SdkTracerProvider.builder()
            .setResource(Resource.getDefault().merge(resource(target)))
            .setSampler(Sampler.alwaysOn())
            .addSpanProcessor(new Ended())
            .build();
    tracer = provider.get("io.cashew.proxy", target.version());
  }

  private static Resource resource(TraceTarget target) {
    return Resource.builder()
        .put("service.name", target.serviceName())
        .put("service.version", target.version())
        .put("host.name", hostName())
        .put("process.pid", ProcessHandle.current().pid())
        .build();
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException unknown) {
      return "localhost";
    }
  }

  /**
   * The spans of requests.
   *
   * @param now the time of day
   * @param nowNanos at that moment, {@link System#nanoTime()}
   */
  List<SpanData> of(List<TracedRequest> requests, Instant now, long nowNanos) {
    ended.clear();
    long epochNanos = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    for (TracedRequest request : requests) {
      end(request, epochNanos - (nowNanos - request.times().endNanos()));
    }
    return List.copyOf(ended);
  }

  private void end(TracedRequest request, long endEpochNanos) {
    String operation = operation(request);
    SpanBuilder span =
        tracer
            .spanBuilder(operation)
            .setNoParent()
            .setSpanKind(SpanKind.SERVER)
            .setStartTimestamp(endEpochNanos - request.times().nanos(), TimeUnit.NANOSECONDS)
            .setAttribute("db.system.name", request.pool().system())
            .setAttribute("db.operation.name", operation);
    if (request.database() > 0) {
      span.setAttribute("db.namespace", String.valueOf(request.database()));
    }
    address(span, request.client(), "client.address", "client.port");
    own(span, request);
    node(span, request);
    Span made = span.startSpan();
    String error = request.error();
    if (error != null) {
      made.setAttribute("db.response.status_code", error);
      made.setAttribute("error.type", error);
      made.setStatus(StatusCode.ERROR, error);
    }
    made.end(endEpochNanos, TimeUnit.NANOSECONDS);
  }

  /** As clients write it: Redis's documents have capitals, memcached's protocol takes no others. */
  private static String operation(TracedRequest request) {
    String command = request.command().replace('|', ' ');
    return request.pool().system().equals(TracedPool.REDIS)
        ? command.toUpperCase(Locale.ROOT)
        : command;
  }

  private static void own(SpanBuilder span, TracedRequest request) {
    span.setAttribute("cashew.pool", request.pool().name())
        .setAttribute("cashew.slow", request.isSlow())
        .setAttribute("cashew.request.bytes", request.requestBytes())
        .setAttribute("cashew.reply.bytes", request.replyBytes());
    String key = request.key();
    if (key != null) {
      span.setAttribute("cashew.key", key);
    }
  }

  private static void node(SpanBuilder span, TracedRequest request) {
    TracedRequest.Place node = request.node();
    if (node == null) {
      return;
    }
    TracedRequest.Times times = request.times();
    address(span, node.address(), "server.address", "server.port");
    span.setAttribute("cashew.node", node.name())
        .setAttribute("cashew.hops", request.hops())
        .setAttribute("cashew.queue.us", micros(times.queueNanos()))
        .setAttribute(
            "cashew.node.us",
            micros(times.nanos()) - micros(times.queueNanos()) - micros(times.writeBackNanos()))
        .setAttribute("cashew.write_back.us", micros(times.writeBackNanos()));
  }

  private static long micros(long nanos) {
    return TimeUnit.NANOSECONDS.toMicros(nanos);
  }

  /** Sets the two parts of {@code host:port}, or the path of a socket. */
  private static void address(SpanBuilder span, String text, String host, String port) {
    int colon = text.lastIndexOf(':');
    if (text.startsWith(UNIX)) {
      span.setAttribute(host, text.substring(UNIX.length()));
    } else if (colon > 0) {
      span.setAttribute(host, text.substring(0, colon).replaceAll("[\\[\\]]", ""));
      number(text.substring(colon + 1))
          .ifPresent(it -> span.setAttribute(AttributeKey.longKey(port), it));
    }
  }

  /** A port; the client of a unix socket has 0. */
  private static Optional<Long> number(String text) {
    return text.matches("[1-9][0-9]{0,4}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
  }

  @Override
  public void close() {
    provider.close();
  }

  /** Keeps what has ended. */
  private final class Ended implements SpanProcessor {
    @Override
    public void onStart(Context parent, ReadWriteSpan span) {}

    @Override
    public boolean isStartRequired() {
      return false;
    }

    @Override
    public void onEnd(ReadableSpan span) {
      ended.add(span.toSpanData());
    }

    @Override
    public boolean isEndRequired() {
      return true;
    }
  }
}
