package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code WAIT} and {@code WAITAOF} in front of real servers that have a replica, which is frozen.
 * Servers of 7.2 and later are those that {@code CASHEW_TEST_REDIS} names.
 */
final class ReplicasTest {
  /** A server with a replica. */
  private record Pair(RealRedis primary, RealRedis replica) {
    void link() {
      try (RawClient client = replica.connect()) {
        client.send("REPLICAOF", "127.0.0.1", "" + primary.port());
        Await.until(
            "the replica follows",
            () -> ((String) client.send("INFO", "replication")).contains("master_link_status:up"));
      }
    }

    /** Both have a file of what is written. */
    void keepFiles() {
      for (RealRedis server : List.of(primary, replica)) {
        try (RawClient client = server.connect()) {
          client.send("CONFIG", "SET", "appendonly", "yes");
        }
      }
    }
  }

  private static final Map<String, Pair> PAIRS = new TreeMap<>();

  @TempDir static Path directory;

  private TestProxy proxy;

  @BeforeAll
  static void start() throws IOException {
    add("6.2", List.of(RealRedis.start(options()), RealRedis.start(options())));
    List<RealRedis> installed = new ArrayList<>();
    RealRedis.startInstalled(options()).ifPresent(installed::add);
    RealRedis.startInstalled(options()).ifPresent(installed::add);
    if (!installed.isEmpty()) {
      add("installed", installed);
    }
    List<RealRedis> primaries = RealRedis.startNewer(options());
    List<RealRedis> replicas = new ArrayList<>();
    for (int i = 0; i < primaries.size(); i++) {
      replicas.addAll(RealRedis.startNewer(options()));
      add("newer " + i, List.of(primaries.get(i), replicas.get(i)));
    }
  }

  private static String[] options() throws IOException {
    return new String[] {
      "--dir",
      Files.createTempDirectory(directory, "node").toString(),
      "--repl-diskless-sync-delay",
      "0",
      "--repl-ping-replica-period", // what it sends by itself counts as written, too
      "3600"
    };
  }

  private static void add(String name, List<RealRedis> servers) {
    Pair pair = new Pair(servers.get(0), servers.get(1));
    pair.link();
    PAIRS.put(name, pair);
  }

  @AfterAll
  static void stop() {
    for (Pair pair : PAIRS.values()) {
      pair.replica.close();
      pair.primary.close();
    }
  }

  @AfterEach
  void thaw() {
    PAIRS.values().forEach(pair -> pair.replica.thaw());
    if (proxy != null) {
      proxy.close();
    }
  }

  static Stream<String> servers() {
    return PAIRS.keySet().stream();
  }

  private Pair proxyOf(String server, int workers) {
    Pair pair = PAIRS.get(server);
    if (pair == null) {
      throw new IllegalStateException("no server " + server);
    }
    proxy = new TestProxy.Builder().node(pair.primary.port()).workers(workers).start();
    return pair;
  }

  private static boolean is72(Pair pair) {
    try (RawClient direct = pair.primary.connect()) {
      return !(direct.send("WAITAOF", "0", "0", "0") instanceof ErrorReply);
    }
  }

  @ParameterizedTest
  @MethodSource("servers")
  void aWriteThatTheReplicaHasNotIsNotConfirmed(String server) {
    Pair pair = proxyOf(server, 1);
    try (RawClient client = proxy.connect()) {
      assertEquals("OK", client.send("SET", "k", "1"));
      assertEquals(1L, client.send("WAIT", "1", "9000"));
      pair.replica.freeze();
      assertEquals("OK", client.send("SET", "k", "2"));
      assertEquals(0L, client.send("WAIT", "1", "200"));
      assertEquals(0L, client.send("WAIT", "0", "200"));
      pair.replica.thaw();
      assertEquals(1L, client.send("WAIT", "1", "9000"));
    }
  }

