package io.cashew.proxy.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * {@code deploy/grafana/cashew.json}, made of the rows of {@link Metrics}: a panel names rows, and
 * takes its queries and its description from them. What the panels below do not name gets a panel
 * of its own in the last section, so that a new row is on the dashboard without a line here.
 */
final class GrafanaDashboard {

  private static final Map<String, String> DATASOURCE =
      Map.of("type", "prometheus", "uid", "${datasource}");
  private static final int WIDTH = 24;
  private static final int HEIGHT = 8;
  private static final int STAT_HEIGHT = 4;

  /** One line of a panel: what is asked, and what its series are called. */
  private record Query(String expression, String legend, Set<Metric<?>> about) {}

  /** A panel; {@code type} is Grafana's name for its kind. */
  private record Panel(
      String title, String type, String unit, int width, String note, List<Query> queries) {

    Panel wide(int columns) {
      return new Panel(title, type, unit, columns, note, queries);
    }

    Panel note(String text) {
      return new Panel(title, type, unit, width, text, queries);
    }

    int height() {
      return type.equals("stat") ? STAT_HEIGHT : HEIGHT;
    }
  }

  private record Section(String title, boolean collapsed, List<Panel> panels) {}

  private static Section section(String title, Panel... panels) {
    return new Section(title, false, List.of(panels));
  }

  private static Panel graph(String title, String unit, Query... queries) {
    return new Panel(title, "timeseries", unit, 8, "", List.of(queries));
  }

  private static Panel stat(String title, String unit, String note, Query query) {
    return new Panel(title, "stat", unit, 3, note, List.of(query));
  }

