package io.cashew.proxy.metrics;

import static io.cashew.proxy.metrics.Metric.row;
import static io.cashew.proxy.metrics.Metric.seconds;
import static io.cashew.proxy.metrics.MetricType.COUNTER;
import static io.cashew.proxy.metrics.MetricType.GAUGE;
import static io.cashew.proxy.metrics.MetricType.INFO;

import java.util.List;
import java.util.stream.Stream;

/**
 * Every metric of Cashew's own, one row each. {@code docs/metrics.md} is made from these rows. To
 * add one: a field in a recorder, a row here, and the document written again.
 */
final class Metrics {

  /** Labels pool. */
  static final List<Metric<PoolRecorder>> POOL =
      List.of(
          row("cashew_clients", GAUGE, "Clients connected now", r -> r.clients),
          row("cashew_clients_accepted_total", COUNTER, "Clients accepted", r -> r.clientsAccepted),
          row(
              "cashew_clients_refused_total",
              COUNTER,
              "Clients refused because of a limit on connections",
              r -> r.clientsRefused),
          row(
              "cashew_client_errors_total",
              COUNTER,
              "Clients closed by the proxy, or lost",
              ClientErrorKind.class,
              PoolRecorder::clientErrors),
          row(
              "cashew_client_read_pauses_total",
              COUNTER,
              "Times a client was not read from for a while because of a limit",
              r -> r.readPauses),
          row(
              "cashew_requests_total",
              COUNTER,
              "Whole requests read from clients",
              r -> r.requests),
          row(
              "cashew_request_bytes_total",
              COUNTER,
              "Bytes read from clients",
              r -> r.requestBytes),
          row(
              "cashew_requests_in_flight",
              GAUGE,
              "Requests of clients that have no reply yet",
              r -> r.inFlight),
          row(
              "cashew_replies_total",
              COUNTER,
              "Replies given to clients, errors included",
              r -> r.replies),
          row(
              "cashew_reply_bytes_total",
              COUNTER,
              "Bytes of replies given to clients",
              r -> r.replyBytes),
          row(
              "cashew_reply_queue_bytes",
              GAUGE,
              "Bytes of replies that clients have not taken yet",
              r -> r.queuedBytes),
          row(
              "cashew_error_replies_total",
              COUNTER,
              "Errors that the proxy answered itself, instead of a node's reply",
              RefusalKind.class,
              PoolRecorder::refusals),
          row(
              "cashew_local_replies_total",
              COUNTER,
              "Replies that needed no node, errors not included",
              r -> r.localReplies),
          row(
              "cashew_multi_key_requests_total",
              COUNTER,
              "Requests with several keys or for several nodes, split or not",
              r -> r.multiKeyRequests),
          row(
              "cashew_fragments_total",
              COUNTER,
              "Parts into which requests were split, one a node",
              r -> r.fragments),
          row(
              "cashew_retries_total",
              COUNTER,
              "Requests sent again: reads whose connection ended, and what a server refused",
              r -> r.retries),
          row(
              "cashew_subscribers",
              GAUGE,
              "Clients that are subscribed to something",
              r -> r.subscribers),
          row(
              "cashew_channel_subscriptions",
              GAUGE,
              "Subscriptions of clients to channels and shard channels",
              r -> r.channelSubscriptions),
          row(
              "cashew_pattern_subscriptions",
              GAUGE,
              "Subscriptions of clients to patterns",
              r -> r.patternSubscriptions),
          row(
              "cashew_messages_delivered_total",
              COUNTER,
              "Messages given to clients, one for each client and subscription",
              r -> r.messagesDelivered),
          row(
              "cashew_slow_requests_total",
              COUNTER,
              "Requests that took longer than slowlog.slower-than",
              r -> r.slowRequests));

