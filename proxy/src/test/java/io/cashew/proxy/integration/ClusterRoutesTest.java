package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.Opened;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealCluster;
import io.cashew.proxy.testing.RealRedis;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One port in front of a Cluster, of nodes that share their keys, and of nodes that are copies. */
final class ClusterRoutesTest {
  private static final long SEED = Long.getLong("cashew.seed", 20_261_130L);
  private static final int ROUNDS = Integer.getInteger("cashew.fuzz.rounds", 3_000);

  private static final String ROUTES =
      """
      { keys = "n:*", pool = nodes }
      { keys = "same:*", pool = same }
      { keys = "*", pool = cluster }
      """;

  private static RealCluster cluster;

  /** Of the pools nodes (0 and 1) and same (2 and 3), and one beside them. */
  private static final List<RealRedis> SERVERS = new ArrayList<>();

  private static int nextSlot = 100;

  private final int port = FreePorts.next();
  private final int ownPort = FreePorts.next();
  private final int copyPort = FreePorts.next();
  private final Opened open = new Opened();
  private FileProxy proxy;
  private RawClient client;

  @TempDir private Path directory;

  @BeforeAll
  static void startServers() {
    cluster = RealCluster.start(3, 0);
    for (int i = 0; i < 5; i++) {
      SERVERS.add(RealRedis.start());
    }
  }

  @AfterAll
  static void stopServers() {
    SERVERS.forEach(RealRedis::close);
    cluster.close();
  }

  @BeforeEach
  void start() {
    proxy = FileProxy.start(directory.resolve("cashew.conf"), config(ROUTES));
    ClusterTest.awaitServed(port);
    client = open.connect(port);
    assertEquals("OK", client.send("FLUSHALL"));
    try (RawClient beside = SERVERS.get(4).connect()) {
      beside.send("FLUSHALL");
    }
  }

  @AfterEach
  void stop() throws Exception {
    open.close();
    proxy.close();
  }

  private String config(String routes) {
    return """
    cashew {
      workers = 1
      admin.listen = off
      pools.front {
        listen = "127.0.0.1:%d", routes = [ %s ], auth.users.reports { rules = "on >pw ~* &* +@all" }
      }
      pools.nodes { nodes = [ "%s a", "%s b" ], hash-tag = "{}" }
      pools.same { nodes = [ "%s a", "%s b" ], distribution = random }
      pools.cluster { listen = "127.0.0.1:%d", cluster.seeds = [ "%s" ], timeout = 20s }
      pools.copy { listen = "127.0.0.1:%d", cluster.seeds = [ "%s" ], timeout = 20s }
    }
    """
        .formatted(
            port,
            routes,
            SERVERS.get(0).address(),
            SERVERS.get(1).address(),
            SERVERS.get(2).address(),
            SERVERS.get(3).address(),
            ownPort,
            cluster.server(0).address(),
            copyPort,
            cluster.server(1).address());
  }

  private static Set<String> keys(List<RealRedis> servers) {
    Set<String> keys = new TreeSet<>();
    for (RealRedis server : servers) {
      try (RawClient direct = server.connect()) {
        ((List<?>) direct.send("KEYS", "*")).forEach(key -> keys.add((String) key));
      }
    }
    return keys;
  }

  /** A key of the n-th server of the Cluster. */
  private static String key(int server, int number) {
    return RealCluster.keyOf(RealCluster.SLOTS * server / 3 + number) + "k" + number;
  }

  private static String error(@Nullable Object reply) {
    return assertInstanceOf(ErrorReply.class, reply).text();
  }

  // ---------------------------------------------------------------- keys

  @Test
  void eachKeyIsInItsPool() {
    String[] keys = {"n:1", "n:2", key(0, 1), key(1, 1), key(2, 1)};
    for (String key : keys) {
      assertEquals("OK", client.send("SET", key, "v:" + key));
    }
    assertEquals(Set.of("n:1", "n:2"), keys(SERVERS.subList(0, 2)));
    assertEquals(Set.of(key(0, 1), key(1, 1), key(2, 1)), keys(cluster.servers()));
    assertEquals("v:" + key(2, 1), open.connect(ownPort).send("GET", key(2, 1)));
    List<String> mget = new ArrayList<>(List.of("MGET"));
    mget.addAll(List.of(keys));
    assertEquals(
        Arrays.stream(keys).map("v:"::concat).toList(), client.send(mget.toArray(String[]::new)));
    assertEquals(3L, client.send("DEL", "n:1", key(0, 1), key(2, 1), key(2, 2)));
  }

