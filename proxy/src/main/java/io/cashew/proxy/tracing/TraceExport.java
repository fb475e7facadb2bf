package io.cashew.proxy.tracing;

import io.cashew.proxy.metrics.TraceCounts;
import io.cashew.proxy.metrics.TraceResult;
import io.netty.util.internal.PlatformDependent;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.LockSupport;

/**
 * The requests that are to become spans for one target, and the thread, {@code traces}, that makes
 * spans of them and sends these. Workers leave a request in a bounded queue, without a lock, and
 * never wait; what does not fit is dropped, and counted.
 *
 * <p>The SDK's own {@code BatchSpanProcessor} would be a second queue behind this one, and what it
 * drops or cannot send is told to the SDK's meters only. Here each span is counted once.
 */
public final class TraceExport {
  /** As many as the SDK's own processor lets wait. */
  static final int WAITING = 2048;

  private static final int BATCH = 512;
  private static final long PAUSE_NANOS = 200_000_000;
  private static final long CLOSE_MILLIS = 2000;

  private final TraceTarget target;
  private final TraceCounts counts;
  private final Queue<TracedRequest> waiting = PlatformDependent.newFixedMpscQueue(WAITING);
  private final Thread thread = new Thread(this::run, "traces");
  private volatile boolean ending;

  /** Not started: what is handed over waits. */
  TraceExport(TraceTarget target, TraceCounts counts) {
    this.target = target;
    this.counts = counts;
  }

  static TraceExport start(TraceTarget target, TraceCounts counts) {
    TraceExport export = new TraceExport(target, counts);
    export.thread.setDaemon(true);
    export.thread.start();
    return export;
  }

  /** Which requests become spans. */
  public TraceTarget target() {
    return target;
  }

  /** Whether there is room for a request; if not, it is counted as dropped. From any worker. */
  public boolean hasRoom() {
    boolean has = waiting.size() < WAITING;
    if (!has) {
      counts.add(TraceResult.DROPPED, 1);
    }
    return has;
  }

  /** Hands a request over. From any worker. */
  public void add(TracedRequest request) {
    if (!waiting.offer(request)) {
      counts.add(TraceResult.DROPPED, 1);
    }
  }

  /** No more is handed over, but for what is on its way; the thread ends by itself. */
  void end() {
    ending = true;
    LockSupport.unpark(thread);
  }

  /** Waits a moment until what waits is sent. */
  void awaitEnd() {
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try (Collector collector = new Collector(target, counts)) {
      boolean last;
      do {
        last = ending; // first: what was handed over before that is seen now
        sendAll(collector);
        if (!last) {
          LockSupport.parkNanos(this, PAUSE_NANOS);
        }
      } while (!last);
    }
  }

  private void sendAll(Collector collector) {
    List<TracedRequest> batch = batch();
    while (!batch.isEmpty()) {
      collector.send(batch);
      batch = batch();
    }
  }

  private List<TracedRequest> batch() {
    List<TracedRequest> batch = new ArrayList<>();
    TracedRequest next = waiting.poll();
    while (next != null) {
      batch.add(next);
      next = batch.size() < BATCH ? waiting.poll() : null;
    }
    return batch;
  }
}