  /** Labels pool, family. */
  static final List<Metric<CommandRecorder>> FAMILY =
      List.of(
          row(
              "cashew_request_latency_seconds",
              "Time from the arrival of a request to the end of its reply",
              r -> r.latency),
          row(
              "cashew_command_errors_total",
              COUNTER,
              "Requests that were answered with an error",
              r -> r.failed + r.rejected));

  /** Labels pool, rank, and key if the configuration says so. */
  static final List<Metric<TopKey>> HOT_KEY =
      List.of(
          row(
              "cashew_hot_key_requests_per_second",
              GAUGE,
              "About how many requests a second name one of the ten hottest keys",
              TopKey::value));

  /** Labels pool, rank, and key if the configuration says so. */
  static final List<Metric<TopKey>> BIG_KEY =
      List.of(
          row(
              "cashew_big_key_bytes",
              GAUGE,
              "Bytes of one of the ten largest requests and replies of the last minutes",
              TopKey::value));

  /** Labels pool. */
  static final List<Metric<AccessLogState>> ACCESS_LOG =
      List.of(
          row(
              "cashew_access_log_dropped_total",
              COUNTER,
              "Lines of the access log that the disk did not take in time",
              log -> log.dropped().getAsLong()));

  /** Labels pool, side. */
  static final List<Metric<TlsState>> TLS =
      List.of(
          row(
              "cashew_tls_files_unusable",
              GAUGE,
              "1 while files of tls or node-tls have changed and cannot be used, else 0",
              state -> state.failure() == null ? 0 : 1));

  /** Labels pool, node. */
  static final List<Metric<NodeRecorder>> NODE =
      List.of(
          row(
              "cashew_node_requests_total",
              COUNTER,
              "Requests and fragments handed to the node, written or not",
              r -> r.requests),
          row(
              "cashew_node_request_bytes_total",
              COUNTER,
              "Bytes of these requests",
              r -> r.requestBytes),
          row(
              "cashew_node_replies_total",
              COUNTER,
              "Replies of the node, errors included",
              r -> r.replies),
          row(
              "cashew_node_reply_bytes_total",
              COUNTER,
              "Bytes of these replies",
              r -> r.replyBytes),
          row(
              "cashew_node_error_replies_total",
              COUNTER,
              "Replies of the node that were errors",
              r -> r.errorReplies),
          row(
              "cashew_node_verdicts_total",
              COUNTER,
              "Errors of the node by which it has not executed the request",
              KindOfVerdict.ALL,
              (recorder, kind) -> recorder.verdicts(kind.verdict())),
          row(
              "cashew_node_failures_total",
              COUNTER,
              "Requests that got no reply of the node",
              FailureKind.class,
              NodeRecorder::failures),
          row(
              "cashew_node_reads_total",
              COUNTER,
              "Requests that only read, in pools that may read from replicas, by who was asked",
              ReadKind.class,
              NodeRecorder::reads),
          row(
              "cashew_node_requests_in_flight",
              GAUGE,
              "Requests for the node that have no reply yet",
              r -> r.inFlight),
          row(
              "cashew_node_queue_bytes",
              GAUGE,
              "Bytes for the node that the kernel has not taken yet",
              r -> r.queuedBytes),
          row(
              "cashew_node_connections",
              GAUGE,
              "Connections to the node that are ready, over all workers",
              r -> r.connections),
          row(
              "cashew_node_subscriber_connections",
              GAUGE,
              "Those of the connections that listen to channels and patterns",
              r -> r.subscriberConnections),
          row(
              "cashew_node_messages_total",
              COUNTER,
              "Messages of channels and patterns that the node has sent, once a worker",
              r -> r.messages),
          row("cashew_node_connects_total", COUNTER, "Attempts to connect", r -> r.connects),
          row(
              "cashew_node_connect_failures_total",
              COUNTER,
              "Attempts to connect that failed, before or in the handshake",
              r -> r.connectFailures),
          row(
              "cashew_node_disconnects_total",
              COUNTER,
              "Connections that ended after their handshake, for whatever reason",
              r -> r.disconnects),
          row(
              "cashew_node_unexpected_replies_total",
              COUNTER,
              "Replies that nobody had asked for; each closed its connection",
              r -> r.unexpectedReplies),
          row(
              "cashew_node_probes_total",
              COUNTER,
              "PINGs of the proxy to find out whether the node is back",
              r -> r.probes),
          row(
              "cashew_node_cache_unheard",
              GAUGE,
              "1 while the node does not tell of keys that change: nothing of it is given from memory",
              r -> r.unheard),
          row(
              "cashew_node_latency_seconds",
              "Time from the write of a request to the end of the node's reply",
              r -> r.latency));

