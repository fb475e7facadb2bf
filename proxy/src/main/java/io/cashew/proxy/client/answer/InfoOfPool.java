package io.cashew.proxy.client.answer;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.metrics.CommandRecorder;
import io.cashew.proxy.metrics.CommandRecorders;
import io.cashew.proxy.metrics.ErrorCounts;
import io.cashew.proxy.metrics.FailureKind;
import io.cashew.proxy.metrics.Latencies;
import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.route.Router;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * The numbers of one pool in {@code INFO}, under the names and in the form that Redis gives them.
 * Read off the recorders of all workers, as a scrape reads them.
 */
final class InfoOfPool {
  private final String pool;
  private final List<PoolPart> parts;
  private final List<PoolRecorder> recorders;

  private InfoOfPool(List<PoolPart> parts) {
    this.parts = parts;
    pool = parts.get(0).settings().pool();
    recorders = parts.stream().map(PoolPart::recorder).toList();
  }

  static InfoOfPool of(PoolPart part) {
    return new InfoOfPool(part.directory().parts());
  }

  private String sum(ToLongFunction<PoolRecorder> number) {
    return Long.toString(recorders.stream().mapToLong(number).sum());
  }

  private String kiloBytes(ToLongFunction<PoolRecorder> bytes) {
    return decimal(2, recorders.stream().mapToLong(bytes).sum() / 1024.0);
  }

  private static String decimal(int digits, double value) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  Map<String, String> clients() {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("pubsub_clients", sum(recorder -> recorder.subscribers));
    return fields;
  }

  Map<String, String> stats() {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("instantaneous_ops_per_sec", sum(recorder -> recorder.requestsPerSecond));
    fields.put("total_net_input_bytes", sum(recorder -> recorder.requestBytes));
    fields.put("total_net_output_bytes", sum(recorder -> recorder.replyBytes));
    fields.put("instantaneous_input_kbps", kiloBytes(recorder -> recorder.requestBytesPerSecond));
    fields.put("instantaneous_output_kbps", kiloBytes(recorder -> recorder.replyBytesPerSecond));
    fields.put("rejected_connections", sum(recorder -> recorder.clientsRefused));
    fields.put("pubsub_channels", sum(recorder -> recorder.channelSubscriptions));
    fields.put("pubsub_patterns", sum(recorder -> recorder.patternSubscriptions));
    fields.put(
        "total_error_replies",
        Long.toString(errors().values().stream().mapToLong(Long::longValue).sum()));
    return fields;
  }

  private Map<String, List<CommandRecorder>> commands() {
    return CommandRecorders.byName(recorders.stream().map(recorder -> recorder.commands).toList());
  }

  Map<String, String> commandStats() {
    Map<String, String> fields = new LinkedHashMap<>();
    commands().forEach((name, each) -> fields.put("cmdstat_" + name, commandStat(each)));
    return fields;
  }

  private static String commandStat(List<CommandRecorder> workers) {
    long calls = workers.stream().mapToLong(worker -> worker.calls).sum();
    long micros = latencies(workers).sumMicros();
    return "calls="
        + calls
        + ",usec="
        + micros
        + ",usec_per_call="
        + decimal(2, calls == 0 ? 0 : (double) micros / calls)
        + ",rejected_calls="
        + workers.stream().mapToLong(worker -> worker.rejected).sum()
        + ",failed_calls="
        + workers.stream().mapToLong(worker -> worker.failed).sum();
  }

  private static Latencies latencies(List<CommandRecorder> workers) {
    return Latencies.of(workers.stream().map(worker -> worker.latency).toList());
  }

  Map<String, String> latencyStats() {
    Map<String, String> fields = new LinkedHashMap<>();
    commands()
        .forEach(
            (name, each) -> {
              Latencies latencies = latencies(each);
              if (latencies.count() > 0) {
                fields.put("latency_percentiles_usec_" + name, percentiles(latencies));
              }
            });
    return fields;
  }