  /** However a client writes. */
  @ParameterizedTest
  @MethodSource("servers")
  void neitherIsOneOfATransactionAScriptOrAWaitForAKey(String server) {
    Pair pair = proxyOf(server, 1);
    for (List<String> requests :
        List.of(
            List.of("MULTI", "SET k 1", "EXEC"),
            List.of("EVAL return(redis.call('SET',KEYS[1],'1')) 1 k"),
            List.of("RPUSH q 1", "BLPOP q 0"),
            List.of("SET k 1", "SELECT 1"),
            List.of("SELECT 1", "SET k 1"),
            List.of("MSET a 1 b 2"),
            List.of("FLUSHALL"),
            List.of("PUBLISH c m"),
            List.of("SET k " + "v".repeat(400_000)))) {
      try (RawClient client = proxy.connect()) {
        client.send("GET", "k");
        pair.replica.freeze();
        for (String request : requests) {
          client.send(request.split(" "));
        }
        assertEquals(0L, client.send("WAIT", "1", "50"), requests.get(0).substring(0, 4));
        pair.replica.thaw();
        assertEquals(1L, client.send("WAIT", "1", "9000"), requests.get(0).substring(0, 4));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("servers")
  void whatTheReplicaHasIsConfirmedWhateverOthersHaveWrittenSince(String server) {
    Pair pair = proxyOf(server, 2);
    try (RawClient client = proxy.connect();
        RawClient other = proxy.connect()) { // on the other worker, and its connection
      assertEquals("OK", other.send("SET", "o", "1"));
      assertEquals("OK", client.send("SET", "k", "1"));
      assertEquals(1L, client.send("WAIT", "1", "9000"));
      pair.replica.freeze();
      assertEquals("OK", other.send("SET", "o", "2"));
      assertEquals(1L, client.send("WAIT", "1", "0"));
      assertEquals(0L, other.send("WAIT", "1", "50"));
    }
  }

  /** However few replicas other nodes have. */
  @ParameterizedTest
  @MethodSource("servers")
  void onlyTheNodesThatHaveTheWritesAreAsked(String server) {
    Pair pair = proxyOf(server, 1);
    proxy.close();
    try (RealRedis alone = RealRedis.start()) {
      proxy =
          new TestProxy.Builder().node(pair.primary.port()).node(alone.port()).workers(1).start();
      String here = keyOf(pair.primary, alone);
      String there = keyOf(alone, pair.primary);
      for (List<String> requests :
          List.of(
              List.of("SET " + here + " 1", "GET " + there),
              List.of("MULTI", "SET " + here + " 1", "EXEC"),
              List.of("SELECT 1", "SET " + here + " 1", "SELECT 0"),
              List.of("DEL " + here, "RPUSH " + here + " 1", "BLPOP " + here + " 0"))) {
        try (RawClient client = proxy.connect()) {
          requests.forEach(request -> client.send(request.split(" ", -1)));
          assertEquals(1L, client.send("WAIT", "1", "9000"), requests.get(0));
          client.send("SET", there, "1");
          assertEquals(0L, client.send("WAIT", "1", "50"), requests.get(0));
        }
      }
    }
  }

  /** A key of one server and not of another. */
  private String keyOf(RealRedis of, RealRedis other) {
    try (RawClient client = proxy.connect();
        RawClient one = of.connect();
        RawClient two = other.connect()) {
      one.send("FLUSHALL");
      two.send("FLUSHALL");
      for (int i = 0; one.send("DBSIZE").equals(0L); i++) {
        client.send("SET", "key" + i, "1");
        if (one.send("DBSIZE").equals(1L)) {
          one.send("FLUSHALL");
          return "key" + i;
        }
      }
      throw new IllegalStateException("no key");
    }
  }

  @ParameterizedTest
  @MethodSource("servers")
  void whoHasWrittenNothingDoesNotWait(String server) {
    Pair pair = proxyOf(server, 1);
    assumeTrue(is72(pair), "up to 7.0 a node waits for what it has written up to the last command");
    try (RawClient client = proxy.connect();
        RawClient other = proxy.connect()) {
      assertEquals("OK", other.send("SET", "k", "1"));
      pair.replica.freeze();
      assertEquals("OK", other.send("SET", "k", "2"));
      assertEquals("2", client.send("GET", "k"));
      assertEquals(1L, client.send("WAIT", "1", "0"));
      assertEquals(1L, client.send("WAIT", "2", "10"));
      assertEquals(0L, other.send("WAIT", "1", "50"));
    }
  }

  @ParameterizedTest
  @MethodSource("servers")
  void aWaitEndsWhenTheReplicaHasTheWrite(String server) {
    Pair pair = proxyOf(server, 1);
    try (RawClient client = proxy.connect()) {
      pair.replica.freeze();
      assertEquals("OK", client.send("SET", "k", "3"));
      client.write(RawClient.request("WAIT", "1", "0"));
      try (RawClient direct = pair.primary.connect()) {
        Await.until(
            "it waits",
            () -> ((String) direct.send("INFO", "clients")).contains("blocked_clients:1"));
      }
      pair.replica.thaw();
      assertEquals(1L, client.read());
    }
  }

  @ParameterizedTest
  @MethodSource("servers")
  void aConnectionThatWasMadeAnewHasCarriedNothing(String server) {
    Pair pair = proxyOf(server, 1);
    try (RawClient client = proxy.connect();
        RawClient direct = pair.primary.connect()) {
      pair.replica.freeze();
      assertEquals("OK", client.send("SET", "k", "4"));
      direct.send("CLIENT", "KILL", "TYPE", "normal");
      Await.until("it is made anew", () -> "4".equals(client.send("GET", "k")));
      assertEquals(0L, client.send("WAIT", "1", "100"));
    }
  }

  @ParameterizedTest
  @MethodSource("servers")
  void filesOfReplicasAreWaitedForToo(String server) {
    Pair pair = proxyOf(server, 1);
    assumeTrue(is72(pair), "WAITAOF came with 7.2");
    try (RawClient client = proxy.connect()) {
      assertTrue(client.send("WAITAOF", "1", "0", "0") instanceof ErrorReply);
      pair.keepFiles();
      assertEquals("OK", client.send("SET", "k", "1"));
      assertEquals(List.of(1L, 1L), client.send("WAITAOF", "1", "1", "9000"));
      pair.replica.freeze();
      assertEquals(List.of(1L, 1L), client.send("WAITAOF", "1", "1", "9000"));
      assertEquals("OK", client.send("SET", "k", "2"));
      assertEquals(List.of(1L, 0L), client.send("WAITAOF", "1", "0", "9000"));
      assertEquals(0L, ((List<?>) client.send("WAITAOF", "0", "1", "100")).get(1));
      pair.replica.thaw();
      assertEquals(List.of(1L, 1L), client.send("WAITAOF", "1", "1", "9000"));
    }
  }

  @Test
  void malformedRequestsGetTheNodesErrors() {
    proxyOf("6.2", 1);
    try (RawClient client = proxy.connect()) {
      client.send("SET", "k", "1");
      assertEquals(
          new ErrorReply("ERR value is not an integer or out of range"),
          client.send("WAIT", "x", "0"));
      assertEquals(new ErrorReply("ERR timeout is negative"), client.send("WAIT", "0", "-1"));
      assertEquals(
          new ErrorReply("ERR timeout is not an integer or out of range"),
          client.send("WAIT", "0", "soon"));
    }
  }

  @Test
  void aTransactionCannotAsk() {
    proxyOf("6.2", 1);
    try (RawClient client = proxy.connect()) {
      client.send("MULTI");
      assertEquals(
          new ErrorReply("ERR WAIT cannot be part of a transaction through this proxy"),
          client.send("WAIT", "1", "0"));
      assertEquals(
          new ErrorReply("EXECABORT Transaction discarded because of previous errors."),
          client.send("EXEC"));
    }
  }

  @ParameterizedTest
  @MethodSource("servers")
  void aNodeThatRefusesTheMessageIsSaidToBeUnknowing(String server) {
    Pair pair = proxyOf(server, 1);
    assumeTrue(is72(pair), "only later servers need the message");
    try (RawClient direct = pair.primary.connect();
        RawClient client = proxy.connect()) {
      direct.send("ACL", "SETUSER", "default", "resetchannels");
      try {
        client.send("SET", "k", "1");
        pair.replica.freeze();
        client.send("SET", "k", "2");
        String error = client.send("WAIT", "1", "0") instanceof ErrorReply e ? e.text() : "";
        assertTrue(error.startsWith("ERR node 'n0' cannot be asked which replicas have"), error);
        assertTrue(error.contains("SPUBLISH to channel 'cashew:wait' (NOPERM"), error);
      } finally {
        direct.send("ACL", "SETUSER", "default", "allchannels");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("servers")
  void aWaitCanBeEndedAndItsClientCanLeave(String server) {
    Pair pair = proxyOf(server, 1);
    try (RawClient client = proxy.connect();
        RawClient direct = pair.primary.connect()) {
      client.send("SET", "k", "1");
      client.write(RawClient.request("WAIT", "5", "0"));
      Await.until(
          "it waits",
          () -> ((String) direct.send("INFO", "clients")).contains("blocked_clients:1"));
      client.reset();
      Await.until(
          "it is forgotten",
          () -> ((String) direct.send("INFO", "clients")).contains("blocked_clients:0"));
    }
  }
}