  /** Labels pool, node. */
  static final List<Metric<NodeState>> NODE_STATE =
      List.of(
          row(
              "cashew_node_circuit_open",
              GAUGE,
              "1 while requests for the node get an error at once, else 0",
              s -> s.circuitOpen() ? 1 : 0),
          row(
              "cashew_node_circuit_openings_total",
              COUNTER,
              "Times the node's circuit opened",
              NodeState::circuitOpenings),
          row(
              "cashew_node_slots",
              GAUGE,
              "Slots of a Cluster that are the node's; 0 where the servers form none",
              NodeState::slots),
          row(
              "cashew_node_ejected",
              GAUGE,
              "1 while the node's keys go to other nodes, else 0",
              s -> s.ejected() ? 1 : 0),
          row(
              "cashew_node_maintenance",
              GAUGE,
              "1 while an operator has the node out for maintenance, else 0",
              s -> s.maintenance() == null ? 0 : 1),
          row(
              "cashew_node_ejections_total",
              COUNTER,
              "Times the node was taken out of its distribution",
              NodeState::ejections));

  /** Labels pool, node. */
  static final List<Metric<PrimaryState>> NODE_PRIMARY =
      List.of(
          row(
              "cashew_node_failovers_total",
              COUNTER,
              "Times another server took over as the node's primary, changes of the file not counted",
              state -> state.now().failovers()),
          row(
              "cashew_node_without_primary",
              GAUGE,
              "1 while no server is known to be the node's primary, else 0",
              state -> state.isWithoutPrimary() ? 1 : 0),
          row(
              "cashew_node_two_primaries",
              GAUGE,
              "1 while more than one server of the node says that it is primary, else 0",
              state -> state.rivals().isEmpty() ? 0 : 1));

  /** Labels pool, node, server; of nodes that have replicas to read from. */
  static final List<Metric<ServerState>> SERVER =
      List.of(
          row(
              "cashew_server_primary",
              GAUGE,
              "1 for the server that takes the node's writes, 0 for its replicas",
              state -> state.isPrimary() ? 1 : 0),
          row(
              "cashew_server_readable",
              GAUGE,
              "1 while the server may be read from, 0 while it is a replica that is not well",
              state -> state.isRead() ? 1 : 0),
          seconds(
              "cashew_server_lag_seconds",
              "How long a replica has been behind its primary, looked at twice a second",
              ServerState::lagMillis));

  /** Labels pool. */
  static final List<Metric<SentinelState>> SENTINELS =
      List.of(
          row(
              "cashew_sentinels",
              GAUGE,
              "Sentinels that are configured, or of which others tell; 0 where no node needs them",
              state -> state.known().getAsLong()),
          row(
              "cashew_sentinels_reachable",
              GAUGE,
              "Those of the Sentinels that answer",
              state -> state.reachable().getAsLong()));

  /** Labels pool. */
  static final List<Metric<PlacementState>> PLACEMENT =
      List.of(
          row(
              "cashew_untagged_keys_total",
              COUNTER,
              "Keys that matched key-tag without its first group: the whole key was hashed",
              state -> state.untagged().getAsLong()));

