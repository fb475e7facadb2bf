package io.cashew.proxy.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What a scrape says about recorders that two workers have written. */
class MetricsRegistryTest {

  private static final Build BUILD = new Build("1.2.3", "17.0.1", "nio");
  private static final String POOL = "{pool=\"sessions\"}";
  private static final String NODE = "{node=\"alpha\",pool=\"sessions\"}";

  private final MetricsRegistry registry = new MetricsRegistry(BUILD);

  @AfterEach
  void close() {
    registry.close();
  }

  /** How a worker counts up each series of a pool. */
  private static final Map<String, BiConsumer<PoolRecorder, Integer>> POOL_WRITES =
      withKinds(
          Map.ofEntries(
              Map.entry("cashew_clients" + POOL, (r, n) -> r.clients += n),
              Map.entry("cashew_clients_accepted_total" + POOL, (r, n) -> r.clientsAccepted += n),
              Map.entry("cashew_clients_refused_total" + POOL, (r, n) -> r.clientsRefused += n),
              Map.entry("cashew_client_read_pauses_total" + POOL, (r, n) -> r.readPauses += n),
              Map.entry("cashew_requests_total" + POOL, (r, n) -> r.requests += n),
              Map.entry("cashew_request_bytes_total" + POOL, (r, n) -> r.requestBytes += n),
              Map.entry("cashew_requests_in_flight" + POOL, (r, n) -> r.inFlight += n),
              Map.entry("cashew_replies_total" + POOL, (r, n) -> r.replies += n),
              Map.entry("cashew_reply_bytes_total" + POOL, (r, n) -> r.replyBytes += n),
              Map.entry("cashew_reply_queue_bytes" + POOL, (r, n) -> r.queuedBytes += n),
              Map.entry("cashew_local_replies_total" + POOL, (r, n) -> r.localReplies += n),
              Map.entry(
                  "cashew_multi_key_requests_total" + POOL, (r, n) -> r.multiKeyRequests += n),
              Map.entry("cashew_retries_total" + POOL, (r, n) -> r.retries += n),
              Map.entry("cashew_fragments_total" + POOL, (r, n) -> r.fragments += n),
              Map.entry("cashew_subscribers" + POOL, (r, n) -> r.subscribers += n),
              Map.entry(
                  "cashew_channel_subscriptions" + POOL, (r, n) -> r.channelSubscriptions += n),
              Map.entry(
                  "cashew_pattern_subscriptions" + POOL, (r, n) -> r.patternSubscriptions += n),
              Map.entry(
                  "cashew_messages_delivered_total" + POOL, (r, n) -> r.messagesDelivered += n),
              Map.entry("cashew_slow_requests_total" + POOL, (r, n) -> r.slowRequests += n)),
          List.of(
              kinds(
                  RefusalKind.values(),
                  kind ->
                      "cashew_error_replies_total{kind=\"" + kind.label() + "\",pool=\"sessions\"}",
                  (r, kind) -> r.refused(kind)),
              kinds(
                  ClientErrorKind.values(),
                  kind ->
                      "cashew_client_errors_total{kind=\"" + kind.label() + "\",pool=\"sessions\"}",
                  (r, kind) -> r.clientError(kind))));

