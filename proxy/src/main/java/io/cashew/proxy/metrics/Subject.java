package io.cashew.proxy.metrics;

import io.prometheus.metrics.model.snapshots.Labels;
import java.util.List;

/**
 * What a point of a metric is about: a pool, a node of a pool, the process.
 *
 * @param labels that name it
 * @param recorders one a worker that has counted for it
 */
record Subject<R>(Labels labels, List<R> recorders) {
  Subject {
    recorders = List.copyOf(recorders);
  }
}