  private static String percentiles(Latencies latencies) {
    return "p50="
        + latencies.percentileMicros(50)
        + ".000"
        + ",p99="
        + latencies.percentileMicros(99)
        + ".000"
        + ",p99.9="
        + latencies.percentileMicros(99.9)
        + ".000";
  }

  private Map<String, Long> errors() {
    return ErrorCounts.sum(recorders.stream().map(recorder -> recorder.errors).toList());
  }

  Map<String, String> errorStats() {
    Map<String, String> fields = new LinkedHashMap<>();
    errors().forEach((word, count) -> fields.put("errorstat_" + word, "count=" + count));
    return fields;
  }

  /** One line a node. */
  Map<String, String> nodes() {
    Map<String, String> fields = new LinkedHashMap<>();
    int nodes = parts.get(0).router().backends().size();
    for (int i = 0; i < nodes; i++) {
      List<NodeRecorder> workers = new ArrayList<>();
      for (PoolPart part : parts) {
        List<Backend> backends = part.router().backends();
        if (i < backends.size()) {
          workers.add(backends.get(i).recorder());
        }
      }
      fields.put("node" + i, nodeLine(parts.get(0).router().backends().get(i).node(), workers));
    }
    return fields;
  }

  /**
   * Who takes the writes of each node, and who has copies. The known replicas are no {@code
   * slave0:ip=…}: clients that look for replicas there would connect to them past the proxy, and
   * find the keys of one node.
   */
  Map<String, String> replication() {
    Map<String, String> fields = new LinkedHashMap<>();
    Router router = parts.get(0).router();
    int without = 0;
    for (int i = 0; i < router.backends().size(); i++) {
      Node node = router.backends().get(i).node();
      without += node.address().isNobody() && !node.address().isOut() ? 1 : 0;
      fields.put("primary" + i, primaryLine(node, router.table().replicasOf(i)));
    }
    fields.put("nodes_without_primary", "" + without);
    return fields;
  }

  private String primaryLine(Node node, List<String> replicas) {
    boolean isNobody = node.address().isNobody();
    StringBuilder line =
        new StringBuilder("node=")
            .append(node.nameIn(pool))
            .append(",address=")
            .append(isNobody ? "" : node.address().text())
            .append(",state=")
            .append(
                node.address().isOut()
                    ? "maintenance"
                    : isNobody ? "no_primary" : node.circuitOpen() ? "down" : "up")
            .append(",replicas=")
            .append(replicas.size());
    for (int i = 0; i < replicas.size(); i++) {
      line.append(",replica").append(i).append('=').append(replicas.get(i));
    }
    return line.toString();
  }

  private String nodeLine(Node node, List<NodeRecorder> workers) {
    Latencies latencies = Latencies.of(workers.stream().map(worker -> worker.latency).toList());
    return "name="
        + node.nameIn(pool)
        + ",address="
        + node.address().text()
        + ",state="
        + (node.address().isOut() ? "maintenance" : node.circuitOpen() ? "down" : "up")
        + ",connections="
        + sumOf(workers, worker -> worker.connections)
        + ",requests="
        + sumOf(workers, worker -> worker.requests)
        + ",in_flight="
        + sumOf(workers, worker -> worker.inFlight)
        + ",errors="
        + sumOf(workers, worker -> worker.errorReplies)
        + ",failures="
        + sumOf(workers, InfoOfPool::failures)
        + ",p50_usec="
        + latencies.percentileMicros(50)
        + ",p99_usec="
        + latencies.percentileMicros(99);
  }

  private static long sumOf(List<NodeRecorder> workers, ToLongFunction<NodeRecorder> number) {
    return workers.stream().mapToLong(number).sum();
  }

  private static long failures(NodeRecorder worker) {
    long sum = 0;
    for (FailureKind kind : FailureKind.values()) {
      sum += worker.failures(kind);
    }
    return sum;
  }
}
