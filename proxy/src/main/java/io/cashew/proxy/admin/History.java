package io.cashew.proxy.admin;

import io.cashew.proxy.control.PoolView;
import io.cashew.proxy.control.ProxyView;
import io.cashew.proxy.metrics.CommandRecorders;
import io.cashew.proxy.metrics.Latencies;
import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.metrics.RefusalKind;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ten minutes of each pool in steps of five seconds, for those who come when something is wrong
 * already. A thread of its own, {@code history}, looks at what the workers count, as a scrape does.
 */
public final class History implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(History.class);

  static final long STEP_MILLIS = 5_000;
  static final int KEPT = 120;

  /** No request has come: there is no time that it took. */
  static final double NONE = -1;

  private static final double MEDIAN = 0.5;
  private static final double P99 = 0.99;
  private static final double P999 = 0.999;

  /**
   * A step of a pool. Counts are a second.
   *
   * @param atMillis its end, since 1970
   * @param requests of clients
   * @param errors that the proxy answered itself
   * @param nodeErrors that nodes answered
   * @param bytesIn of requests
   * @param bytesOut of replies
   * @param p50 latency in microseconds; {@link #NONE}: no request came
   * @param clients that were connected at its end
   * @param inFlight requests without a reply at its end
   */
  record Sample(
      long atMillis,
      double requests,
      double errors,
      double nodeErrors,
      double bytesIn,
      double bytesOut,
      double p50,
      double p99,
      double p999,
      long clients,
      long inFlight) {}

  /** What a pool has counted since the start. */
  record Counts(
      long requests,
      long errors,
      long nodeErrors,
      long bytesIn,
      long bytesOut,
      long[] latency,
      long clients,
      long inFlight) {

    static Counts of(PoolView pool) {
      List<PoolRecorder> workers = pool.recorders();
      long errors = 0;
      for (PoolRecorder worker : workers) {
        for (RefusalKind kind : RefusalKind.values()) {
          errors += worker.refusals(kind);
        }
      }
      long nodeErrors =
          pool.nodes().stream()
              .flatMap(node -> node.recorders().stream())
              .mapToLong((NodeRecorder node) -> node.errorReplies)
              .sum();
      List<CommandRecorders> commands = workers.stream().map(worker -> worker.commands).toList();
      long[] latency =
          Latencies.of(
                  commands.stream()
                      .flatMap(worker -> worker.all().stream())
                      .map(command -> command.latency)
                      .toList())
              .buckets();
      return new Counts(
          workers.stream().mapToLong(worker -> worker.requests).sum(),
          errors,
          nodeErrors,
          workers.stream().mapToLong(worker -> worker.requestBytes).sum(),
          workers.stream().mapToLong(worker -> worker.replyBytes).sum(),
          latency,
          workers.stream().mapToLong(worker -> worker.clients).sum(),
          workers.stream().mapToLong(worker -> worker.inFlight).sum());
    }
  }

  private record Series(ArrayDeque<Sample> samples) {}

  private final Map<String, Series> pools = new HashMap<>();
  private Map<String, Counts> before = new HashMap<>();
  private long beforeNanos;
  private @Nullable ScheduledExecutorService thread;

  /** Begins to look. */
  public void start(Supplier<ProxyView> proxy) {
    ScheduledExecutorService looks =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread made = new Thread(task, "history");
              made.setDaemon(true);
              return made;
            });
    thread = looks;
    var unused =
        looks.scheduleAtFixedRate(
            () -> look(proxy), STEP_MILLIS, STEP_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void look(Supplier<ProxyView> proxy) {
    try {
      Map<String, Counts> now = new HashMap<>();
      proxy.get().pools().forEach(pool -> now.put(pool.name(), Counts.of(pool)));
      add(now, System.currentTimeMillis(), System.nanoTime());
    } catch (RuntimeException e) {
      LOG.error("what the pools have counted cannot be looked at", e);
    }
  }

  /** Takes in what the pools have counted by now. */
  synchronized void add(Map<String, Counts> now, long atMillis, long nanos) {
    double seconds = (nanos - beforeNanos) / (double) TimeUnit.SECONDS.toNanos(1);
    pools.keySet().retainAll(now.keySet());
    now.forEach(
        (pool, counts) -> {
          Counts former = before.get(pool);
          Series series = pools.computeIfAbsent(pool, name -> new Series(new ArrayDeque<>()));
          // A count that has fallen is that of another pool of the name.
          if (former != null && seconds > 0 && counts.requests() >= former.requests()) {
            series.samples().add(sample(former, counts, atMillis, seconds));
            while (series.samples().size() > KEPT) {
              series.samples().poll();
            }
          }
        });
    before = now;
    beforeNanos = nanos;
  }

  private static Sample sample(Counts former, Counts now, long atMillis, double seconds) {
    long[] latency = now.latency().clone();
    for (int i = 0; i < latency.length; i++) {
      latency[i] = Math.max(0, latency[i] - former.latency()[i]);
    }
    return new Sample(
        atMillis,
        (now.requests() - former.requests()) / seconds,
        Math.max(0, now.errors() - former.errors()) / seconds,
        Math.max(0, now.nodeErrors() - former.nodeErrors()) / seconds, // a node less has fewer
        Math.max(0, now.bytesIn() - former.bytesIn()) / seconds,
        Math.max(0, now.bytesOut() - former.bytesOut()) / seconds,
        quantile(latency, MEDIAN),
        quantile(latency, P99),
        quantile(latency, P999),
        now.clients(),
        now.inFlight());
  }

  /** As Prometheus does: within its bucket a quantile lies as if all were spread evenly. */
  static double quantile(long[] counts, double part) {
    long[] bounds = Latencies.bucketMicros();
    long all = 0;
    for (long count : counts) {
      all += count;
    }
    if (all == 0) {
      return NONE;
    }
    double rank = part * all;
    for (int i = 0; i < bounds.length; i++) {
      if (rank <= counts[i]) {
        long from = i == 0 ? 0 : bounds[i - 1];
        return from + (bounds[i] - from) * rank / counts[i];
      }
      rank -= counts[i];
    }
    return bounds[bounds.length - 1];
  }

  /** The steps of a pool, the oldest first; from any thread. */
  synchronized List<Sample> of(String pool) {
    Series series = pools.get(pool);
    return series == null ? List.of() : List.copyOf(series.samples());
  }

  /** The pools of which there are steps. */
  synchronized List<String> pools() {
    return pools.keySet().stream().sorted().toList();
  }

  @Override
  public void close() {
    if (thread != null) {
      thread.shutdownNow();
    }
  }
}
