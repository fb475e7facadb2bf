package io.cashew.proxy.metrics;

import io.prometheus.metrics.model.snapshots.Labels;

/**
 * What runs: the labels of {@code cashew_build_info}.
 *
 * @param version of Cashew
 * @param java version of the JVM
 * @param transport how bytes reach the kernel: {@code epoll}, {@code nio}, {@code io_uring}
 */
public record Build(String version, String java, String transport) {

  Labels labels() {
    return Labels.of("version", version, "java", java, "transport", transport);
  }
}
