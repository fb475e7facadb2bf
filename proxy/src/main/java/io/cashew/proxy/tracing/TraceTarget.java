package io.cashew.proxy.tracing;

import java.net.URI;
import java.time.Duration;
import java.util.Map;

/**
 * Which requests become spans, and who takes them.
 *
 * @param endpoint where they are sent to: the whole address, with its path
 * @param headers that are sent with them, by name
 * @param timeout of one export, attempts included
 * @param serviceName as whose they are shown
 * @param version of the program
 * @param sample the share of requests that become spans whatever they are, from 0 to 1
 * @param slowNanos a request that takes longer becomes one; {@link Long#MAX_VALUE}: none does
 * @param keys whether spans have the first key
 */
public record TraceTarget(
    URI endpoint,
    Map<String, String> headers,
    Duration timeout,
    String serviceName,
    String version,
    double sample,
    long slowNanos,
    boolean keys) {
  public TraceTarget {
    headers = Map.copyOf(headers);
  }

  /** Without the headers, which may be secrets. */
  @Override
  public String toString() {
    return serviceName + " -> " + endpoint;
  }
}
