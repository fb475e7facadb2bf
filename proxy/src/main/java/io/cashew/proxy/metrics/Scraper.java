package io.cashew.proxy.metrics;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.MultiCollector;
import java.io.IOException;
import java.io.OutputStream;
import java.util.stream.Stream;

/**
 * Writes the rows, and the JVM's numbers beside them. Used by one thread at a time.
 *
 * <p>Memory, collections, threads, processor, file descriptors and uptime come from micrometer's
 * binders, and what every process and JVM is asked for from {@link StandardMetrics}. Cashew's own
 * rows do not go through micrometer's meters, because it has none that reads a histogram off a
 * function: one collector hands them to the Prometheus registry below it.
 */
final class Scraper implements AutoCloseable {

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collections = new JvmGcMetrics();

  Scraper(MultiCollector rows) {
    registry.getPrometheusRegistry().register(rows);
    registry.getPrometheusRegistry().register(new StandardMetrics());
    // What StandardMetrics has under the name that everybody asks for, and what has no proper name.
    registry.config().meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"));
    registry.config().meterFilter(MeterFilter.denyNameStartsWith("system.cpu.count"));
    Stream.<MeterBinder>of(
            new JvmMemoryMetrics(),
            collections,
            new JvmThreadMetrics(),
            new ProcessorMetrics(),
            new FileDescriptorMetrics(),
            new UptimeMetrics())
        .forEach(binder -> binder.bindTo(registry));
  }

  void scrape(OutputStream out, Exposition exposition) throws IOException {
    registry.scrape(out, exposition.contentType());
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }
}