  /** How a worker counts up each series of a node. */
  private static final Map<String, BiConsumer<NodeRecorder, Integer>> NODE_WRITES =
      withKinds(
          Map.ofEntries(
              Map.entry("cashew_node_requests_total" + NODE, (r, n) -> r.requests += n),
              Map.entry("cashew_node_request_bytes_total" + NODE, (r, n) -> r.requestBytes += n),
              Map.entry("cashew_node_replies_total" + NODE, (r, n) -> r.replies += n),
              Map.entry("cashew_node_reply_bytes_total" + NODE, (r, n) -> r.replyBytes += n),
              Map.entry("cashew_node_error_replies_total" + NODE, (r, n) -> r.errorReplies += n),
              Map.entry("cashew_node_requests_in_flight" + NODE, (r, n) -> r.inFlight += n),
              Map.entry("cashew_node_queue_bytes" + NODE, (r, n) -> r.queuedBytes += n),
              Map.entry("cashew_node_connections" + NODE, (r, n) -> r.connections += n),
              Map.entry("cashew_node_connects_total" + NODE, (r, n) -> r.connects += n),
              Map.entry("cashew_node_cache_unheard" + NODE, (r, n) -> r.unheard += n),
              Map.entry(
                  "cashew_node_connect_failures_total" + NODE, (r, n) -> r.connectFailures += n),
              Map.entry("cashew_node_disconnects_total" + NODE, (r, n) -> r.disconnects += n),
              Map.entry(
                  "cashew_node_unexpected_replies_total" + NODE,
                  (r, n) -> r.unexpectedReplies += n),
              Map.entry(
                  "cashew_node_subscriber_connections" + NODE,
                  (r, n) -> r.subscriberConnections += n),
              Map.entry("cashew_node_messages_total" + NODE, (r, n) -> r.messages += n),
              Map.entry("cashew_node_probes_total" + NODE, (r, n) -> r.probes += n)),
          List.of(
              kinds(
                  FailureKind.values(),
                  kind ->
                      "cashew_node_failures_total{kind=\""
                          + kind.label()
                          + "\",node=\"alpha\",pool=\"sessions\"}",
                  (r, kind) -> r.failed(kind)),
              kinds(
                  ReadKind.values(),
                  kind ->
                      "cashew_node_reads_total{kind=\""
                          + kind.label()
                          + "\",node=\"alpha\",pool=\"sessions\"}",
                  (r, kind) -> r.read(kind)),
              kinds(
                  KindOfVerdict.ALL.toArray(KindOfVerdict[]::new),
                  kind ->
                      "cashew_node_verdicts_total{kind=\""
                          + kind.label()
                          + "\",node=\"alpha\",pool=\"sessions\"}",
                  (r, kind) -> r.verdict(kind.verdict()))));

  @TestFactory
  Stream<DynamicTest> eachSeriesOfAPoolIsTheSumOverTheWorkersAndMovesAlone() {
    return POOL_WRITES.entrySet().stream()
        .map(
            write ->
                DynamicTest.dynamicTest(
                    write.getKey(),
                    () -> {
                      PoolRecorder one = new PoolRecorder();
                      PoolRecorder two = new PoolRecorder();
                      try (MetricsRegistry fresh = new MetricsRegistry(BUILD)) {
                        fresh.addPool("sessions", 0, one);
                        fresh.addPool("sessions", 1, two);
                        Map<String, Double> expected = Series.ofCashew(fresh);
                        write.getValue().accept(one, 3);
                        write.getValue().accept(two, 4);
                        assertEquals(0.0, expected.put(write.getKey(), 7.0));
                        assertEquals(expected, Series.ofCashew(fresh));
                      }
                    }));
  }

  @TestFactory
  Stream<DynamicTest> eachSeriesOfANodeIsTheSumOverTheWorkersAndMovesAlone() {
    return NODE_WRITES.entrySet().stream()
        .map(
            write ->
                DynamicTest.dynamicTest(
                    write.getKey(),
                    () -> {
                      NodeRecorder one = new NodeRecorder();
                      NodeRecorder two = new NodeRecorder();
                      try (MetricsRegistry fresh = new MetricsRegistry(BUILD)) {
                        fresh.addNode("sessions", "alpha", 0, one);
                        fresh.addNode("sessions", "alpha", 1, two);
                        Map<String, Double> expected = Series.ofCashew(fresh);
                        write.getValue().accept(one, 3);
                        write.getValue().accept(two, 4);
                        assertEquals(0.0, expected.put(write.getKey(), 7.0));
                        assertEquals(expected, Series.ofCashew(fresh));
                      }
                    }));
  }

  @Test
  void noRowIsMissingFromTheTwoTestsAbove() {
    registry.addPool("sessions", 0, new PoolRecorder());
    registry.addNode("sessions", "alpha", 0, new NodeRecorder());
    Map<String, Double> series = Series.ofCashew(registry);
    series.keySet().removeIf(name -> name.startsWith("cashew_node_latency_seconds"));
    series.keySet().removeIf(name -> name.startsWith("cashew_build_info"));
    Map<String, Object> written = new TreeMap<>(POOL_WRITES);
    written.putAll(NODE_WRITES);
    assertEquals(written.keySet(), series.keySet());
  }

