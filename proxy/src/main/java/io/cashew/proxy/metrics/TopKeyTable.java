package io.cashew.proxy.metrics;

import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Supplier;

/** A metric of keys that stand out, and where each pool's are found. Thread-safe. */
final class TopKeyTable {
  private final List<Metric<TopKey>> rows;
  private final TreeMap<String, Supplier<List<TopKey>>> pools = new TreeMap<>();

  TopKeyTable(List<Metric<TopKey>> rows) {
    this.rows = rows;
  }

  synchronized void add(String pool, Supplier<List<TopKey>> keys) {
    pools.put(pool, keys);
  }

  synchronized void remove(String pool) {
    pools.remove(pool);
  }

  void read(MetricSnapshots.Builder snapshots) {
    MetricTable<TopKey> table = new MetricTable<>(rows);
    synchronized (this) {
      pools.forEach((pool, keys) -> keys.get().forEach(key -> table.add(key.labels(pool), 0, key)));
    }
    table.read(snapshots);
  }
}
