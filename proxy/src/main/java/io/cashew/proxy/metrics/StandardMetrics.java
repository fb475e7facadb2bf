package io.cashew.proxy.metrics;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.Unit;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The numbers that dashboards for any process and any JVM ask for, under the names that
 * Prometheus's client libraries have agreed on: {@code process_*} and {@code jvm_*}. Read on the
 * thread that scrapes.
 *
 * @see <a href="https://prometheus.io/docs/instrumenting/writing_clientlibs/">Writing client
 *     libraries: process metrics</a>
 */
final class StandardMetrics implements MultiCollector {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final double NANOS = 1e9;
  private static final double MILLIS = 1e3;
  private static final long KIB = 1024;

  @Override
  public MetricSnapshots collect() {
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    process(all);
    memory(all);
    threads(all);
    collections(all);
    return all.build();
  }

  private static void process(MetricSnapshots.Builder all) {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
      all.metricSnapshot(
          CounterSnapshot.builder()
              .name("process_cpu_seconds")
              .help("Time of processors that the process has used, user and system")
              .unit(Unit.SECONDS)
              .dataPoint(
                  CounterSnapshot.CounterDataPointSnapshot.builder()
                      .value((double) system.getProcessCpuTime() / NANOS)
                      .build())
              .build());
      if (system instanceof UnixOperatingSystemMXBean unix) {
        gauge(
            all,
            "process_open_fds",
            "File descriptors in use",
            null,
            unix.getOpenFileDescriptorCount());
        gauge(
            all,
            "process_max_fds",
            "File descriptors that the process may have",
            null,
            unix.getMaxFileDescriptorCount());
      }
    }
  }

  /** As Linux tells it; elsewhere these two are missing. */
  private static void memory(MetricSnapshots.Builder all) {
    List<String> lines;
    try {
      lines = Files.readAllLines(STATUS);
    } catch (IOException notLinux) {
      return;
    }
    kilobytes(lines, "VmRSS:")
        .ifPresent(
            bytes ->
                gauge(
                    all,
                    "process_resident_memory_bytes",
                    "Memory of the machine that the process holds",
                    Unit.BYTES,
                    bytes));
    kilobytes(lines, "VmSize:")
        .ifPresent(
            bytes ->
                gauge(
                    all,
                    "process_virtual_memory_bytes",
                    "Addresses that the process has taken",
                    Unit.BYTES,
                    bytes));
  }

  /** Bytes of a line like {@code VmRSS: 1234 kB}. */
  static Optional<Long> kilobytes(List<String> lines, String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name))
        .map(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIB)
        .findFirst();
  }

  private static void threads(MetricSnapshots.Builder all) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    gauge(all, "jvm_threads_current", "Threads now", null, threads.getThreadCount());
    gauge(all, "jvm_threads_daemon", "Daemon threads now", null, threads.getDaemonThreadCount());
    gauge(
        all, "jvm_threads_peak", "The most threads there were", null, threads.getPeakThreadCount());
  }

  private static void collections(MetricSnapshots.Builder all) {
    List<SummarySnapshot.SummaryDataPointSnapshot> points = new ArrayList<>();
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      points.add(
          SummarySnapshot.SummaryDataPointSnapshot.builder()
              .labels(Labels.of("gc", collector.getName()))
              .count(Math.max(0, collector.getCollectionCount()))
              .sum((double) Math.max(0, collector.getCollectionTime()) / MILLIS)
              .build());
    }
    SummarySnapshot.Builder summary =
        SummarySnapshot.builder()
            .name("jvm_gc_collection_seconds")
            .help("Time of collections, by collector")
            .unit(Unit.SECONDS);
    points.forEach(summary::dataPoint);
    all.metricSnapshot(summary.build());
  }

  private static void gauge(
      MetricSnapshots.Builder all, String name, String help, @Nullable Unit unit, long value) {
    GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(help);
    if (unit != null) {
      gauge.unit(unit);
    }
    all.metricSnapshot(
        gauge
            .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder().value((double) value).build())
            .build());
  }
}
