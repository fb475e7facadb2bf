package io.cashew.proxy.metrics;

import java.util.Locale;

/** What a metric is to Prometheus. */
enum MetricType {
  /** Only rises, from 0 at the start of the process. */
  COUNTER("_total", io.prometheus.metrics.model.registry.MetricType.COUNTER),
  /** Rises and falls. */
  GAUGE("", io.prometheus.metrics.model.registry.MetricType.GAUGE),
  /** Buckets, sum and count of a duration. */
  HISTOGRAM("", io.prometheus.metrics.model.registry.MetricType.HISTOGRAM),
  /** Always 1: its labels tell. */
  INFO("_info", io.prometheus.metrics.model.registry.MetricType.INFO);

  private final String suffix;
  private final io.prometheus.metrics.model.registry.MetricType inLibrary;

  MetricType(String suffix, io.prometheus.metrics.model.registry.MetricType inLibrary) {
    this.suffix = suffix;
    this.inLibrary = inLibrary;
  }

  /** What names of this type end in. */
  String suffix() {
    return suffix;
  }

  /** The same in Prometheus' library, which has more of them. */
  io.prometheus.metrics.model.registry.MetricType inLibrary() {
    return inLibrary;
  }

  /** As the document of metrics writes it. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
