package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.Opened;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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

/** One port in front of three pools: which of them has a key, routes say. */
final class RoutesTest {
  private static final long SEED = Long.getLong("cashew.seed", 20_261_129L);
  private static final int ROUNDS = Integer.getInteger("cashew.fuzz.rounds", 3_000);

  /** Of the pools sessions (0 and 1), locks (2) and main (3 and 4), and one beside them. */
  private static final List<RealRedis> SERVERS = new ArrayList<>();

  private static final String ROUTES =
      """
      { keys = "session:*", pool = sessions }
      { keys = "*:session", pool = main }
      { keys = "l?ck:*", pool = locks }
      { keys = "*", pool = main }
      """;

  private final int port = FreePorts.next();
  private final int mainPort = FreePorts.next();
  private final Opened open = new Opened();
  private FileProxy proxy;
  private RawClient client;

  @TempDir private Path directory;

  @BeforeAll
  static void startServers() {
    for (int i = 0; i < 6; i++) {
      SERVERS.add(RealRedis.startInstalled().orElseGet(RealRedis::start));
    }
  }

  @AfterAll
  static void stopServers() {
    SERVERS.forEach(RealRedis::close);
  }

  @BeforeEach
  void start() {
    for (RealRedis server : SERVERS) {
      try (RawClient direct = server.connect()) {
        direct.send("FLUSHALL");
      }
    }
    proxy = FileProxy.start(directory.resolve("cashew.conf"), config(ROUTES, ""));
    client = open.connect(port);
  }

  @AfterEach
  void stop() throws Exception {
    open.close();
    proxy.close();
  }

  private static String node(int server, String name) {
    return "\"" + SERVERS.get(server).address() + " " + name + "\"";
  }

  private String config(String routes, String more) {
    return """
    cashew {
      workers = 2
      clients-together = 1
      admin.listen = off
      pools.front { listen = "127.0.0.1:%d", routes = [ %s ] }
      pools.sessions { nodes = [ %s, %s ], connections-per-node = 3, hash-tag = "{}" }
      pools.locks { nodes = [ %s ], timeout = 3s }
      pools.main { listen = "127.0.0.1:%d", nodes = [ %s, %s ], hash-tag = "{}", hash = murmur }
      %s
    }
    """
        .formatted(
            port,
            routes,
            node(0, "a"),
            node(1, "b"),
            node(2, "a"),
            mainPort,
            node(3, "a"),
            node(4, "c"),
            more);
  }

  /** Keys of some servers. */
  private static Set<String> keys(int... servers) {
    Set<String> keys = new TreeSet<>();
    for (int server : servers) {
      try (RawClient direct = SERVERS.get(server).connect()) {
        ((List<?>) direct.send("KEYS", "*")).forEach(key -> keys.add((String) key));
      }
    }
    return keys;
  }

  private static String error(@Nullable Object reply) {
    return assertInstanceOf(ErrorReply.class, reply).text();
  }

  @Test
  void theFirstRouteThatMatchesDecides() {
    for (String key : List.of("session:1", "session:session", "lock:1", "luck:2", "locks", "x")) {
      assertEquals("OK", client.send("SET", key, "v:" + key));
    }
    client.send("SET", "lock:session", "main's");
    assertEquals(Set.of("session:1", "session:session"), keys(0, 1));
    assertEquals(Set.of("lock:1", "luck:2"), keys(2));
    assertEquals(Set.of("locks", "x", "lock:session"), keys(3, 4));
    assertEquals("v:luck:2", client.send("GET", "luck:2"));
    assertEquals("main's", open.connect(mainPort).send("GET", "lock:session"));
  }