  /** Labels pool. */
  static final List<Metric<ClusterState>> CLUSTER =
      List.of(
          row(
              "cashew_cluster_epoch",
              GAUGE,
              "Epoch of the Cluster that the pool's servers form; 0 where they form none",
              state -> state.epoch().getAsLong()),
          row(
              "cashew_cluster_uncovered_slots",
              GAUGE,
              "Slots that no server of the Cluster has: requests for their keys get errors",
              state -> state.uncovered().getAsLong()),
          row(
              "cashew_cluster_map_age_seconds",
              GAUGE,
              "Time since a server of the Cluster last told who has which slots",
              state -> state.ageSeconds().getAsLong()),
          row(
              "cashew_cluster_questions_total",
              COUNTER,
              "Times a server of the Cluster was asked who has which slots",
              state -> state.questions().getAsLong()),
          row(
              "cashew_cluster_question_failures_total",
              COUNTER,
              "Questions that were not answered, or by a server of another Cluster or of none",
              state -> state.failures().getAsLong()));

  /** Labels version, java, transport. */
  static final List<Metric<Build>> PROCESS =
      List.of(row("cashew_build_info", INFO, "What runs; always 1", build -> 1));

  /** No labels. */
  static final List<Metric<ProcessState>> PROCESS_STATE =
      List.of(
          row(
              "cashew_workers",
              GAUGE,
              "Workers: event loops, each with one thread",
              ProcessState::workers),
          row(
              "cashew_memory_bytes",
              GAUGE,
              "Bytes of requests and replies in the buffers of the process",
              state -> state.memoryBytes().getAsLong()),
          row(
              "cashew_memory_limit_bytes",
              GAUGE,
              "The memory-limit of the configuration, above which new requests get an error",
              ProcessState::memoryLimitBytes),
          row(
              "cashew_trace_spans_total",
              COUNTER,
              "Spans of requests for tracing.endpoint",
              TraceResult.class,
              (state, result) -> state.traces().count(result)));

  /** No labels. */
  static final List<Metric<AdminCounts>> ADMIN = AdminMetrics.ROWS;

  /** Labels digest. */
  static final List<Metric<ConfigState>> CONFIG_DIGEST =
      List.of(
          row(
              "cashew_config_info",
              INFO,
              "The configuration that runs, by its digest; always 1",
              state -> 1));

  /** No labels. */
  static final List<Metric<ConfigState>> CONFIG =
      List.of(
          row(
              "cashew_config_last_reload_success",
              GAUGE,
              "1 if the last attempt to load the configuration file succeeded, else 0",
              state -> state.lastReloadSucceeded() ? 1 : 0),
          row(
              "cashew_config_lags",
              GAUGE,
              "1 while the configuration file says something else than what runs, else 0",
              state -> state.lags() ? 1 : 0),
          row(
              "cashew_config_last_success_timestamp_seconds",
              GAUGE,
              "When the configuration file was last taken over, or found to be what runs",
              ConfigState::lastSuccessSeconds),
          row(
              "cashew_config_reloads_total",
              COUNTER,
              "Attempts to load the configuration file that succeeded",
              ConfigState::reloads),
          row(
              "cashew_config_reload_failures_total",
              COUNTER,
              "Attempts to load the configuration file that failed and changed nothing",
              ConfigState::failures));

  /** Labels pool, rule. */
  static final List<Metric<RuleRecorder>> CACHE_RULE = RuleMetrics.ROWS;

  private Metrics() {}

  /** Every row, in the order in which they are published. */
  static Stream<Metric<?>> all() {
    return Stream.of(
            PROCESS,
            PROCESS_STATE,
            ADMIN,
            CONFIG_DIGEST,
            CONFIG,
            POOL,
            FAMILY,
            CACHE_RULE,
            HOT_KEY,
            BIG_KEY,
            ACCESS_LOG,
            TLS,
            SENTINELS,
            CLUSTER,
            NODE,
            NODE_STATE,
            NODE_PRIMARY,
            SERVER)
        .flatMap(List::stream);
  }
}