  @Test
  void failuresThatHappenTogetherAreCountedTogether() {
    NodeRecorder recorder = new NodeRecorder();
    recorder.failed(FailureKind.CLOSED, 5);
    recorder.failed(FailureKind.CLOSED);
    assertEquals(6, recorder.failures(FailureKind.CLOSED));
    assertEquals(0, recorder.failures(FailureKind.TIMEOUT));
  }

  @Test
  void aNodeStateIsPublishedAsItIs() {
    NodeState state = new NodeState();
    registry.addNodeState("sessions", "alpha", state);
    assertEquals(states(0, 0, 0, 0), nodeStates());
    state.openCircuit();
    assertEquals(states(1, 1, 0, 0), nodeStates());
    state.openCircuit();
    state.eject();
    state.eject();
    assertEquals(states(1, 1, 1, 1), nodeStates());
    state.readmit();
    state.closeCircuit();
    assertEquals(states(0, 1, 0, 1), nodeStates());
    state.openCircuit();
    state.eject();
    assertEquals(states(1, 2, 1, 2), nodeStates());
  }

  @Test
  void whoIsPrimaryIsPublishedAsItIs() {
    PrimaryState state = new PrimaryState();
    registry.addPrimary("sessions", "alpha", state);
    assertEquals(primaries(0, 0), nodeStates()); // not in use yet
    state.isNobody(1);
    assertEquals(primaries(0, 1), nodeStates());
    state.is("a:1", 2);
    assertEquals(primaries(0, 0), nodeStates());
    state.is("b:1", 3);
    assertEquals(primaries(1, 0), nodeStates());
    state.rivals(() -> List.of("a:1"));
    assertEquals(1.0, nodeStates().get("cashew_node_two_primaries" + NODE));
    registry.removeNode("sessions", "alpha");
    assertEquals(Map.of(), nodeStates());
  }

  private static Map<String, Double> primaries(double failovers, double without) {
    return Map.of(
        "cashew_node_failovers_total" + NODE, failovers,
        "cashew_node_without_primary" + NODE, without,
        "cashew_node_two_primaries" + NODE, 0.0);
  }

  @Test
  void howAReplicaStandsIsPublishedUntilItGoes() {
    ServerState state = new ServerState(false);
    registry.addServer("sessions", "alpha", "a:1", state);
    state.stands(true, 1_500);
    String server = "{node=\"alpha\",pool=\"sessions\",server=\"a:1\"}";
    Map<String, Double> series = Series.of(registry);
    assertEquals(1.5, series.get("cashew_server_lag_seconds" + server));
    assertEquals(1.0, series.get("cashew_server_readable" + server));
    assertEquals(0.0, series.get("cashew_server_primary" + server));
    registry.removeServer("sessions", "alpha", "a:1");
    assertEquals(1, Series.ofCashew(registry).size());
  }

  @Test
  void whatIsKnownOfAClusterIsPublishedUntilItsPoolGoes() {
    registry.addCluster("sessions", new ClusterState(() -> 7, () -> 2, () -> 3, () -> 5, () -> 1));
    Map<String, Double> series = Series.of(registry);
    assertEquals(7.0, series.get("cashew_cluster_epoch" + POOL));
    assertEquals(2.0, series.get("cashew_cluster_uncovered_slots" + POOL));
    assertEquals(3.0, series.get("cashew_cluster_map_age_seconds" + POOL));
    assertEquals(5.0, series.get("cashew_cluster_questions_total" + POOL));
    assertEquals(1.0, series.get("cashew_cluster_question_failures_total" + POOL));
    registry.removePool("sessions");
    assertEquals(1, Series.ofCashew(registry).size());
  }

  @Test
  void sentinelsArePublishedUntilTheirPoolGoes() {
    registry.addSentinels("sessions", new SentinelState(() -> 3, () -> 2));
    assertEquals(3.0, Series.of(registry).get("cashew_sentinels" + POOL));
    assertEquals(2.0, Series.of(registry).get("cashew_sentinels_reachable" + POOL));
    registry.removePool("sessions");
    assertEquals(1, Series.ofCashew(registry).size());
  }

  private Map<String, Double> nodeStates() {
    Map<String, Double> series = Series.ofCashew(registry);
    series.keySet().removeIf(name -> !name.startsWith("cashew_node_"));
    return series;
  }