  @Test
  void keysOfSeveralPoolsAreSplitAndMergedInTheirOrder() {
    assertEquals("OK", client.send("MSET", "session:1", "s", "lock:1", "l", "x", "m"));
    assertEquals(
        List.of("m", "s", "l", "s"), client.send("MGET", "x", "session:1", "lock:1", "session:1"));
    assertEquals(3L, client.send("EXISTS", "x", "session:1", "lock:1", "no"));
    assertEquals(2L, client.send("TOUCH", "x", "lock:1"));
    assertEquals(2L, client.send("DEL", "x", "session:1", "no"));
    assertEquals(1L, client.send("UNLINK", "x", "lock:1"));
    assertEquals(Set.of(), keys(0, 1, 2, 3, 4));
  }

  @Test
  void otherRequestsForKeysOfSeveralPoolsAreRefusedWithTheNamesOfBoth() {
    String refusal =
        "CROSSSLOT Keys in request don't hash to the same node: pool 'main' has some of them and"
            + " pool 'locks' has others";
    assertEquals(refusal, error(client.send("SUNION", "x", "lock:1")));
    assertEquals(refusal, error(client.send("EVAL", "return 1", "2", "x", "lock:1")));
    assertEquals(
        "CROSSSLOT Keys in request don't hash to the same node",
        error(client.send("MSETNX", "{a}1", "1", "{b}1", "1", "{c}1", "1", "{d}1", "1")));
    assertEquals(1L, client.send("MSETNX", "lock:1", "1", "luck:1", "1"));
  }

  @Test
  void whatIsAboutAllKeysSpeaksForAllPools() {
    client.send("MSET", "session:1", "s", "session:2", "s", "lock:1", "l", "x", "m", "y", "m");
    assertEquals(5L, client.send("DBSIZE"));
    assertEquals(5, ((List<?>) client.send("KEYS", "*")).size());
    assertEquals(List.of("lock:1"), client.send("KEYS", "lock:*"));
    Set<String> scanned = new TreeSet<>();
    String cursor = "0";
    do {
      List<?> step = (List<?>) client.send("SCAN", cursor, "COUNT", "1");
      cursor = (String) step.get(0);
      ((List<?>) step.get(1)).forEach(key -> assertTrue(scanned.add((String) key)));
    } while (!cursor.equals("0"));
    assertEquals(Set.of("session:1", "session:2", "lock:1", "x", "y"), scanned);
    assertTrue(scanned.contains(client.send("RANDOMKEY")));
    assertEquals("OK", client.send("FLUSHALL"));
    assertEquals(Set.of(), keys(0, 1, 2, 3, 4));
  }

  @Test
  void whatOneRedisAnswersThreePoolsAnswer() {
    RawClient one = open.keep(SERVERS.get(5).connect());
    RandomRequests requests = new RandomRequests(new Random(SEED));
    for (int i = 0; i < ROUNDS; i++) {
      String[] request = requests.next();
      Object expected = sorted(request, one.send(request));
      assertEquals(
          expected, sorted(request, client.send(request)), () -> String.join(" ", request));
    }
    assertEquals(one.send("DBSIZE"), client.send("DBSIZE"));
    assertTrue(keys(0, 1).size() > 3 && keys(2).size() > 3 && keys(3, 4).size() > 3);
  }

  private static @Nullable Object sorted(String[] request, @Nullable Object reply) {
    return request[0].equals("KEYS") && reply instanceof List<?> keys
        ? new TreeSet<>(keys.stream().map(String::valueOf).toList())
        : reply;
  }

  /** Of any type, for keys of any pool. */
  private static final class RandomRequests {
    private final Random random;

    RandomRequests(Random random) {
      this.random = random;
    }

    private String key() {
      String prefix =
          List.of("session:", "lock:", "luck:", "", "user:", "lock").get(random.nextInt(6));
      return prefix + random.nextInt(8) + (random.nextInt(4) == 0 ? ":session" : "");
    }

    private String value() {
      return Integer.toString(random.nextInt(1000));
    }

