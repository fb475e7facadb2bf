package io.cashew.proxy.metrics;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What queries may name: the series of a scrape, their labels, and what Prometheus adds. */
final class PublishedNames {

  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"");

  /** Prometheus' own series and labels, and a summary that begins with the first collection. */
  private static final Set<String> LATER =
      Set.of("up", "jvm_gc_pause_seconds_sum", "jvm_gc_pause_seconds_count");

  private static final Set<String> OF_PROMETHEUS = Set.of("job", "instance");

  private final Set<String> metrics = new HashSet<>(LATER);
  private final Set<String> labels = new HashSet<>(OF_PROMETHEUS);
  private final Set<String> kinds =
      Metrics.all()
          .flatMap(row -> row.kinds().stream())
          .map(Kind::label)
          .collect(Collectors.toSet());

  /** A registry in which each row is published at least once. */
  static MetricsRegistry everything() {
    MetricsRegistry registry = new MetricsRegistry(new Build("1", "17", "nio"));
    registry.addProcess(new ProcessState(1, () -> 0, 1, new TraceCounts()));
    registry.addAdmin(new AdminCounts());
    registry.addConfig(new ConfigState(1));
    registry.configDigest("d");
    PoolRecorder pool = new PoolRecorder();
    pool.commands.of(0, "get", "string");
    pool.rules.of("user:*");
    registry.addPool("p", 0, pool);
    registry.addTopKeys(
        "p", () -> List.of(new TopKey(1, null, 1)), () -> List.of(new TopKey(1, "key", 1)));
    registry.addAccessLog("p", new AccessLogState(() -> 0));
    registry.addTls("p", "clients", new TlsState());
    registry.addPrimary("p", "n", new PrimaryState());
    registry.addSentinels("p", new SentinelState(() -> 0, () -> 0));
    registry.addCluster("p", new ClusterState(() -> 0, () -> 0, () -> 0, () -> 0, () -> 0));
    registry.addNode("p", "n", 0, new NodeRecorder());
    registry.addNodeState("p", "n", new NodeState());
    registry.addServer("p", "n", "h:1", new ServerState(true));
    return registry;
  }

  PublishedNames() {
    try (MetricsRegistry registry = everything()) {
      for (String series : Series.of(registry).keySet()) {
        metrics.add(series.replaceFirst("\\{.*", ""));
        Matcher label = LABEL.matcher(series);
        while (label.find()) {
          labels.add(label.group(1));
        }
      }
    }
  }

  /** Asserts that a query names nothing that is not published. */
  void assertKnown(String query) {
    PrometheusQuery named = PrometheusQuery.of(query);
    assertTrue(!named.metrics().isEmpty(), "names no metric: " + query);
    Set<String> unknown =
        Stream.of(
                missing(named.metrics(), metrics),
                missing(named.labels(), labels),
                missing(named.kinds(), kinds))
            .flatMap(Set::stream)
            .collect(Collectors.toSet());
    assertTrue(unknown.isEmpty(), () -> "nobody publishes " + unknown + ": " + query);
  }

  private static Set<String> missing(Set<String> named, Set<String> published) {
    Set<String> missing = new HashSet<>(named);
    missing.removeAll(published);
    return missing;
  }
}
