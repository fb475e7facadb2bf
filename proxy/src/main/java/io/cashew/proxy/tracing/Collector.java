package io.cashew.proxy.tracing;

import io.cashew.proxy.metrics.TraceCounts;
import io.cashew.proxy.metrics.TraceResult;
import io.opentelemetry.exporter.internal.FailedExportException.HttpExportException;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends spans by OTLP over HTTP, one batch at a time, and tells once when that fails and once when
 * it goes on. Used by the thread that exports; waits for each answer.
 */
final class Collector implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Collector.class);

  /** What fails is told here; the SDK would tell of each batch on standard error. Kept, or lost. */
  private static final java.util.logging.Logger LOG_OF_SDK =
      java.util.logging.Logger.getLogger("io.opentelemetry");

  /** The exporter ends an attempt by itself: this is for one that does not. */
  private static final Duration EXTRA = Duration.ofSeconds(2);

  private final TraceTarget target;
  private final TraceCounts counts;
  private final Spans spans;
  private final OtlpHttpSpanExporter exporter;
  private boolean failing;

  Collector(TraceTarget target, TraceCounts counts) {
    this.target = target;
    this.counts = counts;
    LOG_OF_SDK.setLevel(Level.OFF);
    spans = new Spans(target);
    OtlpHttpSpanExporterBuilder builder =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(target.endpoint().toString())
            .setTimeout(target.timeout())
            .setConnectTimeout(target.timeout())
            .setCompression("gzip");
    target.headers().forEach(builder::addHeader);
    exporter = builder.build();
  }

  /** Makes spans of the requests and sends them, several times if need be, until the time-out. */
  void send(List<TracedRequest> requests) {
    CompletableResultCode result =
        exporter
            .export(spans.of(requests, Instant.now(), System.nanoTime()))
            .join(target.timeout().plus(EXTRA).toMillis(), TimeUnit.MILLISECONDS);
    if (result.isSuccess()) {
      counts.add(TraceResult.SENT, requests.size());
      worksAgain();
    } else {
      counts.add(TraceResult.FAILED, requests.size());
      fails(problem(result.getFailureThrowable()));
    }
  }

  private static String problem(@Nullable Throwable failure) {
    if (failure instanceof HttpExportException http) {
      HttpResponse response = http.getResponse();
      Throwable cause = http.getCause();
      return response != null ? "it answers " + response.getStatusCode() : String.valueOf(cause);
    }
    return failure == null ? "no answer in time" : failure.toString();
  }

  private void fails(String problem) {
    if (!failing) {
      failing = true;
      LOG.warn("traces are lost for {}: {}", target.endpoint(), problem);
    }
  }

  private void worksAgain() {
    if (failing) {
      failing = false;
      LOG.info("traces reach {} again", target.endpoint());
    }
  }

  @Override
  public void close() {
    spans.close();
    exporter.close();
  }
}
