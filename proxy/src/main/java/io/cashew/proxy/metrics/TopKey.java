package io.cashew.proxy.metrics;

import io.prometheus.metrics.model.snapshots.Labels;
import org.jspecify.annotations.Nullable;

/**
 * One of a pool's keys that stand out.
 *
 * @param rank 1 for the first
 * @param key its name, if metrics may tell; else null
 * @param value what it stands out by
 */
public record TopKey(int rank, @Nullable String key, long value) {
  Labels labels(String pool) {
    Labels labels = Labels.of("pool", pool, "rank", Integer.toString(rank));
    return key == null ? labels : labels.add("key", key);
  }
}