  private static Metric<?> metric(String name) {
    return Metrics.all()
        .filter(row -> row.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no row has the name " + name));
  }

  private static boolean isOfNode(Metric<?> row) {
    return Stream.of(Metrics.NODE, Metrics.NODE_STATE, Metrics.NODE_PRIMARY, Metrics.SERVER)
        .flatMap(List::stream)
        .anyMatch(row::equals);
  }

  private static boolean isOfPool(Metric<?> row) {
    return Stream.of(
            Metrics.POOL,
            Metrics.FAMILY,
            Metrics.CACHE_RULE,
            Metrics.HOT_KEY,
            Metrics.BIG_KEY,
            Metrics.ACCESS_LOG,
            Metrics.SENTINELS,
            Metrics.CLUSTER)
        .flatMap(List::stream)
        .anyMatch(row::equals);
  }

  /** The series that the variables at the head of the dashboard select. */
  private static String selected(Metric<?> row, String suffix) {
    return row.name()
        + suffix
        + "{instance=~\"$instance\""
        + (isOfPool(row) || isOfNode(row) ? ",pool=~\"$pool\"" : "")
        + (isOfNode(row) ? ",node=~\"$node\"" : "")
        + "}";
  }

  /** What is asked about a row: a rate of what counts, else the number; summed by these labels. */
  private static Query by(String labels, String legend, String name) {
    Metric<?> row = metric(name);
    String series = selected(row, "");
    String number =
        switch (row.type()) {
          case COUNTER -> "rate(" + series + "[$__rate_interval])";
          case GAUGE, INFO -> series;
          case HISTOGRAM ->
              throw new IllegalArgumentException(name + " is asked for by its buckets");
        };
    String sum = labels.isEmpty() ? "sum(" : "sum by (" + labels + ") (";
    return new Query(sum + number + ")", legend, Set.of(row));
  }

  private static Query byPool(String name) {
    return by("pool", "{{pool}}", name);
  }

  private static Query byPool(String what, String name) {
    return by("pool", "{{pool}} " + what, name);
  }

  private static Query byNode(String name) {
    return by("pool, node", "{{pool}} {{node}}", name);
  }

  private static Query byKind(String name) {
    return by("kind", "{{kind}}", name);
  }

  private static Query byInstance(String name) {
    return by("instance", "{{instance}}", name);
  }

  private static Query total(String legend, String name) {
    return by("", legend, name);
  }

  private static Query latency(double quantile, String labels, String legend) {
    return latency("cashew_node_latency_seconds", quantile, labels, legend);
  }

  private static Query latency(String name, double quantile, String labels, String legend) {
    Metric<?> row = metric(name);
    return new Query(
        "histogram_quantile("
            + quantile
            + ", sum by ("
            + labels
            + "le) (rate("
            + selected(row, "_bucket")
            + "[$__rate_interval])))",
        legend,
        Set.of(row));
  }

  /** A query that says more than a row alone; {@code about} are the rows that it names. */
  private static Query query(String expression, String legend, String... about) {
    return new Query(
        expression,
        legend,
        Stream.of(about)
            .map(GrafanaDashboard::metric)
            .collect(Collectors.toCollection(LinkedHashSet::new)));
  }

  private static Panel latencyHeatmap() {
    Metric<?> row = metric("cashew_node_latency_seconds");
    return new Panel(
        "How long replies of nodes take",
        "heatmap",
        "s",
        12,
        "",
        List.of(
            new Query(
                "sum by (le) (increase(" + selected(row, "_bucket") + "[$__rate_interval]))",
                "{{le}}",
                Set.of(row))));
  }

  private static final String OURS = "job=\"cashew\",instance=~\"$instance\"";

  private static List<Section> curated() {
    return List.of(
        section(
            "At a glance",
            stat(
                "Proxies",
                "none",
                "",
                query(
                    "count(" + selected(metric("cashew_build_info"), "") + ")",
                    "",
                    "cashew_build_info")),
            stat("Requests", "reqps", "", total("", "cashew_requests_total")),
            stat("Clients", "none", "", total("", "cashew_clients")),
            stat("p99 of nodes", "s", "", latency(0.99, "", "")),
            stat(
                "Errors of the proxy",
                "percentunit",
                "Share of the replies that are errors of the proxy itself",
                query(
                    "sum(rate("
                        + selected(metric("cashew_error_replies_total"), "")
                        + "[$__rate_interval])) / sum(rate("
                        + selected(metric("cashew_replies_total"), "")
                        + "[$__rate_interval]))",
                    "",
                    "cashew_error_replies_total",
                    "cashew_replies_total")),
            stat(
                "Nodes down",
                "none",
                "Nodes that at least one proxy has given up on",
                query(
                    "sum(max by (pool, node) ("
                        + selected(metric("cashew_node_circuit_open"), "")
                        + "))",
                    "",
                    "cashew_node_circuit_open")),
            stat(
                "Nodes ejected",
                "none",
                "Nodes whose keys go to others at one proxy at least",
                query(
                    "sum(max by (pool, node) ("
                        + selected(metric("cashew_node_ejected"), "")
                        + "))",
                    "",
                    "cashew_node_ejected")),
            stat(
                "Busiest proxy",
                "percentunit",
                "Processor time of the proxy that uses most, as a share of what its workers can use",
                query(
                    "max(rate(process_cpu_seconds_total{"
                        + OURS
                        + "}[$__rate_interval]) / on (job, instance) "
                        + selected(metric("cashew_workers"), "")
                        + ")",
                    "",
                    "cashew_workers"))),
        section(
            "Pools",
            graph("Requests", "reqps", byPool("cashew_requests_total")),
            graph(
                "Bytes",
                "Bps",
                byPool("in", "cashew_request_bytes_total"),
                byPool("out", "cashew_reply_bytes_total")),
            graph("Requests in flight", "none", byPool("cashew_requests_in_flight")),
            graph(
                "Requests for several nodes",
                "reqps",
                byPool("requests", "cashew_multi_key_requests_total"),
                byPool("fragments", "cashew_fragments_total")),
            graph("Replies", "reqps", byPool("cashew_replies_total")),
            graph("Replies that needed no node", "reqps", byPool("cashew_local_replies_total"))),
        section(
            "Nodes",
            graph("Requests", "reqps", byNode("cashew_node_requests_total"))
                .note(
                    "Uneven here means uneven keys, or a hot one: cashew check and cashew route."),
            graph("Requests in flight", "none", byNode("cashew_node_requests_in_flight")),
            graph(
                "Bytes",
                "Bps",
                by("pool, node", "{{pool}} {{node}} in", "cashew_node_request_bytes_total"),
                by("pool, node", "{{pool}} {{node}} out", "cashew_node_reply_bytes_total")),
            graph(
                "Proxies that have given up on a node",
                "none",
                by("pool, node", "{{pool}} {{node}}", "cashew_node_circuit_open")),
            graph(
                "Proxies that have ejected a node",
                "none",
                by("pool, node", "{{pool}} {{node}}", "cashew_node_ejected")),
            graph(
                "Proxies that have a node out for maintenance",
                "none",
                by("pool, node", "{{pool}} {{node}}", "cashew_node_maintenance")),
            graph(
                    "Failovers",
                    "none",
                    query(
                        "max by (pool, node) (increase("
                            + selected(metric("cashew_node_failovers_total"), "")
                            + "[$__rate_interval]))",
                        "{{pool}} {{node}}",
                        "cashew_node_failovers_total"))
                .note("Another server took over as primary; /api/topology says which, and when."),
            graph(
                "Proxies that know no primary of a node",
                "none",
                byNode("cashew_node_without_primary")),
            graph(
                    "Proxies that see two primaries of a node",
                    "none",
                    byNode("cashew_node_two_primaries"))
                .note("Only one gets writes; /api/topology names the others: run REPLICAOF there."),
            graph(
                    "Slots of a Cluster without a server",
                    "none",
                    query(
                        "max by (pool) ("
                            + selected(metric("cashew_cluster_uncovered_slots"), "")
                            + ")",
                        "{{pool}}",
                        "cashew_cluster_uncovered_slots"))
                .note("Requests for their keys get CLUSTERDOWN."),
            graph(
                    "Sentinels",
                    "none",
                    query(
                        "max by (pool) (" + selected(metric("cashew_sentinels"), "") + ") > 0",
                        "{{pool}} known",
                        "cashew_sentinels"),
                    query(
                        "min by (pool) ("
                            + selected(metric("cashew_sentinels_reachable"), "")
                            + " and on (instance, pool) "
                            + selected(metric("cashew_sentinels"), "")
                            + " > 0)",
                        "{{pool}} reachable",
                        "cashew_sentinels_reachable",
                        "cashew_sentinels"))
                .note("Reachable: from the proxy that reaches fewest."),
            graph("Requests without a reply", "reqps", byNode("cashew_node_failures_total")),
            graph("Bytes that a node has not taken", "bytes", byNode("cashew_node_queue_bytes")),
            graph("Connections", "none", byNode("cashew_node_connections")),
            graph(
                "Connections made, failed and lost",
                "ops",
                total("made", "cashew_node_connects_total"),
                total("failed", "cashew_node_connect_failures_total"),
                total("lost", "cashew_node_disconnects_total"))),
        section(
            "Latency",
            latencyHeatmap(),
            graph(
                    "Quantiles over all nodes",
                    "s",
                    latency(0.5, "", "p50"),
                    latency(0.99, "", "p99"),
                    latency(0.999, "", "p99.9"))
                .wide(12),
            graph("p50 by node", "s", latency(0.5, "pool, node, ", "{{pool}} {{node}}")).wide(12),
            graph("p99 by node", "s", latency(0.99, "pool, node, ", "{{pool}} {{node}}")).wide(12)),
        section(
            "Rules of caches",
            graph(
                    "Values from memory",
                    "reqps",
                    by("pool, rule", "{{pool}} {{rule}}", "cashew_cache_hits_total"),
                    by(
                        "pool, rule",
                        "{{pool}} {{rule}} no such key",
                        "cashew_cache_missing_hits_total"),
                    by("pool, rule", "{{pool}} {{rule}} asked", "cashew_cache_misses_total"))
                .note("Asked: of a node, since memory did not have it."),
            graph(
                    "What ends it",
                    "ops",
                    by("pool, rule", "{{pool}} {{rule}}", "cashew_cache_invalidations_total"),
                    by("pool, rule", "{{pool}} {{rule}} made room", "cashew_cache_evictions_total"),
                    by(
                        "pool, rule",
                        "{{pool}} {{rule}} not kept",
                        "cashew_cache_fills_dropped_total"))
                .note("Messages of nodes, and replies that were overtaken by news of their key."),
            graph(
                    "In place of a node's answer",
                    "ops",
                    by("pool, rule", "{{pool}} {{rule}} waits", "cashew_cache_lease_waits_total"),
                    by("pool, rule", "{{pool}} {{rule}} stale", "cashew_cache_stale_total"),
                    by(
                        "pool, rule",
                        "{{pool}} {{rule}} waited in vain",
                        "cashew_cache_lease_timeouts_total"),
                    by(
                        "pool, rule",
                        "{{pool}} {{rule}} on error",
                        "cashew_cache_stale_on_error_total"))
                .note("Waits: until another client has loaded the key. On error: what was kept."),
            graph(
                "Bytes that are kept",
                "bytes",
                by("pool, rule", "{{pool}} {{rule}}", "cashew_cache_bytes")),
            graph(
                "Keys that are kept",
                "none",
                by("pool, rule", "{{pool}} {{rule}}", "cashew_cache_entries")),
            graph(
                    "Proxies that do not hear a node",
                    "none",
                    by("pool, node", "{{pool}} {{node}}", "cashew_node_cache_unheard"))
                .note("They give nothing of it from memory."),
            graph(
                    "Requests refused because of a rate",
                    "reqps",
                    by("pool, rule", "{{pool}} {{rule}}", "cashew_cache_rate_limited_total"))
                .note("They get -RATELIMITED."),
            graph(
                "Requests for keys that do not exist, answered here",
                "reqps",
                by("pool, rule", "{{pool}} {{rule}}", "cashew_cache_guarded_total")),
            graph(
                "Deletions repeated, and not",
                "reqps",
                by("pool, rule", "{{pool}} {{rule}}", "cashew_cache_redeleted_total"),
                by("pool, rule", "{{pool}} {{rule}} lost", "cashew_cache_redeletes_lost_total")),
            graph(
                "Deletions that wait to be repeated",
                "short",
                by("pool, rule", "{{pool}} {{rule}}", "cashew_cache_redeletes_pending"))),
        section(
            "Commands and keys",
            graph(
                    "p99 by family of commands",
                    "s",
                    latency("cashew_request_latency_seconds", 0.99, "family, ", "{{family}}"))
                .note("From a request's arrival here to the end of its reply."),
            graph("Slow requests", "reqps", byPool("cashew_slow_requests_total")),
            graph(
                "Errors by family",
                "reqps",
                by("family", "{{family}}", "cashew_command_errors_total")),
            graph(
                    "Hottest keys",
                    "reqps",
                    by("pool, rank", "{{pool}} {{rank}}", "cashew_hot_key_requests_per_second"))
                .note("HOTKEYS and /api/hotkeys name them."),
            graph(
                    "Largest requests and replies",
                    "bytes",
                    by("pool, rank", "{{pool}} {{rank}}", "cashew_big_key_bytes"))
                .note("HOTKEYS BIG and /api/hotkeys name their keys."),
            graph(
                "Lines of the access log that were lost",
                "ops",
                byPool("cashew_access_log_dropped_total"))),
        section(
            "Errors by kind",
            graph("Errors of the proxy", "reqps", byKind("cashew_error_replies_total")),
            graph(
                "Requests that got no reply of a node",
                "reqps",
                byKind("cashew_node_failures_total")),
            graph("Clients lost or closed", "ops", byKind("cashew_client_errors_total")),
            graph("Errors that nodes answer", "reqps", byNode("cashew_node_error_replies_total")),
            graph(
                "Replies that nobody had asked for",
                "ops",
                byNode("cashew_node_unexpected_replies_total")),
            graph(
                "Circuits opened and nodes ejected",
                "ops",
                total("opened", "cashew_node_circuit_openings_total"),
                total("ejected", "cashew_node_ejections_total")),
            graph("Actions at the admin address", "ops", byKind("cashew_admin_actions_total")),
            graph("Events by kind", "ops", byKind("cashew_events_total")),
            graph("Events for the webhook", "ops", byKind("cashew_webhook_events_total")),
            graph("Spans of requests", "ops", byKind("cashew_trace_spans_total")),
            graph(
                "Actions that could not be done",
                "ops",
                byKind("cashew_admin_actions_refused_total"))),
        section(
            "Clients",
            graph("Clients", "none", byPool("cashew_clients")),
            graph("Clients by proxy", "none", byInstance("cashew_clients")),
            graph(
                "Clients that come",
                "ops",
                byPool("accepted", "cashew_clients_accepted_total"),
                byPool("refused", "cashew_clients_refused_total")),
            graph(
                    "Times a client was not read from",
                    "ops",
                    byPool("cashew_client_read_pauses_total"))
                .note("Many a second: clients send more than nodes, or they themselves, can take."),
            graph(
                "Replies that clients have not taken",
                "bytes",
                byPool("cashew_reply_queue_bytes"))),
        section(
            "Pub/sub",
            graph(
                "Subscriptions",
                "none",
                byPool("clients", "cashew_subscribers"),
                byPool("channels", "cashew_channel_subscriptions"),
                byPool("patterns", "cashew_pattern_subscriptions")),
            graph(
                "Messages",
                "ops",
                byPool("delivered", "cashew_messages_delivered_total"),
                by("pool", "{{pool}} of nodes", "cashew_node_messages_total")),
            graph("Connections that listen", "none", byNode("cashew_node_subscriber_connections"))),
        section(
            "Memory and processor",
            graph(
                "Buffers",
                "bytes",
                byInstance("cashew_memory_bytes"),
                by("instance", "{{instance}} limit", "cashew_memory_limit_bytes")),
            graph(
                    "Heap",
                    "bytes",
                    query(
                        "sum by (instance) (jvm_memory_used_bytes{" + OURS + ",area=\"heap\"})",
                        "{{instance}}"))
                .note("The JVM's own; requests and replies are in buffers, not here."),
            graph(
                    "Direct memory",
                    "bytes",
                    query(
                        "sum by (instance) (jvm_buffer_memory_used_bytes{"
                            + OURS
                            + ",id=\"direct\"})",
                        "{{instance}}"))
                .note("What buffers are cut from; kept for the next burst."),
            graph(
                    "Workers' time in use",
                    "percentunit",
                    query(
                        "rate(process_cpu_seconds_total{"
                            + OURS
                            + "}[$__rate_interval]) / on (job, instance) "
                            + selected(metric("cashew_workers"), ""),
                        "{{instance}}",
                        "cashew_workers"))
                .note("Processor time of the process as a share of what its workers can use."),
            graph(
                    "Pauses for collections",
                    "percentunit",
                    query(
                        "sum by (instance) (rate(jvm_gc_pause_seconds_sum{"
                            + OURS
                            + "}[$__rate_interval]))",
                        "{{instance}}"))
                .note("Share of the time. Nothing is there before the first collection."),
            graph(
                    "File descriptors in use",
                    "percentunit",
                    query(
                        "process_open_fds{" + OURS + "} / process_max_fds{" + OURS + "}",
                        "{{instance}}"))
                .note("Each client and each connection to a node is one."),
            graph("Uptime", "s", query("process_uptime_seconds{" + OURS + "}", "{{instance}}"))
                .note("A step down is a restart."),
            graph(
                "Versions",
                "none",
                query(
                    "count by (version, transport) ("
                        + selected(metric("cashew_build_info"), "")
                        + ")",
                    "{{version}} on {{transport}}",
                    "cashew_build_info"))));
  }

  /** A panel for each row that no panel names. */
  private static Section others(List<Section> curated) {
    Set<Metric<?>> named =
        curated.stream()
            .flatMap(section -> section.panels().stream())
            .flatMap(panel -> panel.queries().stream())
            .flatMap(query -> query.about().stream())
            .collect(Collectors.toSet());
    return new Section(
        "Everything else",
        true,
        Metrics.all().filter(row -> !named.contains(row)).map(GrafanaDashboard::plain).toList());
  }

  private static Panel plain(Metric<?> row) {
    String unit =
        switch (row.type()) {
          case COUNTER -> row.name().endsWith("_bytes_total") ? "Bps" : "ops";
          case GAUGE, INFO -> row.name().endsWith("_bytes") ? "bytes" : "none";
          case HISTOGRAM -> "s";
        };
    String kind = row.kinds().isEmpty() ? "" : ", kind";
    String legend = row.kinds().isEmpty() ? "" : " {{kind}}";
    if (row.type() == MetricType.HISTOGRAM) {
      Query p99 =
          new Query(
              "histogram_quantile(0.99, sum by (le) (rate("
                  + selected(row, "_bucket")
                  + "[$__rate_interval])))",
              "p99",
              Set.of(row));
      return graph(row.name(), unit, p99);
    }
    if (isOfNode(row)) {
      return graph(
          row.name(), unit, by("pool, node" + kind, "{{pool}} {{node}}" + legend, row.name()));
    }
    return isOfPool(row)
        ? graph(row.name(), unit, by("pool" + kind, "{{pool}}" + legend, row.name()))
        : graph(row.name(), unit, by("instance" + kind, "{{instance}}" + legend, row.name()));
  }

  /** The dashboard as JSON. */
  static String json() {
    List<Section> sections = new ArrayList<>(curated());
    Section others = others(sections);
    if (!others.panels().isEmpty()) {
      sections.add(others);
    }
    return Json.text(
            fields(
                "uid",
                "cashew",
                "title",
                "Cashew",
                "tags",
                List.of("cashew", "redis"),
                "description",
                "Written from the rows in Metrics.java",
                "schemaVersion",
                39,
                "editable",
                true,
                "graphTooltip",
                1,
                "refresh",
                "30s",
                "time",
                fields("from", "now-1h", "to", "now"),
                "templating",
                fields("list", variables()),
                "panels",
                panels(sections)))
        + "\n";
  }

  private static List<Object> variables() {
    return List.of(
        fields(
            "name",
            "datasource",
            "label",
            "data source",
            "type",
            "datasource",
            "query",
            "prometheus"),
        variable("instance", "proxy", "label_values(cashew_build_info, instance)"),
        variable("pool", "pool", "label_values(cashew_clients{instance=~\"$instance\"}, pool)"),
        variable(
            "node",
            "node",
            "label_values(cashew_node_circuit_open{instance=~\"$instance\",pool=~\"$pool\"}, node)"));
  }

  private static Map<String, Object> variable(String name, String label, String query) {
    return fields(
        "name",
        name,
        "label",
        label,
        "type",
        "query",
        "datasource",
        DATASOURCE,
        "definition",
        query,
        "query",
        fields("qryType", 1, "query", query, "refId", name),
        "refresh",
        2,
        "sort",
        1,
        "multi",
        true,
        "includeAll",
        true,
        "allValue",
        ".*",
        "current",
        fields("selected", true, "text", List.of("All"), "value", List.of("$__all")));
  }

  /** The sections from top to bottom, the panels of each from left to right. */
  private static List<Object> panels(List<Section> sections) {
    List<Object> all = new ArrayList<>();
    int id = 1;
    int top = 0;
    for (Section section : sections) {
      List<Object> placed = new ArrayList<>();
      Map<String, Object> head =
          fields(
              "id", id++,
              "type", "row",
              "title", section.title(),
              "collapsed", section.collapsed(),
              "gridPos", place(0, top++, WIDTH, 1));
      int left = 0;
      int height = 0;
      for (Panel panel : section.panels()) {
        if (left + panel.width() > WIDTH) {
          left = 0;
          top += height;
        }
        height = panel.height();
        placed.add(panel(id++, panel, place(left, top, panel.width(), height)));
        left += panel.width();
      }
      top += height;
      // Grafana keeps the panels of a section that is folded inside of its head.
      head.put("panels", section.collapsed() ? placed : List.of());
      all.add(head);
      if (!section.collapsed()) {
        all.addAll(placed);
      }
    }
    return all;
  }

  private static Map<String, Object> place(int x, int y, int width, int height) {
    return fields("x", x, "y", y, "w", width, "h", height);
  }

  private static Map<String, Object> panel(int id, Panel panel, Map<String, Object> place) {
    List<Object> targets = new ArrayList<>();
    for (Query query : panel.queries()) {
      targets.add(
          fields(
              "refId", String.valueOf((char) ('A' + targets.size())),
              "datasource", DATASOURCE,
              "expr", query.expression(),
              "legendFormat", query.legend(),
              "format", panel.type().equals("heatmap") ? "heatmap" : "time_series"));
    }
    return fields(
        "id", id,
        "type", panel.type(),
        "title", panel.title(),
        "description", description(panel),
        "datasource", DATASOURCE,
        "gridPos", place,
        "fieldConfig",
            fields("defaults", fields("unit", panel.unit(), "min", 0), "overrides", List.of()),
        "options", options(panel.type()),
        "targets", targets);
  }

  /** The help of each row, and what else there is to say. */
  private static String description(Panel panel) {
    return Stream.concat(
            panel.queries().stream()
                .flatMap(query -> query.about().stream())
                .distinct()
                .map(row -> row.name() + ": " + row.help()),
            Stream.of(panel.note()))
        .filter(line -> !line.isEmpty())
        .collect(Collectors.joining("\n\n"));
  }

  private static Map<String, Object> options(String type) {
    return switch (type) {
      case "stat" ->
          fields("graphMode", "area", "reduceOptions", fields("calcs", List.of("lastNotNull")));
      case "heatmap" ->
          fields(
              "calculate", false,
              "yAxis", fields("unit", "s"),
              "color", fields("mode", "scheme", "scheme", "Oranges", "steps", 64),
              "tooltip", fields("mode", "single"));
      case "timeseries" ->
          fields(
              "legend", fields("displayMode", "list", "placement", "bottom"),
              "tooltip", fields("mode", "multi", "sort", "desc"));
      default -> throw new IllegalArgumentException("no options are known for " + type);
    };
  }

  /** A JSON object, its fields in this order. */
  private static Map<String, Object> fields(Object... namesAndValues) {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fields.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return fields;
  }

  private GrafanaDashboard() {}
}