  private static Map<String, Double> states(
      double open, double openings, double ejected, double ejections) {
    return Map.of(
        "cashew_node_circuit_open" + NODE, open,
        "cashew_node_circuit_openings_total" + NODE, openings,
        "cashew_node_slots" + NODE, 0.0,
        "cashew_node_maintenance" + NODE, 0.0,
        "cashew_node_ejected" + NODE, ejected,
        "cashew_node_ejections_total" + NODE, ejections);
  }

  @Test
  void bucketsOfALatencyAreCumulativeAndAddUpOverWorkers() {
    NodeRecorder one = new NodeRecorder();
    NodeRecorder two = new NodeRecorder();
    registry.addNode("sessions", "alpha", 0, one);
    registry.addNode("sessions", "alpha", 1, two);
    one.latency.record(100_000); // Just inside the first bucket.
    one.latency.record(100_001); // Just outside.
    two.latency.record(100_001, 3);
    two.latency.record(1_600_000);
    two.latency.record(20_000_000_000L); // Above the last bound.

    Map<String, Double> series = Series.of(registry);
    double[] expected = new double[19];
    Arrays.fill(expected, 6.0);
    expected[0] = 1;
    expected[1] = 5;
    expected[2] = 5;
    expected[3] = 5;
    expected[18] = 7;
    double[] bounds = LatencyBuckets.boundsSeconds();
    for (int i = 0; i < bounds.length; i++) {
      String le = Double.isInfinite(bounds[i]) ? "+Inf" : shortest(bounds[i]);
      String name =
          "cashew_node_latency_seconds_bucket{node=\"alpha\",pool=\"sessions\",le=\"" + le + "\"}";
      assertEquals(expected[i], series.get(name), name);
    }
    assertEquals(7.0, series.get("cashew_node_latency_seconds_count" + NODE));
    assertEquals(
        (100_000 + 4 * 100_001 + 1_600_000 + 20_000_000_000L) / 1e9,
        series.getOrDefault("cashew_node_latency_seconds_sum" + NODE, Double.NaN),
        1e-9);
  }

  /** As Prometheus' library writes a bound. */
  private static String shortest(double bound) {
    return Double.toString(bound);
  }

  @Test
  void aScrapeWhileAWorkerRecordsIsCumulativeAndTheLastOneIsExact() throws Exception {
    NodeRecorder recorder = new NodeRecorder();
    registry.addNode("sessions", "alpha", 0, recorder);
    AtomicBoolean done = new AtomicBoolean();
    Thread worker =
        new Thread(
            () -> {
              for (int i = 0; i < 2_000_000; i++) {
                recorder.requests++;
                recorder.latency.record(i);
              }
              done.set(true);
            });
    worker.start();
    while (!done.get()) {
      double last = 0;
      for (double count : cumulative(Series.of(registry))) {
        assertTrue(count >= last);
        last = count;
      }
    }
    Await.end(worker);
    Map<String, Double> series = Series.of(registry);
    assertEquals(2_000_000.0, series.get("cashew_node_requests_total" + NODE));
    assertEquals(2_000_000.0, series.get("cashew_node_latency_seconds_count" + NODE));
  }