    private String[] ofKeys(String command, boolean values) {
      List<String> words = new ArrayList<>(List.of(command));
      for (int i = random.nextInt(4); i >= 0; i--) {
        words.add(key());
        if (values) {
          words.add(value());
        }
      }
      return words.toArray(String[]::new);
    }

    String[] next() {
      return switch (random.nextInt(20)) {
        case 0 -> ofKeys("MGET", false);
        case 1 -> ofKeys("MSET", true);
        case 2 -> ofKeys("DEL", false);
        case 3 -> ofKeys("EXISTS", false);
        case 4 -> ofKeys("UNLINK", false);
        case 5 -> ofKeys("TOUCH", false);
        case 6 -> new String[] {"SET", key(), value()};
        case 7 -> new String[] {"GET", key()};
        case 8 -> new String[] {"INCRBY", key(), value()};
        case 9 -> new String[] {"APPEND", key(), value()};
        case 10 -> new String[] {"LPUSH", "list:" + key(), value()};
        case 11 -> new String[] {"LRANGE", "list:" + key(), "0", "-1"};
        case 12 -> new String[] {"HSET", "lock:h" + key(), "f", value()};
        case 13 -> new String[] {"HGET", "lock:h" + key(), "f"};
        case 14 -> new String[] {"TYPE", key()};
        case 15 -> new String[] {"DBSIZE"};
        case 16 -> new String[] {"KEYS", "*" + random.nextInt(8) + "*"};
        case 17 -> new String[] {"EVAL", "return redis.call('EXISTS', KEYS[1])", "1", key()};
        case 18 -> new String[] {"RENAME", "lock:" + value(), "luck:" + value()};
        default -> new String[] {"SUNIONSTORE", "lock:s", "lock:t" + value(), "luck:" + value()};
      };
    }
  }

  @Test
  void aTransactionBelongsToThePoolOfItsFirstKey() {
    assertEquals("OK", client.send("MULTI"));
    assertEquals("QUEUED", client.send("SET", "lock:1", "1"));
    assertEquals(
        "CROSSSLOT Keys in request don't hash to the same node: pool 'locks' has some of them and"
            + " pool 'sessions' has others",
        error(client.send("SET", "session:1", "1")));
    assertTrue(error(client.send("EXEC")).startsWith("EXECABORT"));
    client.send("MULTI");
    client.send("INCR", "lock:1");
    client.send("INCR", "luck:1");
    assertEquals(List.of(1L, 1L), client.send("EXEC"));
  }

  @Test
  void watchedKeysAreOfOnePool() {
    assertEquals("OK", client.send("WATCH", "session:1"));
    assertTrue(error(client.send("WATCH", "lock:1")).contains("pool 'locks' has others"));
    open.connect(port).send("SET", "session:1", "other");
    client.send("MULTI");
    client.send("SET", "session:1", "mine");
    assertNull(client.send("EXEC"));
    assertEquals("other", client.send("GET", "session:1"));
  }

  @Test
  void aBlockedClientIsServedByWhoeverPushesWhereverItConnects() {
    for (int from : List.of(port, mainPort)) {
      client.write(RawClient.request("BLPOP", "queue", "0"));
      RawClient pusher = open.connect(from);
      Await.until(() -> "BLPOP waits", () -> (Long) pusher.send("LPUSH", "queue", "v") >= 1);
      assertEquals(List.of("queue", "v"), client.read());
      assertEquals(0L, pusher.send("LLEN", "queue"));
    }
  }

  @Test
  void scriptsRunWhereTheirKeysAre() {
    assertEquals(
        "lock:1",
        client.send("EVAL", "redis.call('SET', KEYS[1], 'x') return KEYS[1]", "1", "lock:1"));
    assertEquals(Set.of("lock:1"), keys(2));
    String sha = (String) client.send("SCRIPT", "LOAD", "return redis.call('GET', KEYS[1])");
    assertEquals("x", client.send("EVALSHA", sha, "1", "lock:1"));
    assertNull(client.send("EVALSHA", sha, "1", "session:1"));
  }

