package io.cashew.proxy.tracing;

import io.cashew.proxy.metrics.TraceCounts;
import org.jspecify.annotations.Nullable;

/**
 * Whether requests become spans now, and where these go. Shared: workers look at it when a request
 * is over; whoever starts, reloads or stops the proxy changes it.
 */
public final class Tracing implements AutoCloseable {
  private final TraceCounts counts;

  /** Null: no request becomes a span, and nothing of OpenTelemetry is loaded. */
  private volatile @Nullable TraceExport export;

  /** Off. */
  public Tracing(TraceCounts counts) {
    this.counts = counts;
  }

  /** Where spans go; null: none is made. */
  public @Nullable TraceExport export() {
    return export;
  }

  /** What became of spans. */
  public TraceCounts counts() {
    return counts;
  }

  /** Makes spans for somebody from now on; null: for nobody. What waits for the former one goes. */
  public synchronized void follow(@Nullable TraceTarget target) {
    TraceExport former = export;
    if (former == null ? target == null : former.target().equals(target)) {
      return;
    }
    export = target == null ? null : TraceExport.start(target, counts);
    if (former != null) {
      former.end();
    }
  }

  /** Makes no more spans; those that wait have a moment to leave. */
  @Override
  public synchronized void close() {
    TraceExport last = export;
    export = null;
    if (last != null) {
      last.end();
      last.awaitEnd();
    }
  }
}