  private static double[] cumulative(Map<String, Double> series) {
    return series.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith("cashew_node_latency_seconds_bucket"))
        .sorted((a, b) -> Double.compare(bound(a.getKey()), bound(b.getKey())))
        .mapToDouble(Map.Entry::getValue)
        .toArray();
  }

  private static double bound(String name) {
    String le = name.substring(name.indexOf("le=\"") + 4, name.lastIndexOf('"'));
    return Double.parseDouble(le.replace("+Inf", "Infinity"));
  }

  @Test
  void removingANodeEndsItsSeriesAndNoOthers() {
    registry.addPool("sessions", 0, new PoolRecorder());
    registry.addNode("sessions", "alpha", 0, new NodeRecorder());
    registry.addNode("sessions", "alpha", 1, new NodeRecorder());
    registry.addNodeState("sessions", "alpha", new NodeState());
    registry.addNode("sessions", "beta", 0, new NodeRecorder());
    registry.addNode("carts", "alpha", 0, new NodeRecorder());
    registry.removeNode("sessions", "alpha");

    Map<String, Double> series = Series.ofCashew(registry);
    assertFalse(series.containsKey("cashew_node_requests_total" + NODE));
    assertFalse(series.keySet().stream().anyMatch(name -> name.endsWith(NODE)));
    assertTrue(series.containsKey("cashew_node_requests_total{node=\"beta\",pool=\"sessions\"}"));
    assertTrue(series.containsKey("cashew_node_requests_total{node=\"alpha\",pool=\"carts\"}"));
    assertTrue(series.containsKey("cashew_requests_total" + POOL));
  }

  @Test
  void removingAPoolEndsItsSeriesAndThoseOfItsNodes() {
    registry.addPool("sessions", 0, new PoolRecorder());
    registry.addPool("carts", 0, new PoolRecorder());
    registry.addNode("sessions", "alpha", 0, new NodeRecorder());
    registry.addNodeState("sessions", "alpha", new NodeState());
    registry.removePool("sessions");

    String text = registry.scrape(Exposition.TEXT);
    assertFalse(text.contains("sessions"), text);
    assertTrue(text.contains("cashew_requests_total{pool=\"carts\"}"), text);
  }

  @Test
  void whatWasRemovedMayBeAddedAgainAndStartsFromItsNewRecorder() {
    NodeRecorder before = new NodeRecorder();
    before.requests = 9;
    registry.addNode("sessions", "alpha", 0, before);
    registry.removeNode("sessions", "alpha");
    registry.addNode("sessions", "alpha", 0, new NodeRecorder());
    assertEquals(0.0, Series.of(registry).get("cashew_node_requests_total" + NODE));
  }

  @Test
  void aPlaceThatIsTakenIsRefusedByName() {
    registry.addNode("sessions", "alpha", 1, new NodeRecorder());
    IllegalStateException refused =
        assertThrows(
            IllegalStateException.class,
            () -> registry.addNode("sessions", "alpha", 1, new NodeRecorder()));
    assertTrue(refused.toString().contains("alpha"), refused.toString());
    assertTrue(refused.toString().contains("worker 1"), refused.toString());
  }

  @Test
  void theBuildIsOneSeriesAndTheJvmIsThere() {
    Map<String, Double> series = Series.of(registry);
    assertEquals(
        1.0,
        series.get("cashew_build_info{java=\"17.0.1\",transport=\"nio\",version=\"1.2.3\"}"),
        () -> series.toString());
    for (String name :
        new String[] {
          "process_uptime_seconds", "process_start_time_seconds", "jvm_threads_live_threads",
        }) {
      assertTrue(series.containsKey(name), name);
    }
    assertTrue(series.keySet().stream().anyMatch(name -> name.startsWith("jvm_memory_used_bytes")));
  }

  @Test
  void theProcessSaysWhatItHasAndWhatOfItIsInUseWhenItIsAsked() {
    AtomicLong used = new AtomicLong(5);
    registry.addProcess(new ProcessState(3, used::get, 1000, new TraceCounts()));
    assertEquals(3.0, Series.of(registry).get("cashew_workers"));
    assertEquals(1000.0, Series.of(registry).get("cashew_memory_limit_bytes"));
    assertEquals(5.0, Series.of(registry).get("cashew_memory_bytes"));
    used.set(7);
    assertEquals(7.0, Series.of(registry).get("cashew_memory_bytes"));
  }

  @Test
  void namesOfPoolsAndNodesAreEscaped() {
    registry.addNode("a\"b", "c\\d\ne", 0, new NodeRecorder());
    String text = registry.scrape(Exposition.TEXT);
    assertTrue(
        text.contains("cashew_node_requests_total{node=\"c\\\\d\\ne\",pool=\"a\\\"b\"} 0.0\n"),
        text);
  }

  @Test
  void everyRowHasItsHelpAndTypeInTheText() {
    PoolRecorder pool = new PoolRecorder();
    pool.commands.of(0, "get", "string");
    pool.rules.of("user:*");
    registry.addPool("sessions", 0, pool);
    registry.addTopKeys(
        "sessions", () -> List.of(new TopKey(1, null, 1)), () -> List.of(new TopKey(1, null, 1)));
    registry.addAccessLog("sessions", new AccessLogState(() -> 0));
    registry.addTls("sessions", "clients", new TlsState());
    registry.addPrimary("sessions", "alpha", new PrimaryState());
    registry.addSentinels("sessions", new SentinelState(() -> 0, () -> 0));
    registry.addCluster("sessions", new ClusterState(() -> 0, () -> 0, () -> 0, () -> 0, () -> 0));
    registry.addServer("sessions", "alpha", "a:1", new ServerState(true));
    registry.addNode("sessions", "alpha", 0, new NodeRecorder());
    registry.addNodeState("sessions", "alpha", new NodeState());
    registry.addProcess(new ProcessState(1, () -> 0, 1, new TraceCounts()));
    registry.addAdmin(new AdminCounts());
    registry.addConfig(new ConfigState(1));
    registry.configDigest("d");
    String text = registry.scrape(Exposition.TEXT);
    Metrics.all()
        .forEach(
            row -> {
              String type = row.type() == MetricType.INFO ? "gauge" : row.type().label();
              assertTrue(
                  text.contains("# HELP " + row.name() + " " + row.help() + "\n"), row.name());
              assertTrue(text.contains("# TYPE " + row.name() + " " + type + "\n"), row.name());
            });
  }

  @Test
  void commandsAreSummedByFamilyOverTheWorkers() {
    PoolRecorder one = new PoolRecorder();
    PoolRecorder two = new PoolRecorder();
    registry.addPool("sessions", 0, one);
    registry.addPool("sessions", 1, two);
    one.commands.of(3, "get", "string").latency.record(150_000);
    one.commands.of(4, "set", "string").latency.record(150_000);
    two.commands.of(3, "get", "string").latency.record(90_000);
    two.commands.of(5, "lpush", "list").failed += 2;
    two.commands.of(5, "lpush", "list").rejected++;
    Map<String, Double> series = Series.ofCashew(registry);
    String of = "{family=\"string\",pool=\"sessions\"";
    assertEquals(3.0, series.get("cashew_request_latency_seconds_count" + of + "}"));
    assertEquals(1.0, series.get("cashew_request_latency_seconds_bucket" + of + ",le=\"1.0E-4\"}"));
    assertEquals(
        0.00039, series.getOrDefault("cashew_request_latency_seconds_sum" + of + "}", 0.0), 1e-9);
    assertEquals(3.0, series.get("cashew_command_errors_total{family=\"list\",pool=\"sessions\"}"));
    registry.removePool("sessions");
    assertEquals(1, Series.ofCashew(registry).size());
  }

  @Test
  void topKeysAreToldByRankAndByNameOnlyIfTheyHaveOne() {
    registry.addTopKeys(
        "sessions",
        () -> List.of(new TopKey(1, null, 70), new TopKey(2, null, 30)),
        () -> List.of(new TopKey(1, "\"big\"", 1000)));
    Map<String, Double> series = Series.ofCashew(registry);
    assertEquals(
        70.0, series.get("cashew_hot_key_requests_per_second{pool=\"sessions\",rank=\"1\"}"));
    assertEquals(
        1000.0,
        series.get("cashew_big_key_bytes{key=\"\\\"big\\\"\",pool=\"sessions\",rank=\"1\"}"));
    registry.removePool("sessions");
    assertEquals(1, Series.ofCashew(registry).size());
  }

  @Test
  void openMetricsEndsInEofAndNamesUnits() throws IOException {
    registry.addPool("sessions", 0, new PoolRecorder());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    registry.scrape(out, Exposition.OPEN_METRICS);
    String text = out.toString(StandardCharsets.UTF_8);
    assertTrue(text.endsWith("# EOF\n"), text);
    assertTrue(text.contains("# UNIT cashew_request_bytes bytes\n"), text);
    assertTrue(text.contains("# TYPE cashew_build info\n"), text);
    assertTrue(text.contains("cashew_request_bytes_total{pool=\"sessions\"} 0.0\n"), text);
  }

  private static <R> Map<String, BiConsumer<R, Integer>> withKinds(
      Map<String, BiConsumer<R, Integer>> plain, List<Map<String, BiConsumer<R, Integer>>> kinds) {
    Map<String, BiConsumer<R, Integer>> all = new TreeMap<>(plain);
    kinds.forEach(all::putAll);
    return all;
  }

  private static <R, K> Map<String, BiConsumer<R, Integer>> kinds(
      K[] kinds, Function<K, String> name, BiConsumer<R, K> count) {
    return Stream.of(kinds)
        .collect(
            Collectors.toMap(
                name,
                kind ->
                    (recorder, times) -> {
                      for (int i = 0; i < times; i++) {
                        count.accept(recorder, kind);
                      }
                    }));
  }
}