  @Test
  void channelsGoByThePatternsToo() {
    RawClient listener = open.connect(port);
    assertEquals(
        List.of("subscribe", "session:news", 1L), listener.send("SUBSCRIBE", "session:news"));
    RawClient patterns = open.connect(port);
    patterns.send("PSUBSCRIBE", "*news");
    assertEquals(2L, client.send("PUBLISH", "session:news", "hello"));
    assertEquals(List.of("message", "session:news", "hello"), listener.read());
    assertEquals(List.of("pmessage", "*news", "session:news", "hello"), patterns.read());
    try (RawClient direct = SERVERS.get(4).connect()) { // a script may publish anywhere
      direct.send("PUBLISH", "session:news", "direct");
    }
    assertEquals(List.of("message", "session:news", "direct"), listener.read());
  }

  @Test
  void shardChannelsAreAtTheNodeOfTheirPool() {
    try (RawClient direct = SERVERS.get(2).connect()) {
      assumeTrue(direct.send("SPUBLISH", "x", "x") instanceof Long, "Redis 7 has shard channels");
    }
    RawClient listener = open.connect(port);
    assertEquals(List.of("ssubscribe", "lock:c", 1L), listener.send("SSUBSCRIBE", "lock:c"));
    try (RawClient direct = SERVERS.get(2).connect()) {
      assertEquals(1L, direct.send("SPUBLISH", "lock:c", "hello"));
    }
    assertEquals(List.of("smessage", "lock:c", "hello"), listener.read());
    assertEquals(1L, client.send("SPUBLISH", "lock:c", "again"));
    assertEquals(List.of("smessage", "lock:c", "again"), listener.read());
  }

  @Test
  void clientsAreToldOfKeysOfEveryPool() {
    RawClient reader = open.connect(port);
    reader.write(RawClient.request("HELLO", "3"));
    reader.readUntil("modules\r\n*0\r\n");
    assertEquals("OK", reader.send("CLIENT", "TRACKING", "ON"));
    for (String key : List.of("session:1", "lock:1", "x")) {
      client.send("SET", key, "old");
      assertEquals("old", reader.send("GET", key));
      client.send("SET", key, "new");
      String push = ">2\r\n$10\r\ninvalidate\r\n*1\r\n$" + key.length() + "\r\n" + key + "\r\n";
      assertEquals(push, reader.readBytes(push.length()));
    }
  }

