package io.cashew.proxy.control;

import io.cashew.proxy.config.InsightSettings;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.insight.AccessLog;
import io.cashew.proxy.insight.BigKey;
import io.cashew.proxy.insight.HotKey;
import io.cashew.proxy.insight.PoolInsight;
import io.cashew.proxy.insight.Printable;
import io.cashew.proxy.insight.SlowLog;
import io.cashew.proxy.insight.TopKeys;
import io.cashew.proxy.metrics.AccessLogState;
import io.cashew.proxy.metrics.MetricsRegistry;
import io.cashew.proxy.metrics.TopKey;
import io.cashew.proxy.tracing.TracedPool;
import io.cashew.proxy.tracing.Tracing;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What is noted of the requests of one pool, and what is published of it. */
final class Insights {
  /** More would be more series than anybody looks at. */
  private static final int TOP_KEYS = 10;

  private final boolean labelsHotKeys;
  private final @Nullable AccessLog accessLog;
  private final PoolInsight shared;

  /**
   * Notes nothing yet.
   *
   * @param tracing where requests go that become spans
   * @throws IOException if the access log cannot be written
   */
  Insights(PoolSettings settings, Tracing tracing) throws IOException {
    InsightSettings wanted = settings.insight();
    labelsHotKeys = wanted.labelHotKeys();
    accessLog = wanted.accessLog().isPresent() ? new AccessLog(wanted.accessLog().get()) : null;
    accessLog(wanted.accessLogEnabled());
    shared =
        new PoolInsight(
            wanted.slowerThanMillis() == InsightSettings.OFF
                ? Long.MAX_VALUE
                : TimeUnit.MILLISECONDS.toNanos(wanted.slowerThanMillis()),
            new SlowLog(settings.name(), wanted.slowLogMax(), wanted.logKeys()),
            wanted.logKeys(),
            wanted.hotKeySample(),
            wanted.bigBytes(),
            accessLog,
            new TracedPool(
                settings.name(),
                settings.protocol().isMemcached() ? TracedPool.MEMCACHED : TracedPool.REDIS),
            tracing);
  }

  /**
   * Has the access log written, or not.
   *
   * @return whether there is one
   */
  boolean accessLog(boolean on) {
    AccessLog log = accessLog;
    if (log != null) {
      log.isOn(on);
    }
    return log != null;
  }

  /** What the workers share. */
  PoolInsight shared() {
    return shared;
  }

  /** Publishes what is found of keys. */
  void publish(String pool, MetricsRegistry metrics, Supplier<TopKeys> found) {
    metrics.addTopKeys(pool, () -> hottest(found.get()), () -> biggest(found.get()));
    AccessLog log = accessLog;
    if (log != null) {
      metrics.addAccessLog(pool, new AccessLogState(log::dropped));
    }
  }

  private List<TopKey> hottest(TopKeys found) {
    List<HotKey> hot = found.hot();
    return IntStream.range(0, Math.min(TOP_KEYS, hot.size()))
        .mapToObj(i -> topKey(i, hot.get(i).key(), Math.round(hot.get(i).perSecond())))
        .toList();
  }

  private List<TopKey> biggest(TopKeys found) {
    List<BigKey> big = found.big();
    return IntStream.range(0, Math.min(TOP_KEYS, big.size()))
        .mapToObj(i -> topKey(i, big.get(i).key(), big.get(i).bytes()))
        .toList();
  }

  private TopKey topKey(int index, byte[] key, long value) {
    return new TopKey(index + 1, labelsHotKeys ? Printable.quoted(key) : null, value);
  }

  /** When nothing is noted any more. */
  void close() {
    if (accessLog != null) {
      accessLog.close();
    }
  }
}
