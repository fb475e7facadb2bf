package io.cashew.proxy.metrics;

import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The rows about one sort of subject, and the subjects that there are now. The control thread adds
 * and removes, the thread that scrapes lists; both hold the lock only to change or copy the list.
 *
 * @param <R> the recorder of such a subject
 */
final class MetricTable<R> {

  private final List<Metric<R>> rows;
  private final NavigableMap<Labels, NavigableMap<Integer, R>> recorders = new TreeMap<>();

  MetricTable(List<Metric<R>> rows) {
    this.rows = rows;
  }

  /**
   * Publishes a recorder from now on.
   *
   * @throws IllegalStateException if that worker has one for that subject already
   */
  synchronized void add(Labels labels, int worker, R recorder) {
    NavigableMap<Integer, R> ofSubject =
        recorders.computeIfAbsent(labels, absent -> new TreeMap<>());
    if (ofSubject.putIfAbsent(worker, recorder) != null) {
      throw new IllegalStateException(
          "metrics of " + labels + " on worker " + worker + " are registered: remove them first");
    }
  }

  /** Publishes a recorder instead of all that there are. */
  synchronized void replaceAll(Labels labels, int worker, R recorder) {
    recorders.clear();
    add(labels, worker, recorder);
  }

  /** Ends the series that have this value of a label. */
  synchronized void remove(String label, String value) {
    recorders.keySet().removeIf(labels -> value.equals(labels.get(label)));
  }

  /** Ends one series. */
  synchronized void remove(Labels labels) {
    recorders.remove(labels);
  }

  /** Reads every row of every subject; rows without a subject are left out. */
  void read(MetricSnapshots.Builder snapshots) {
    List<Subject<R>> subjects = subjects();
    if (!subjects.isEmpty()) {
      rows.forEach(row -> snapshots.metricSnapshot(row.snapshot(subjects)));
    }
  }

  /** What there is to tell of now. */
  synchronized List<Subject<R>> subjects() {
    List<Subject<R>> subjects = new ArrayList<>(recorders.size());
    recorders.forEach(
        (labels, byWorker) -> subjects.add(new Subject<>(labels, List.copyOf(byWorker.values()))));
    return subjects;
  }
}
