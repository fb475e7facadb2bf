package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What administers one node, over one node and over three, with admin-commands = all-nodes. */
@ExtendWith(LeakCheck.class)
final class AdministrationTest {
  private static final List<RealRedis> NODES = new ArrayList<>();
  private static final List<RawClient> STRAIGHT = new ArrayList<>();
  private static TestProxy ofOne;
  private static TestProxy ofThree;
  private static RawClient one;
  private static RawClient three;

  @BeforeAll
  static void start(@TempDir Path directory) throws IOException {
    TestProxy.Builder builder = builder();
    for (int i = 0; i < 3; i++) {
      String own = Files.createDirectory(directory.resolve("n" + i)).toString();
      NODES.add(RealRedis.start("--dir", own)); // where it saves and what it reloads
      STRAIGHT.add(NODES.get(i).connect());
      builder.node(NODES.get(i).port());
    }
    ofThree = builder.start();
    ofOne = builder().node(NODES.get(0).port()).start();
    one = ofOne.connect();
    three = ofThree.connect();
  }

  private static TestProxy.Builder builder() {
    return new TestProxy.Builder().adminCommandsToAllNodes().workers(2).timeoutMillis(5000);
  }

  @AfterAll
  static void stop() {
    one.close();
    three.close();
    STRAIGHT.forEach(RawClient::close);
    ofOne.close();
    ofThree.close();
    NODES.forEach(RealRedis::close);
  }

  @BeforeEach
  void empty() {
    assertEquals("OK", three.send("FLUSHALL"));
    assertEquals("OK", three.send("CONFIG", "RESETSTAT"));
    assertEquals("OK", three.send("SLOWLOG", "RESET"));
  }

  private static void fill(int keys) {
    for (int i = 0; i < keys; i++) {
      assertEquals("OK", three.send("SET", "key:" + i, "value:" + i));
    }
  }

  private static List<Object> straight(String... request) {
    List<Object> replies = new ArrayList<>();
    STRAIGHT.forEach(node -> replies.add(node.send(request)));
    return replies;
  }