  @Test
  void whatOneRedisAnswersAClusterAndNodesAnswer() {
    RawClient one = open.keep(SERVERS.get(4).connect());
    Random random = new Random(SEED);
    for (int i = 0; i < ROUNDS; i++) {
      String[] request = request(random);
      assertEquals(
          sorted(request, one.send(request)),
          sorted(request, client.send(request)),
          () -> String.join(" ", request) + ", seed " + SEED);
    }
    assertEquals(one.send("DBSIZE"), client.send("DBSIZE"));
    assertTrue(keys(SERVERS.subList(0, 2)).size() > 3 && keys(cluster.servers()).size() > 10);
  }

  private static @Nullable Object sorted(String[] request, @Nullable Object reply) {
    return request[0].equals("KEYS") && reply instanceof List<?> keys
        ? new TreeSet<>(keys.stream().map(String::valueOf).toList())
        : reply;
  }

  private static String randomKey(Random random) {
    return List.of("n:", "", "user:", "n").get(random.nextInt(4)) + random.nextInt(20);
  }

  private static String[] request(Random random) {
    String key = randomKey(random);
    String number = "" + random.nextInt(100);
    String tag = (random.nextBoolean() ? "n:" : "") + "{" + random.nextInt(5) + "}";
    return switch (random.nextInt(14)) {
      case 0 -> new String[] {"MGET", key, randomKey(random), randomKey(random), key};
      case 1 -> new String[] {"MSET", key, number, randomKey(random), "x" + number};
      case 2 -> new String[] {"DEL", key, randomKey(random)};
      case 3 -> new String[] {"EXISTS", key, key, randomKey(random)};
      case 4 -> new String[] {"SET", key, number};
      case 5 -> new String[] {"APPEND", key, number};
      case 6 -> new String[] {"KEYS", "*" + random.nextInt(20) + "*"};
      case 7 -> new String[] {"DBSIZE"};
      case 8 -> new String[] {"SADD", tag + "s" + random.nextInt(3), number};
      case 9 -> new String[] {"SUNIONSTORE", tag + "s0", tag + "s1", tag + "s2"};
      case 10 -> new String[] {"EVAL", "return redis.call('GET', KEYS[2])", "2", tag, tag + "x"};
      case 11 -> new String[] {"RENAME", tag + "s0", tag + "s1"};
      case 12 -> new String[] {"TYPE", tag + "s1"};
      default -> new String[] {"GET", key};
    };
  }

  @Test
  void keysThatAreNotTogetherAreRefusedAndTheErrorSaysWhy() {
    String names =
        "CROSSSLOT Keys in request don't hash to the same node: pool 'cluster' has some of them"
            + " and pool 'nodes' has others";
    String slot = "CROSSSLOT Keys in request don't hash to the same slot";
    assertEquals(names, error(client.send("SUNION", key(0, 1), "n:1")));
    assertEquals(slot, error(client.send("SUNION", key(0, 1), key(0, 2))));
    assertEquals("OK", client.send("MULTI"));
    assertEquals("QUEUED", client.send("SET", key(0, 1), "v"));
    assertEquals(slot, error(client.send("SET", key(0, 2), "v")));
    assertEquals(names, error(client.send("SET", "n:1", "v")));
    assertTrue(error(client.send("EXEC")).startsWith("EXECABORT"));
    assertEquals("OK", client.send("WATCH", "n:1"));
    assertTrue(error(client.send("WATCH", key(0, 1))).contains("pool 'cluster' has others"));
    assertEquals("OK", client.send("MULTI"));
    assertEquals("QUEUED", client.send("INCR", "n:1"));
    assertEquals(List.of(1L), client.send("EXEC"));
  }

