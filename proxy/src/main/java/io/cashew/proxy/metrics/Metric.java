package io.cashew.proxy.metrics;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricFamilyDescriptor;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongBiFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One row: a metric, what it means, and how it is read off the recorders of what it is about.
 * Immutable; read on the thread that scrapes.
 *
 * @param name as it is queried, suffixes included
 * @param type what it is to Prometheus
 * @param help what it counts or measures: one clause without a full stop
 * @param kinds what tells its series apart besides the subject; empty if nothing does
 * @param reading what a scrape reads
 * @param <R> the recorder: one a worker
 */
record Metric<R>(
    String name, MetricType type, String help, List<? extends Kind> kinds, Reading<R> reading) {

  private static final Map<String, Unit> UNITS =
      Map.of("_seconds", Unit.SECONDS, "_bytes", Unit.BYTES);

  Metric {
    kinds = List.copyOf(kinds);
    if (!name.endsWith(type.suffix())) {
      throw new IllegalArgumentException(
          "name of " + type.label() + " " + name + " must end in " + type.suffix());
    }
  }

  /** Turns one subject into points: one, or one a kind. */
  @FunctionalInterface
  interface Reading<R> {
    void read(Subject<R> subject, List<DataPointSnapshot> points);
  }

  /** A number, summed over the workers. */
  static <R> Metric<R> row(String name, MetricType type, String help, ToLongFunction<R> number) {
    return new Metric<>(
        name,
        type,
        help,
        List.of(),
        (subject, points) ->
            points.add(
                point(
                    type, subject.labels(), subject.recorders().stream().mapToLong(number).sum())));
  }

  /** A gauge of seconds, told in milliseconds; of several workers the largest. */
  static <R> Metric<R> seconds(String name, String help, ToLongFunction<R> millis) {
    return new Metric<>(
        name,
        MetricType.GAUGE,
        help,
        List.of(),
        (subject, points) ->
            points.add(
                new GaugeSnapshot.GaugeDataPointSnapshot(
                    subject.recorders().stream().mapToLong(millis).max().orElse(0) / 1e3,
                    subject.labels(),
                    null)));
  }

  /** A number a kind, each summed over the workers; kinds that never happened are there as 0. */
  static <R, K extends Enum<K> & Kind> Metric<R> row(
      String name, MetricType type, String help, Class<K> kinds, ToLongBiFunction<R, K> number) {
    return row(name, type, help, List.of(kinds.getEnumConstants()), number);
  }

  /** As above, for kinds that are named elsewhere. */
  static <R, K extends Kind> Metric<R> row(
      String name, MetricType type, String help, List<K> constants, ToLongBiFunction<R, K> number) {
    return new Metric<>(
        name,
        type,
        help,
        constants,
        (subject, points) -> {
          for (K kind : constants) {
            Labels labels = subject.labels().add("kind", kind.label());
            long sum =
                subject.recorders().stream().mapToLong(r -> number.applyAsLong(r, kind)).sum();
            points.add(point(type, labels, sum));
          }
        });
  }

  /** A histogram of durations, summed over the workers. */
  static <R> Metric<R> row(String name, String help, Function<R, LatencyRecorder> latency) {
    return new Metric<>(
        name,
        MetricType.HISTOGRAM,
        help,
        List.of(),
        (subject, points) -> {
          List<LatencyRecorder> recorders = subject.recorders().stream().map(latency).toList();
          points.add(
              new HistogramSnapshot.HistogramDataPointSnapshot(
                  ClassicHistogramBuckets.of(
                      LatencyBuckets.boundsSeconds(), LatencyBuckets.counts(recorders)),
                  LatencyBuckets.sumSeconds(recorders),
                  subject.labels(),
                  null,
                  0L));
        });
  }

  /** The name as Prometheus' library wants it: without the suffix of its type. */
  String baseName() {
    return name.substring(0, name.length() - type.suffix().length());
  }

  /** The unit that the name tells; null for a plain count. */
  @Nullable Unit unit() {
    String base = baseName();
    return UNITS.entrySet().stream()
        .filter(unit -> base.endsWith(unit.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }

  /** The metric of all these subjects. */
  MetricSnapshot snapshot(List<Subject<R>> subjects) {
    List<DataPointSnapshot> points = new ArrayList<>(subjects.size() * Math.max(1, kinds.size()));
    for (Subject<R> subject : subjects) {
      reading.read(subject, points);
    }
    MetricMetadata metadata = metadata();
    return switch (type) {
      case COUNTER ->
          new CounterSnapshot(metadata, as(CounterSnapshot.CounterDataPointSnapshot.class, points));
      case GAUGE ->
          new GaugeSnapshot(metadata, as(GaugeSnapshot.GaugeDataPointSnapshot.class, points));
      case HISTOGRAM ->
          new HistogramSnapshot(
              metadata, as(HistogramSnapshot.HistogramDataPointSnapshot.class, points));
      case INFO -> new InfoSnapshot(metadata, as(InfoSnapshot.InfoDataPointSnapshot.class, points));
    };
  }

  /** What is known of the metric before anything is read. */
  MetricFamilyDescriptor descriptor() {
    return MetricFamilyDescriptor.of(type.inLibrary(), metadata());
  }

  private MetricMetadata metadata() {
    return new MetricMetadata(baseName(), help, unit());
  }

  private static DataPointSnapshot point(MetricType type, Labels labels, long value) {
    return switch (type) {
      case COUNTER -> new CounterSnapshot.CounterDataPointSnapshot(value, labels, null, 0L);
      case GAUGE -> new GaugeSnapshot.GaugeDataPointSnapshot(value, labels, null);
      case INFO -> new InfoSnapshot.InfoDataPointSnapshot(labels);
      case HISTOGRAM -> throw new IllegalArgumentException("a histogram is not one number");
    };
  }

  /** The library wants each list of points in the type of its metric. */
  private static <P> List<P> as(Class<P> type, List<DataPointSnapshot> points) {
    return points.stream().map(type::cast).toList();
  }
}