  @Test
  void aPoolThatIsReachedInTwoWaysHasItsConnectionsOnce() {
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      clients.add(open.connect(i % 2 == 0 ? port : mainPort));
    }
    clients.forEach(each -> each.send("MGET", "x", "y", "z", "{1}", "{2}", "{3}"));
    for (int server : List.of(3, 4)) {
      try (RawClient direct = SERVERS.get(server).connect()) {
        long connections =
            ((String) direct.send("CLIENT", "LIST", "TYPE", "normal"))
                .lines()
                .filter(line -> line.contains("cmd=mget"))
                .count();
        assertTrue(connections <= 2, () -> connections + " for two workers");
      }
    }
  }

  // ---------------------------------------------------------------- users

  private static final String OF_USERS =
      """
      { keys = "session:*", pool = sessions }
      { user = reports, keys = "x*", pool = locks }
      { user = reports, pool = sessions }
      { keys = "l?ck:*", pool = locks }
      { keys = "*", pool = main }
      """;

  private String withUsers() {
    return config(OF_USERS, "pools.front.auth.users.reports { rules = \"on >pw ~* &* +@all\" }");
  }

  @Test
  void aUsersKeysMayBelongElsewhere() {
    proxy.take(withUsers());
    RawClient reports = open.connect(port);
    assertEquals("OK", reports.send("MSET", "x", "everybody", "lock:1", "l", "session:1", "s"));
    assertEquals("OK", reports.send("AUTH", "reports", "pw"));
    assertEquals(Arrays.asList(null, null, "s"), reports.send("MGET", "x", "lock:1", "session:1"));
    reports.send("SET", "x", "reports");
    reports.send("SET", "lock:1", "reports");
    assertEquals(Set.of("x", "lock:1"), keys(2));
    assertEquals(Set.of("session:1", "lock:1"), keys(0, 1));
    assertEquals("everybody", client.send("GET", "x"));
    assertEquals("l", client.send("GET", "lock:1"));
    assertEquals(2L, client.send("DEL", "x", "lock:1"));
    assertEquals("reports", reports.send("GET", "x"));
    assertEquals("OK", reports.send("AUTH", "default", "any"));
    assertNull(reports.send("GET", "x"));
  }

  @Test
  void requestsBeforeAndBehindALoginAreEachTheirUsers() {
    proxy.take(withUsers());
    client.write(RawClient.request("SET", "x", "everybody"));
    client.write(RawClient.request("AUTH", "reports", "pw"));
    client.write(RawClient.request("SET", "x", "reports"));
    client.write(RawClient.request("RESET"));
    client.write(RawClient.request("GET", "x"));
    assertEquals("OK", client.read());
    assertEquals("OK", client.read());
    assertEquals("OK", client.read());
    assertEquals("RESET", client.read());
    assertEquals("everybody", client.read());
    assertEquals(Set.of("x"), keys(2));
    assertEquals(Set.of("x"), keys(3, 4));
  }

  @Test
  void channelsAreTheSameForAllUsers() {
    proxy.take(withUsers());
    RawClient reports = open.connect(port);
    reports.send("AUTH", "reports", "pw");
    RawClient listener = open.connect(port);
    listener.send("SUBSCRIBE", "x");
    assertEquals(1L, reports.send("PUBLISH", "x", "hello"));
    assertEquals(List.of("message", "x", "hello"), listener.read());
    RawClient ofShards = open.connect(port);
    if (ofShards.send("SSUBSCRIBE", "x") instanceof List<?>) { // of Redis 7
      assertEquals(1L, reports.send("SPUBLISH", "x", "hello"));
      assertEquals(List.of("smessage", "x", "hello"), ofShards.read());
    }
  }

  @Test
  void largeValuesOfAUserGoByItsRoutes() {
    proxy.take(withUsers());
    client.send("AUTH", "reports", "pw");
    assertEquals("OK", client.send("SET", "x", "v".repeat(1 << 20)));
    assertEquals(Set.of("x"), keys(2));
  }

  // ---------------------------------------------------------------- changes

  @Test
  void clientsStayWhileTheTableChanges() {
    client.send("SET", "lock:1", "in locks");
    RawClient listener = open.connect(port);
    listener.send("SUBSCRIBE", "lock:news");
    proxy.take(config(ROUTES.replace("l?ck:*", "locks"), ""));
    assertNull(client.send("GET", "lock:1"));
    client.send("SET", "lock:1", "in main");
    assertEquals(Set.of("lock:1"), keys(3, 4));
    assertEquals(1L, client.send("PUBLISH", "lock:news", "of main"));
    assertEquals(List.of("message", "lock:news", "of main"), listener.read());
    proxy.take(config(ROUTES, ""));
    assertEquals("in locks", client.send("GET", "lock:1"));
    assertEquals(1L, client.send("PUBLISH", "lock:news", "of locks"));
    assertEquals(List.of("message", "lock:news", "of locks"), listener.read());
  }

  @Test
  void poolsComeAndGoWithTheTable() {
    String more = "pools.more { nodes = [ " + node(5, "m") + " ] }";
    proxy.take(config("{ keys = \"more:*\", pool = more }, " + ROUTES, more));
    client.send("SET", "more:1", "v");
    assertEquals(Set.of("more:1"), keys(5));
    String requests = "cashew_node_requests_total{node=\"m\"";
    assertTrue(proxy.metric(requests) > 0);
    proxy.take(config(ROUTES, ""));
    assertNull(client.send("GET", "more:1"));
    // A counter that falls is not there any more.
    Await.until(() -> "the pool has gone", () -> proxy.metric(requests) == 0);
    assertEquals("OK", client.send("SET", "more:1", "v"));
  }

  @Test
  void aPoolThatGoesGivesTheRepliesThatAreUnderWay() {
    String more = "pools.more { nodes = [ " + node(5, "m") + " ], timeout = 60s }";
    proxy.take(config("{ keys = \"more:*\", pool = more }, " + ROUTES, more));
    client.send("SET", "more:1", "v");
    SERVERS.get(5).freeze();
    try {
      client.write(RawClient.request("GET", "more:1"));
      Await.until(
          () -> "the request is under way",
          () -> proxy.metric("cashew_node_requests_in_flight{node=\"m\"") == 1);
      proxy.take(config(ROUTES, ""));
    } finally {
      SERVERS.get(5).thaw();
    }
    assertEquals("v", client.read());
    assertNull(client.send("GET", "more:1"));
  }

  @Test
  void aTargetsNodesMayChangeWhileItsFrontServes() {
    client.send("SET", "lock:1", "v");
    RawClient listener = open.connect(port);
    listener.send("SUBSCRIBE", "lock:news");
    String changed = config(ROUTES, "").replace(node(2, "a"), node(5, "a"));
    proxy.take(changed);
    assertNull(client.send("GET", "lock:1"));
    client.send("SET", "lock:1", "v");
    assertEquals(Set.of("lock:1"), keys(5));
    assertEquals(1L, client.send("PUBLISH", "lock:news", "here"));
    assertEquals(List.of("message", "lock:news", "here"), listener.read());
  }

  /** Writes and reads its own keys of every pool, one pipeline behind the other. */
  private final class Loop extends Thread {
    private final RawClient own = open.connect(port);
    private final String name;
    private volatile boolean ends;
    private volatile @Nullable Throwable failure;
    private volatile int rounds;

    Loop(String name) {
      this.name = name;
    }

    @Override
    public void run() {
      try {
        for (int round = 0; !ends; round++) {
          for (String prefix : List.of("session:", "lock:", "x:")) {
            own.write(RawClient.request("SET", prefix + name, "" + round));
            own.write(RawClient.request("APPEND", prefix + name, "+"));
            own.write(RawClient.request("MGET", "lock:" + name, prefix + name));
          }
          for (String prefix : List.of("session:", "lock:", "x:")) {
            assertEquals("OK", own.read());
            assertEquals((long) ("" + round).length() + 1, own.read());
            assertEquals(round + "+", ((List<?>) own.read()).get(1), prefix);
          }
          rounds = round;
        }
      } catch (Throwable wrong) { // of the assertions, too
        failure = wrong;
      }
    }
  }

  @Test
  void whoIsInTheMiddleOfRequestsNoticesNothingOfAReload() throws InterruptedException {
    List<Loop> loops = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Loop loop = new Loop("client" + i);
      loops.add(loop);
      loop.start();
    }
    String more = "pools.more { nodes = [ " + node(5, "m") + " ] }";
    for (int i = 0; i < 6; i++) {
      int before = loops.get(3).rounds;
      Await.until(
          () -> "requests go on: " + loops.get(3).failure, () -> loops.get(3).rounds > before + 5);
      proxy.take(
          i % 3 == 0
              ? config("{ keys = \"more:*\", pool = more }, " + ROUTES, more)
              : i % 3 == 1
                  ? config(ROUTES, "").replace("timeout = 3s", "timeout = 4s, preconnect = true")
                  : config(OF_USERS, "pools.front.auth.users.reports { rules = \"on >pw\" }"));
    }
    for (Loop loop : loops) {
      loop.ends = true;
      Await.end(loop);
      assertNull(loop.failure);
    }
  }
}