  @Test
  void aKeyOfCopiesIsAtAnyOfThem() {
    Set<String> found = new HashSet<>();
    for (int i = 2; i < 4; i++) {
      try (RawClient direct = SERVERS.get(i).connect()) {
        direct.send("SET", "same:1", "at " + i);
        direct.send("SET", "same:2", "at " + i);
        found.add("at " + i);
      }
    }
    client.send("SET", "n:1", "n");
    Set<Object> read = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      read.add(client.send("GET", "same:1"));
      List<?> both = (List<?>) client.send("MGET", "same:1", "n:1", "same:2");
      assertEquals(both.get(0), both.get(2), "one request is for one of them");
      assertEquals("n", both.get(1));
      assertEquals(
          2L,
          client.send(
              "EVAL", "return redis.call('EXISTS', KEYS[1], KEYS[2])", "2", "same:1", "same:2"));
    }
    assertEquals(found, read);
    assertEquals("OK", client.send("MULTI"));
    for (int i = 0; i < 20; i++) {
      assertEquals("QUEUED", client.send("GET", "same:" + (1 + i % 2)));
    }
    assertEquals(1, new HashSet<>((List<?>) client.send("EXEC")).size());
    assertEquals(3L, client.send("DBSIZE"), "copies count once");
    assertEquals("OK", client.send("FLUSHALL"));
    assertEquals(Set.of(), keys(SERVERS.subList(2, 4)));
  }

  // ---------------------------------------------------------------- all keys

  @Test
  void anIterationReturnsEveryKeyOnceWhoeverHasIt() {
    Set<String> keys = new TreeSet<>();
    for (int i = 0; i < 200; i++) {
      keys.addAll(List.of(key(i % 3, i), "n:" + i));
      client.send("MSET", key(i % 3, i), "v", "n:" + i, "v");
    }
    for (int i = 2; i < 4; i++) {
      try (RawClient direct = SERVERS.get(i).connect()) {
        direct.send("SET", "same:1", "v");
      }
    }
    keys.add("same:1");
    assertEquals((long) keys.size(), client.send("DBSIZE"));
    assertEquals(keys, new TreeSet<>(scanned("0")));
    assertEquals(keys.size(), scanned("0").size());
    assertTrue(keys.contains(client.send("RANDOMKEY")));
    assertEquals("OK", client.send("FLUSHALL"));
    assertEquals(0L, client.send("DBSIZE"));
    assertEquals(List.of(), scanned("0"));
  }

  private List<String> scanned(String from) {
    List<String> found = new ArrayList<>();
    String cursor = from;
    do {
      List<?> step = assertInstanceOf(List.class, client.send("SCAN", cursor, "COUNT", "20"));
      cursor = String.valueOf(step.get(0));
      ((List<?>) step.get(1)).forEach(key -> found.add(String.valueOf(key)));
    } while (!cursor.equals("0"));
    return found;
  }

  @Test
  void aClusterThatTwoPoolsHaveIsAskedOnceAndHeardOnce() {
    proxy.take(
        config(
            ROUTES.replace("{ keys = \"*\"", "{ user = reports, pool = copy }, { keys = \"*\"")));
    RawClient reports = open.connect(port);
    assertEquals("OK", reports.send("AUTH", "reports", "pw"));
    reports.send("MSET", key(0, 1), "1", key(1, 1), "2", key(2, 1), "3", "n:1", "4");
    ClusterTest.awaitServed(port);
    assertEquals(4L, client.send("DBSIZE"));
    assertEquals(4, scanned("0").size());
    assertEquals("2", client.send("GET", key(1, 1)));
    RawClient listener = open.connect(port);
    listener.send("SUBSCRIBE", "news");
    assertEquals(1L, reports.send("PUBLISH", "news", "one"));
    assertEquals(1L, client.send("PUBLISH", "news", "two"));
    assertEquals(List.of("message", "news", "one"), listener.read());
    assertEquals(List.of("message", "news", "two"), listener.read());
  }

  // ---------------------------------------------------------------- slots that move

  @Test
  void requestsFollowASlotThatMovesAndTheNextOnesGoThereAtOnce() {
    int slot = nextSlot++;
    String tag = RealCluster.keyOf(slot);
    RealRedis from = cluster.server(0);
    RealRedis to = cluster.server(1);
    assertEquals("OK", client.send("MSET", tag + "here", "1", "n:1", "n"));
    cluster.beginMove(slot, from, to);
    assertEquals("OK", client.send("SET", tag + "there", "2")); // ASK
    client.write(RawClient.request("MGET", tag + "here", "n:1", tag + "there")); // TRYAGAIN
    assertEquals(1, cluster.moveKeys(slot, from, to, 10));
    assertEquals(List.of("1", "n", "2"), client.read());
    cluster.endMove(slot, from, to);
    assertEquals("OK", client.send("MULTI"));
    assertEquals("QUEUED", client.send("APPEND", tag + "here", "!"));
    assertEquals(List.of(2L), client.send("EXEC"));
    assertEquals(List.of("1!", "n", "2"), client.send("MGET", tag + "here", "n:1", tag + "there"));
    assertEquals("1!", open.connect(ownPort).send("GET", tag + "here"));
  }

  @Test
  void whoWaitsForAKeyIsServedWhereItsSlotHasGone() {
    int slot = nextSlot++;
    String tag = RealCluster.keyOf(slot);
    client.write(RawClient.request("BLPOP", tag, "60"));
    RawClient other = open.connect(port);
    other.send("GET", tag + "x"); // on one worker it was sent behind the wait
    cluster.move(slot, cluster.server(0), cluster.server(1));
    assertEquals(1L, other.send("RPUSH", tag, "v"));
    assertEquals(List.of(tag, "v"), client.read());
    assertEquals(0L, client.send("LLEN", tag));
  }

  // ---------------------------------------------------------------- messages

  @Test
  void eachMessageComesOnceWhoeverPublishesIt() {
    RawClient listener = open.connect(port);
    listener.send("SUBSCRIBE", "news");
    listener.send("SUBSCRIBE", "n:news");
    listener.send("PSUBSCRIBE", "*news");
    assertEquals(2L, client.send("PUBLISH", "news", "front"));
    assertEquals(2L, client.send("PUBLISH", "n:news", "front"));
    Set<String> sent = new TreeSet<>(List.of("front"));
    List<RealRedis> all = new ArrayList<>(cluster.servers());
    all.addAll(SERVERS.subList(0, 2));
    for (RealRedis server : all) {
      try (RawClient direct = server.connect()) {
        direct.send("PUBLISH", "news", server.address());
        sent.add(server.address());
      }
    }
    List<String> heard = new ArrayList<>();
    while (heard.size() < 2 * (sent.size() + 1)) {
      List<?> push = assertInstanceOf(List.class, listener.read());
      heard.add(String.valueOf(push.get(push.size() - 1)));
    }
    assertEquals(2L, client.send("PUBLISH", "news", "last"));
    List<?> last = (List<?>) listener.read();
    assertEquals("last", last.get(last.size() - 1), "none came twice");
    assertEquals(sent, new TreeSet<>(heard));
  }

  @Test
  void eachServerTellsOfItsOwnKeys() {
    List<RealRedis> all = new ArrayList<>(cluster.servers());
    all.addAll(SERVERS.subList(0, 2));
    for (RealRedis server : all) {
      try (RawClient direct = server.connect()) {
        assertEquals("OK", direct.send("CONFIG", "SET", "notify-keyspace-events", "KA"));
      }
    }
    RawClient listener = open.connect(port);
    listener.send("PSUBSCRIBE", "__keyspace@0__:*");
    for (String key : List.of(key(0, 1), key(1, 1), "n:1", key(2, 1), "n:2")) {
      assertEquals("OK", client.send("SET", key, "v"));
      assertEquals("__keyspace@0__:" + key, ((List<?>) listener.read()).get(2));
    }
  }

  // ---------------------------------------------------------------- changes

  @Test
  void aClusterMayComeAndGoWithTheTable() {
    RawClient listener = open.connect(port);
    listener.send("SUBSCRIBE", "news");
    client.send("MSET", key(0, 1), "of the cluster", "n:1", "n");
    proxy.take(config(ROUTES.replace("\"*\", pool = cluster", "\"*\", pool = nodes")));
    assertNull(client.send("GET", key(0, 1)));
    assertEquals(1L, client.send("PUBLISH", "news", "of nodes"));
    assertEquals(List.of("message", "news", "of nodes"), listener.read());
    client.send("SET", key(0, 1), "of nodes");
    assertEquals(Set.of("n:1", key(0, 1)), keys(SERVERS.subList(0, 2)));
    proxy.take(config(ROUTES));
    assertEquals("of the cluster", client.send("GET", key(0, 1)));
    assertEquals(1L, client.send("PUBLISH", "news", "of the cluster"));
    assertEquals(List.of("message", "news", "of the cluster"), listener.read());
  }
}