  private static Map<String, String> info(RawClient client, String... sections) {
    String[] request = new String[sections.length + 1];
    request[0] = "INFO";
    System.arraycopy(sections, 0, request, 1, sections.length);
    Map<String, String> fields = new TreeMap<>();
    for (String line : client.send(request).toString().split("\r\n", -1)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        fields.put(line.substring(0, colon), line.substring(colon + 1));
      }
    }
    return fields;
  }

  private static List<String> titles(RawClient client, String... request) {
    return client
        .send(request)
        .toString()
        .lines()
        .filter(line -> line.startsWith("# "))
        .map(line -> line.substring(2))
        .toList();
  }

  // ---------------------------------------------------------------- INFO

  @Test
  void oneNodesSectionsAreAsItSaysThem() {
    fill(20);
    for (String section : List.of("keyspace", "persistence", "modules")) {
      assertEquals(STRAIGHT.get(0).send("INFO", section), one.send("INFO", section));
    }
  }

  @Test
  void numbersOfNodesAreAdded() {
    fill(50);
    assertEquals("OK", three.send("SET", "expiring", "soon", "EX", "1000"));
    Map<String, String> fields = info(three);
    String keyspace = fields.get("db0");
    assertTrue(keyspace.startsWith("keys=51,expires=1,avg_ttl="), keyspace);
    long ttl = Long.parseLong(keyspace.substring(keyspace.lastIndexOf('=') + 1));
    assertTrue(ttl > 900_000 || ttl == 0, keyspace);
    long changes =
        STRAIGHT.stream()
            .mapToLong(node -> Long.parseLong(info(node).get("rdb_changes_since_last_save")))
            .sum();
    assertEquals("" + changes, fields.get("rdb_changes_since_last_save"));
    assertEquals("0", fields.get("loading"));
    assertEquals("0", fields.get("aof_enabled"));
    assertEquals("ok", fields.get("rdb_last_bgsave_status"));
    assertEquals("64", fields.get("arch_bits"));
    assertEquals(info(STRAIGHT.get(0)).get("redis_version"), fields.get("redis_version"));
    assertEquals("0", fields.get("blocked_clients"));
    assertEquals("3", fields.get("nodes_that_answered"));
    assertFalse(fields.containsKey("cmdstat_set"), "not by default");
    three.send("GET", "key:1");
    three.send("GET", "nothing");
    assertEquals("1", info(three, "stats").get("keyspace_hits"));
    assertEquals("1", info(three, "stats").get("keyspace_misses"));
    assertTrue(Long.parseLong(fields.get("used_memory")) > 2_000_000, "of three servers");
    assertTrue(fields.get("used_memory_human").matches("[2-9]\\.\\d\\dM"), "made again");
    assertTrue(fields.get("used_cpu_sys").matches("\\d+\\.\\d{6}"), fields.get("used_cpu_sys"));
    String calls = info(three, "commandstats").get("cmdstat_set");
    assertTrue(calls.startsWith("calls=51,usec="), calls);
    assertTrue(calls.matches(".*usec_per_call=\\d+\\.\\d\\d,.*"), calls);
  }

  @Test
  void sectionsAreChosenAsInRedis() {
    assertEquals(List.of("Memory"), titles(three, "INFO", "memory"));
    assertEquals(List.of("Server", "Memory"), titles(three, "INFO", "Memory", "SERVER"));
    List<String> byDefault =
        List.of(
            "Server",
            "Clients",
            "Memory",
            "Persistence",
            "Stats",
            "Replication",
            "CPU",
            "Modules",
            "Cluster",
            "Keyspace");
    assertEquals(byDefault, without(titles(three, "INFO"), "Errorstats"));
    assertEquals(byDefault, without(titles(three, "INFO", "default"), "Errorstats"));
    assertTrue(titles(three, "INFO", "all").contains("Commandstats"));
    assertTrue(titles(three, "INFO", "everything").contains("Nodes"));
    assertEquals("", three.send("INFO", "nothing"));
    assertEquals(List.of("node0", "node1", "node2"), List.copyOf(info(three, "nodes").keySet()));
    String node = String.valueOf(info(three, "nodes").get("node0"));
    assertTrue(node.startsWith("name=n0,address=" + NODES.get(0).address() + ",state=up,"), node);
    Map<String, String> replication = info(three, "replication");
    assertEquals("master", replication.get("role"));
    assertEquals("0", replication.get("connected_slaves"));
    assertEquals("0", replication.get("nodes_without_primary"));
    assertEquals(
        "node=n1,address=" + NODES.get(1).address() + ",state=up,replicas=0",
        replication.get("primary1"));
  }

  /** Redis 6.2 has no error statistics by default, later ones do. */
  private static List<String> without(List<String> titles, String title) {
    return titles.stream().filter(each -> !each.equals(title)).toList();
  }

  @Test
  void respThreeGetsAVerbatimString() {
    try (RawClient client = ofThree.connect()) {
      client.write(RawClient.request("HELLO", "3"));
      client.write(RawClient.request("INFO", "keyspace"));
      client.write(RawClient.request("ECHO", "end"));
      String bytes = client.readUntil("$3\r\nend\r\n");
      assertTrue(bytes.contains("=16\r\ntxt:# Keyspace\r\n\r\n$3\r\nend"), bytes);
    }
  }

  @Test
  void whoIsPausedIsBlocked() {
    try (RawClient writer = ofThree.connect();
        RawClient reader = ofThree.connect()) {
      assertEquals("OK", reader.send("CLIENT", "PAUSE", "100000", "WRITE"));
      writer.write(RawClient.request("SET", "a", "b"));
      Await.until(
          "the writer is blocked",
          () -> info(reader, "clients").get("blocked_clients").equals("1"));
      assertEquals("OK", reader.send("CLIENT", "UNPAUSE"));
      assertEquals("OK", writer.read());
      assertEquals("0", info(reader, "clients").get("blocked_clients"));
    }
  }

  @Test
  void infoTellsOfProxyAndNodesWhereAdministrationIsRefused() {
    try (TestProxy refusing = TestProxy.of(NODES.toArray(RealRedis[]::new));
        RawClient client = refusing.connect()) {
      assertEquals(
          List.of(
              "Server",
              "Clients",
              "Memory",
              "Persistence",
              "Stats",
              "Replication",
              "CPU",
              "Modules",
              "Errorstats",
              "Cluster",
              "Keyspace"),
          titles(client, "INFO"));
      assertEquals("", client.send("INFO", "nosuchsection"));
      assertEquals("3", info(client).get("nodes"));
      assertInstanceOf(ErrorReply.class, client.send("DEBUG", "OBJECT", "key"));
      assertEquals(List.of("master", 0L, List.of()), client.send("ROLE"));
    }
  }

  @Test
  void infoGoesOnWithoutANodeThatIsDown() {
    RealRedis dying = RealRedis.start();
    try (TestProxy half = builder().node(NODES.get(0).port()).node(dying.port()).start();
        RawClient client = half.connect()) {
      assertEquals("2", info(client).get("nodes_that_answered"));
      dying.close();
      Await.until(
          "one is down",
          () ->
              info(client, "nodes").get("node1").contains(",state=down,")
                  || info(client).get("nodes_that_answered").equals("2"));
      assertEquals("1", info(client).get("nodes_that_answered"));
    }
  }

  // ---------------------------------------------------------------- DEBUG

  @Test
  void debugThatNamesAKeyGoesToItsNode() {
    fill(30);
    for (int i = 0; i < 30; i++) {
      String reply = three.send("DEBUG", "OBJECT", "key:" + i).toString();
      assertTrue(reply.startsWith("Value at:"), reply);
      assertEquals("embstr", three.send("OBJECT", "ENCODING", "key:" + i));
      assertEquals(1L, three.send("OBJECT", "REFCOUNT", "key:" + i));
      assertInstanceOf(Long.class, three.send("OBJECT", "IDLETIME", "key:" + i));
      assertInstanceOf(Long.class, three.send("MEMORY", "USAGE", "key:" + i));
      List<?> digests = (List<?>) three.send("DEBUG", "DIGEST-VALUE", "key:" + i);
      assertNotEquals(List.of("0".repeat(40)), digests);
    }
    assertEquals(new ErrorReply("ERR no such key"), three.send("DEBUG", "OBJECT", "none"));
    assertInstanceOf(List.class, three.send("DEBUG", "DIGEST-VALUE", "{a}1", "{a}2"));
  }

  @Test
  void theDigestOfAllNodesIsThatOfTheirData() {
    assertEquals("0".repeat(40), three.send("DEBUG", "DIGEST"));
    fill(30);
    Object before = three.send("DEBUG", "DIGEST");
    assertNotEquals("0".repeat(40), before);
    assertEquals("OK", three.send("DEBUG", "RELOAD"));
    assertEquals(before, three.send("DEBUG", "DIGEST"));
    assertEquals("OK", three.send("SET", "key:1", "another"));
    assertNotEquals(before, three.send("DEBUG", "DIGEST"));
    assertEquals(STRAIGHT.get(0).send("DEBUG", "DIGEST"), one.send("DEBUG", "DIGEST"));
  }

  @Test
  void debugWithoutAKeyGoesToEveryNode() {
    assertEquals("OK", three.send("DEBUG", "SET-ACTIVE-EXPIRE", "0"));
    assertEquals("OK", three.send("DEBUG", "SET-ACTIVE-EXPIRE", "1"));
    assertEquals("OK", three.send("DEBUG", "SLEEP", "0"));
    assertEquals(new ErrorReply("ERR boom"), three.send("DEBUG", "ERROR", "ERR boom"));
    assertEquals(STRAIGHT.get(0).send("DEBUG", "NOSUCH"), three.send("DEBUG", "NOSUCH"));
    assertEquals(STRAIGHT.get(0).send("DEBUG", "OBJECT"), three.send("DEBUG", "OBJECT"));
    assertEquals(STRAIGHT.get(0).send("DEBUG"), three.send("DEBUG"));
  }

  @Test
  void populatingPutsEachKeyOnItsNode() {
    assertEquals("OK", three.send("SET", "key:7", "as it was"));
    assertEquals("OK", three.send("DEBUG", "POPULATE", "2500"));
    assertEquals(2500L, three.send("DBSIZE"));
    for (int i = 0; i < 2500; i += 61) {
      assertEquals("value:" + i, three.send("GET", "key:" + i));
    }
    assertEquals("as it was", three.send("GET", "key:7"));
    assertEquals("OK", three.send("DEBUG", "POPULATE", "3", "{tag}", "10"));
    assertEquals("value:2\0\0\0", three.send("GET", "{tag}:2"));
    assertEquals("OK", three.send("DEBUG", "POPULATE", "0"));
    assertEquals(2503L, three.send("DBSIZE"));
    assertEquals(
        new ErrorReply("ERR value is out of range, must be positive"),
        three.send("DEBUG", "POPULATE", "-1"));
    assertEquals("OK", one.send("DEBUG", "POPULATE", "5", "direct"));
    assertEquals("value:4", one.send("GET", "direct:4"));
  }

  @Test
  void debugThatEndsAServerIsRefused() {
    for (String name :
        List.of("SEGFAULT", "PANIC", "RESTART", "CRASH-AND-RECOVER", "OOM", "ASSERT")) {
      assertEquals(
          new ErrorReply("ERR DEBUG " + name + " would stop a server that other clients use"),
          three.send("DEBUG", name));
    }
    assertEquals(List.of("PONG", "PONG", "PONG"), straight("PING"));
  }

  @Test
  void commandShowsDebugAsRedisDoes() {
    List<?> entry = (List<?>) ((List<?>) three.send("COMMAND", "INFO", "debug")).get(0);
    assertEquals("debug", entry.get(0));
    assertEquals(List.of(), entry.get(9));
    List<?> names = (List<?>) three.send("COMMAND", "LIST");
    assertFalse(names.contains("debug|object"));
  }

  // ---------------------------------------------------------------- SLOWLOG, LATENCY, MEMORY

  @Test
  void theSlowLogIsThatOfAllNodes() {
    assertEquals("OK", three.send("CONFIG", "SET", "slowlog-log-slower-than", "0"));
    assertEquals("OK", three.send("SLOWLOG", "RESET"));
    fill(30);
    assertEquals("OK", three.send("CONFIG", "SET", "slowlog-log-slower-than", "-1"));
    long length = (Long) three.send("SLOWLOG", "LEN");
    assertEquals(straight("SLOWLOG", "LEN").stream().mapToLong(n -> (Long) n).sum(), length);
    List<?> all = (List<?>) three.send("SLOWLOG", "GET", "-1");
    Set<Object> expected = new HashSet<>();
    straight("SLOWLOG", "GET", "-1").forEach(list -> expected.addAll((List<?>) list));
    assertEquals(expected, new HashSet<>(all));
    assertEquals(10, ((List<?>) three.send("SLOWLOG", "GET")).size());
    assertEquals(3, ((List<?>) three.send("SLOWLOG", "GET", "3")).size());
    assertInstanceOf(ErrorReply.class, three.send("SLOWLOG", "GET", "x"));
    assertEquals("OK", three.send("SLOWLOG", "RESET"));
    assertEquals(0L, three.send("SLOWLOG", "LEN"));
  }

  @Test
  void latencyIsThatOfAllNodes() {
    assertEquals("OK", three.send("CONFIG", "SET", "latency-monitor-threshold", "1"));
    three.send("LATENCY", "RESET");
    assertEquals("OK", STRAIGHT.get(0).send("DEBUG", "SLEEP", "0.02"));
    assertEquals("OK", STRAIGHT.get(2).send("DEBUG", "SLEEP", "0.05"));
    // On a busy machine other events may be slow, too: none from here on.
    assertEquals("OK", three.send("CONFIG", "SET", "latency-monitor-threshold", "100000"));
    long most = 0;
    long events = 0;
    for (Object latest : straight("LATENCY", "LATEST")) {
      for (Object event : (List<?>) latest) {
        events++;
        if (((List<?>) event).get(0).equals("command")) {
          most = Math.max(most, (Long) ((List<?>) event).get(3));
        }
      }
    }
    Set<Object> names = new HashSet<>();
    for (Object event : (List<?>) three.send("LATENCY", "LATEST")) {
      assertTrue(names.add(((List<?>) event).get(0)), "each event once");
      if (((List<?>) event).get(0).equals("command")) {
        assertEquals(most, ((List<?>) event).get(3), "the most of all nodes");
      }
    }
    assertTrue(names.contains("command"));
    long samples =
        straight("LATENCY", "HISTORY", "command").stream()
            .mapToLong(history -> ((List<?>) history).size())
            .sum();
    assertEquals(samples, ((List<?>) three.send("LATENCY", "HISTORY", "command")).size());
    assertEquals(List.of(), three.send("LATENCY", "HISTORY", "other"));
    assertTrue(three.send("LATENCY", "GRAPH", "command").toString().startsWith("command - "));
    assertInstanceOf(ErrorReply.class, three.send("LATENCY", "GRAPH", "other"));
    String doctor = three.send("LATENCY", "DOCTOR").toString();
    assertTrue(doctor.startsWith("# Node n0\n") && doctor.contains("\n# Node n2\n"), doctor);
    assertEquals(events, three.send("LATENCY", "RESET"));
    assertEquals(List.of(), three.send("LATENCY", "LATEST"));
    assertEquals("OK", three.send("CONFIG", "SET", "latency-monitor-threshold", "0"));
  }

  @Test
  void memoryIsThatOfAllNodes() {
    fill(30);
    List<?> stats = (List<?>) three.send("MEMORY", "STATS");
    assertEquals(30L, stats.get(stats.indexOf("keys.count") + 1));
    assertTrue((Long) stats.get(stats.indexOf("total.allocated") + 1) > 2_000_000);
    assertTrue(three.send("MEMORY", "DOCTOR").toString().startsWith("# Node n0\n"));
    assertTrue(three.send("MEMORY", "MALLOC-STATS").toString().contains("\n# Node n1\n"));
    assertEquals("OK", three.send("MEMORY", "PURGE"));
  }

  // ---------------------------------------------------------------- CONFIG, persistence

  @Test
  void savingIsDoneByAllAndTheEarliestCounts() {
    assertEquals("OK", three.send("SAVE"));
    long earliest =
        straight("LASTSAVE").stream().mapToLong(time -> (Long) time).min().orElseThrow();
    assertEquals(earliest, three.send("LASTSAVE"));
    assertEquals("Background saving started", three.send("BGSAVE"));
    Await.until(
        "all have saved",
        () -> info(three, "persistence").get("rdb_bgsave_in_progress").equals("0"));
  }

  @Test
  void configurationIsSetOnAllNodesOrTheErrorTold() {
    assertEquals("OK", three.send("CONFIG", "SET", "maxmemory-samples", "6"));
    assertEquals(
        List.of("maxmemory-samples", "6"), three.send("CONFIG", "GET", "maxmemory-samples"));
    for (Object values : straight("CONFIG", "GET", "maxmemory-samples")) {
      assertEquals(List.of("maxmemory-samples", "6"), values);
    }
    assertEquals(
        STRAIGHT.get(0).send("CONFIG", "SET", "maxmemory-samples", "x"),
        three.send("CONFIG", "SET", "maxmemory-samples", "x"));
    assertInstanceOf(ErrorReply.class, three.send("CONFIG", "REWRITE")); // they have no file
  }

  // ---------------------------------------------------------------- within a transaction

  @Test
  void whatConcernsEveryNodeIsPartOfATransactionAndDoneOnTheOthersAfterIt() {
    for (int i = 0; i < 30; i++) {
      assertEquals("OK", three.send("SET", "key:" + i, "v"));
    }
    assertEquals("OK", three.send("MULTI"));
    assertEquals("QUEUED", three.send("FLUSHALL"));
    assertEquals("QUEUED", three.send("SET", "key:0", "kept"));
    assertEquals("QUEUED", three.send("CONFIG", "SET", "slowlog-max-len", "77"));
    assertEquals(List.of("OK", "OK", "OK"), three.send("EXEC"));
    assertEquals("kept", three.send("GET", "key:0"));
    assertEquals(1L, three.send("DBSIZE"));
    for (RawClient straight : STRAIGHT) {
      assertEquals(
          List.of("slowlog-max-len", "77"), straight.send("CONFIG", "GET", "slowlog-max-len"));
    }
  }

  @Test
  void aTransactionThatIsNotCarriedOutDoesNothingOnTheOthers() {
    try (RawClient other = ofThree.connect()) {
      for (int i = 0; i < 30; i++) {
        assertEquals("OK", three.send("SET", "key:" + i, "v"));
      }
      assertEquals("OK", three.send("WATCH", "key:0"));
      assertEquals("OK", other.send("SET", "key:0", "changed"));
      assertEquals("OK", three.send("MULTI"));
      assertEquals("QUEUED", three.send("SELECT", "1"));
      assertEquals("QUEUED", three.send("FLUSHALL"));
      assertEquals(null, three.send("EXEC"));
      assertEquals("changed", three.send("GET", "key:0")); // still in database 0
      assertEquals(30L, three.send("DBSIZE"));
      assertEquals("OK", three.send("MULTI"));
      assertEquals("QUEUED", three.send("FLUSHALL"));
      assertEquals("OK", three.send("DISCARD"));
      assertEquals(30L, three.send("DBSIZE"));
    }
  }

  @Test
  void whatIsMergedOfAllNodesCannotBePartOfATransaction() {
    assertEquals("OK", three.send("MULTI"));
    assertEquals(
        new ErrorReply(
            "ERR KEYS concerns every node and cannot be part of a transaction, which is on one"),
        three.send("KEYS", "*"));
    assertEquals(
        new ErrorReply("EXECABORT Transaction discarded because of previous errors."),
        three.send("EXEC"));
  }

  // ---------------------------------------------------------------- scripts

  @Test
  void aRunningScriptIsKilledOnWhicheverNodeItIs() {
    assertEquals(
        new ErrorReply("NOTBUSY No scripts in execution right now."), three.send("SCRIPT", "KILL"));
    assertEquals("OK", three.send("CONFIG", "SET", "lua-time-limit", "1"));
    for (int i = 0; i < 6; i++) {
      // On the same worker and so by the same connection: the way to the node is blocked.
      for (TestProxy proxy : List.of(ofThree, ofOne)) {
        try (RawClient runner = proxy.connect();
            RawClient killer = proxy.connect()) {
          ByteArrayOutputStream together = new ByteArrayOutputStream();
          together.writeBytes(RawClient.request("GET", "key:" + i)); // answered with the script
          together.writeBytes(RawClient.request("EVAL", "while true do end", "1", "key:" + i));
          runner.write(together.toByteArray());
          assertEquals("OK", killer.send("SELECT", "5")); // which a busy node refuses
          Await.until(
              "PING says that a node is busy",
              () ->
                  killer.send("PING") instanceof ErrorReply busy
                      && busy.text().startsWith("BUSY "));
          runner.write(RawClient.request("PING")); // whose turn is after the script
          Await.until("it is killed", () -> "OK".equals(killer.send("SCRIPT", "KILL")));
          assertEquals(null, runner.read());
          ErrorReply error = assertInstanceOf(ErrorReply.class, runner.read());
          assertTrue(error.text().contains("Script killed by user"), error.text());
          assertEquals("PONG", runner.read());
          Await.until("PING is answered again", () -> "PONG".equals(killer.send("PING")));
        }
      }
    }
    assertEquals(
        new ErrorReply("NOTBUSY No scripts in execution right now."), one.send("SCRIPT", "KILL"));
  }
}
