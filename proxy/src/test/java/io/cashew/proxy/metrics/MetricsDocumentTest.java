package io.cashew.proxy.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docs/metrics.md} says what the rows say, because it is written from them. */
class MetricsDocumentTest {

  private static final Path FILE = Path.of("..", "docs", "metrics.md");
  private static final String WRITE =
      "mvn -pl hashing,proxy test -Dtest=MetricsDocumentTest -Dsurefire.failIfNoSpecifiedTests=false"
          + " -Dcashew.write=true";

  @Test
  void theDocumentIsWrittenFromTheRows() throws IOException {
    if (Boolean.getBoolean("cashew.write")) {
      Files.createDirectories(FILE.getParent());
      Files.writeString(FILE, document());
    }
    assertEquals(
        document(),
        Files.exists(FILE) ? Files.readString(FILE) : "",
        "docs/metrics.md is not what the rows say. Write it again: " + WRITE);
  }

  private static String document() {
    return """
        # Metrics

        `GET /metrics` on the admin address, as Prometheus text or as OpenMetrics, whichever the
        scraper asks for in `Accept`. This page is written from the rows in `Metrics.java`; after a
        change of a row, write it again:

        ```
        """
        + WRITE
        + """

        ```

        Every number is counted by the worker that sees it happen and summed when it is scraped.
        Counters start at 0 with the process. A node that is removed and added again by a change of
        the configuration starts at 0 too, which `rate()` understands. A series exists from the
        start, with the value 0, so that the first error is already an increase.

        ## Pools (label `pool`)

        """
        + table(Metrics.POOL)
        + """

        ## Commands (labels `pool`, `family`) and keys (labels `pool`, `rank`)

        """
        + table(Metrics.FAMILY)
        + table(Metrics.HOT_KEY, "")
        + table(Metrics.BIG_KEY, "")
        + table(Metrics.ACCESS_LOG, "")
        + """

        A family is one of Redis's groups of commands: `string`, `hash`, `sorted-set` …, or
        `memcached`, which is all of memcached's. Its series begin with the first request of the family. Requests that wait by intent (`BLPOP`) are not
        in the histogram; `INFO commandstats` and `INFO latencystats` tell of single commands. A
        rank is 1 to 10; the names of keys are there only with `hot-keys.label-keys`. The access
        log's row is there where a pool has one.

        ## Rules of caches (labels `pool`, `rule`)

        """
        + table(Metrics.CACHE_RULE)
        + """

        Of a pool with `cache.rules`, for each rule by its pattern; those behind the first hundred share
        the rule `(others)`.

        ## Certificates (labels `pool`, `side`)

        """
        + table(Metrics.TLS)
        + """

        The side is `clients` (`tls`) or `nodes` (`node-tls`); a side that speaks no TLS has no series.

        ## Sentinels (label `pool`)

        """
        + table(Metrics.SENTINELS)
        + """

        `/api/topology` names them. Unless more than half answer, no other primary is believed.

        ## Clusters (label `pool`)

        """
        + table(Metrics.CLUSTER)
        + """

        Of a pool with `cluster`; the others have zeros. `/api/topology` has the slots of each node.

        ## Nodes (labels `pool`, `node`)

        """
        + table(Metrics.NODE)
        + table(Metrics.NODE_STATE, "")
        + table(Metrics.NODE_PRIMARY, "")
        + """

        Latency is counted from the write of a request, not from its arrival: it is the node and the
        network, not the proxy. Buckets are 100 µs and its doublings to 13.1 s, in seconds:
        `0.0001`, `0.0002`, … `13.1072`, `+Inf`.

        ## Servers of nodes that have replicas to read from (labels `pool`, `node`, `server`)

        """
        + table(Metrics.SERVER)
        + """

        ## The process

        """
        + table(Metrics.PROCESS)
        + table(Metrics.PROCESS_STATE, "")
        + table(Metrics.ADMIN, "")
        + table(Metrics.CONFIG_DIGEST, "")
        + table(Metrics.CONFIG, "")
        + """

        `cashew_build_info` has the labels `version`, `java` and `transport`, `cashew_config_info`
        has `digest`, by which a fleet shows who runs what. The JVM's own numbers
        and the process's have the names that Prometheus's libraries have agreed on
        (`process_cpu_seconds_total`, `process_open_fds`, `process_max_fds`,
        `process_resident_memory_bytes`, `process_virtual_memory_bytes`,
        `process_start_time_seconds`, `jvm_memory_*_bytes`, `jvm_threads_current`,
        `jvm_gc_collection_seconds`), and besides those of micrometer: `jvm_buffer_*`, `jvm_gc_*`,
        `jvm_threads_*`, `system_cpu_usage`, `process_cpu_usage`, `process_files_*`,
        `process_uptime_seconds`.

        A scraper that sends `Accept-Encoding: gzip`, as Prometheus does, gets the page compressed: of
        500 nodes and two workers 3.5 MB as text are 141 KB, and to write and compress them takes 57 ms of a processor (`GzipTest`
        tells both).

        ## Kinds (label `kind`)

        """
        + kinds("cashew_node_failures_total", FailureKind.values())
        + "\n"
        + kinds("cashew_node_verdicts_total", KindOfVerdict.ALL.toArray(Kind[]::new))
        + "\n"
        + kinds("cashew_error_replies_total", RefusalKind.values())
        + "\n"
        + kinds("cashew_client_errors_total", ClientErrorKind.values())
        + "\n"
        + kinds("cashew_admin_actions_total", ActionKind.values())
        + "\n"
        + kinds("cashew_webhook_events_total", WebhookResult.values())
        + kinds("cashew_trace_spans_total", TraceResult.values())
        + "\nThe kinds of `cashew_events_total` are those of [events](operations.md#what-has-happened).\n"
        + """

        ## Questions, and the queries that answer them

        ```
        requests a second, by pool           sum by (pool) (rate(cashew_requests_total[1m]))
        p99 of each node                     histogram_quantile(0.99, sum by (pool, node, le) (rate(cashew_node_latency_seconds_bucket[5m])))
        share of requests that a node failed sum by (pool, node) (rate(cashew_node_failures_total[5m])) / sum by (pool, node) (rate(cashew_node_requests_total[5m]))
        nodes that are out                   cashew_node_ejected == 1 or cashew_node_circuit_open == 1 or cashew_node_maintenance == 1
        share of the workers' time in use    rate(process_cpu_seconds_total[5m]) / on (job, instance) cashew_workers
        which side has the problem           sum by (pool, kind) (rate(cashew_error_replies_total[5m]))
        ```
        """;
  }

  private static <R> String table(List<Metric<R>> rows) {
    return table(rows, "| metric | type | what it says |\n| --- | --- | --- |\n");
  }

  private static <R> String table(List<Metric<R>> rows, String head) {
    return rows.stream()
        .map(
            row ->
                "| `%s`%s | %s | %s |\n"
                    .formatted(
                        row.name(),
                        row.kinds().isEmpty() ? "" : " `{kind}`",
                        row.type().label(),
                        row.help()))
        .collect(Collectors.joining("", head, ""));
  }

  private static String kinds(String name, Kind[] kinds) {
    return List.of(kinds).stream()
        .map(kind -> Map.entry(kind.label(), kind.help()))
        .map(kind -> "| `%s` | %s |\n".formatted(kind.getKey(), kind.getValue()))
        .collect(Collectors.joining("", "| `" + name + "` | why |\n| --- | --- |\n", ""));
  }
}
