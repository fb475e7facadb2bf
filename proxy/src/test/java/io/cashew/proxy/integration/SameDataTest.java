package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nodes that hold the same data: names of one server, and nodes of the distribution {@code random}.
 * Each key counts once and each message comes once.
 */
@ExtendWith(LeakCheck.class)
final class SameDataTest {
  private static final int KEYS = 50;

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  private <T extends AutoCloseable> T open(T opened) {
    open.add(opened);
    return opened;
  }

  private RealRedis redis(String... arguments) {
    return open(RealRedis.start(arguments));
  }

  private RawClient connect(TestProxy proxy) {
    return open(proxy.connect());
  }

  /** Two names of one server, and a second server. */
  private static TestProxy.Builder twoNamesAndAnother(RealRedis one, RealRedis other) {
    return new TestProxy.Builder()
        .node("first", new Address.Tcp("127.0.0.1", one.port()))
        .node("other", new Address.Tcp("127.0.0.1", other.port()))
        .node("second", new Address.Tcp("localhost", one.port()));
  }

  private static void fill(RawClient client) {
    for (int i = 0; i < KEYS; i++) {
      assertEquals("OK", client.send("SET", "key:" + i, "v"));
    }
  }

  private static Set<Object> keys() {
    return IntStream.range(0, KEYS).mapToObj(i -> "key:" + i).collect(Collectors.toSet());
  }

  private static List<Object> scan(RawClient client, String count) {
    List<Object> seen = new ArrayList<>();
    String cursor = "0";
    do {
      List<?> reply =
          assertInstanceOf(List.class, client.send("SCAN", cursor, "COUNT", count), cursor);
      cursor = String.valueOf(reply.get(0));
      seen.addAll((List<?>) reply.get(1));
      assertTrue(seen.size() <= 10 * KEYS, "the iteration ends");
    } while (!cursor.equals("0"));
    return seen;
  }

  private static void assertEachKeyCountsOnce(RawClient client) {
    assertEquals((long) KEYS, client.send("DBSIZE"));
    Await.until(
        "INFO counts them so",
        () -> String.valueOf(client.send("INFO", "keyspace")).contains("db0:keys=" + KEYS + ","));
    List<?> found = assertInstanceOf(List.class, client.send("KEYS", "*"));
    assertEquals(KEYS, found.size());
    assertEquals(keys(), new HashSet<>(found));
    assertTrue(keys().contains(client.send("RANDOMKEY")));
    List<Object> scanned = scan(client, "1000");
    assertEquals(KEYS, scanned.size());
    assertEquals(keys(), new HashSet<>(scanned));
    assertEquals(keys(), new HashSet<>(scan(client, "3")));
  }

  // ---------------------------------------------------------------- names of one server

  @Test
  void keysOfNamesOfOneServerCountOnce() {
    TestProxy proxy = open(twoNamesAndAnother(redis(), redis()).start());
    RawClient client = connect(proxy);
    fill(client);
    assertEachKeyCountsOnce(client);
    String[] all = IntStream.range(0, KEYS).mapToObj(i -> "key:" + i).toArray(String[]::new);
    assertEquals((long) KEYS, client.send(with("EXISTS", all)));
    assertEquals((long) KEYS, client.send(with("DEL", all)));
    assertEquals(0L, client.send("DBSIZE"));
    String sha = String.valueOf(client.send("SCRIPT", "LOAD", "return 1"));
    assertEquals(List.of(1L), client.send("SCRIPT", "EXISTS", sha));
  }

  private static String[] with(String command, String... arguments) {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(List.of(arguments));
    return all.toArray(String[]::new);
  }

  @Test
  void aServerThatIsReachedByTcpAndByUnixSocketCountsOnce(@TempDir Path directory) {
    String socket = directory.resolve("redis.sock").toString();
    RealRedis redis = redis("--unixsocket", socket);
    TestProxy proxy =
        open(
            new TestProxy.Builder()
                .node("one", new Address.Unix(socket, 0))
                .node("same", new Address.Unix(socket, 0))
                .start());
    RawClient client = connect(proxy);
    fill(client);
    assertEachKeyCountsOnce(client);
    try (RawClient direct = redis.connect()) {
      assertEquals((long) KEYS, direct.send("DBSIZE"));
    }
  }

  @Test
  void messagesOfNamesOfOneServerComeOnce() {
    RealRedis one = redis("--notify-keyspace-events", "KEA");
    TestProxy proxy =
        open(twoNamesAndAnother(one, redis("--notify-keyspace-events", "KEA")).workers(2).start());
    RawClient listener = connect(proxy);
    RawClient client = connect(proxy);
    for (int i = 0; i < 6; i++) {
      String channel = "channel:" + i;
      assertEquals(
          Arrays.asList("subscribe", channel, i + 1L), listener.send("SUBSCRIBE", channel));
    }
    assertEquals(Arrays.asList("psubscribe", "chan*", 7L), listener.send("PSUBSCRIBE", "chan*"));
    for (int i = 0; i < 6; i++) {
      String channel = "channel:" + i;
      assertEquals(2L, client.send("PUBLISH", channel, "m" + i), channel);
      assertEquals(List.of(channel, 1L), client.send("PUBSUB", "NUMSUB", channel));
      Set<Object> got =
          new HashSet<>(List.of(assertNotNullRead(listener), assertNotNullRead(listener)));
      assertEquals(
          Set.of(
              List.of("message", channel, "m" + i), List.of("pmessage", "chan*", channel, "m" + i)),
          got);
    }
    assertEquals(1L, client.send("PUBSUB", "NUMPAT"));
    assertEquals(6, assertInstanceOf(List.class, client.send("PUBSUB", "CHANNELS")).size());
    RawClient events = connect(proxy);
    events.send("PSUBSCRIBE", "__keyspace@0__:*");
    for (int i = 0; i < 10; i++) {
      client.send("SET", "k" + i, "v");
      assertEquals(
          List.of("pmessage", "__keyspace@0__:*", "__keyspace@0__:k" + i, "set"), events.read());
    }
  }

  private static Object assertNotNullRead(RawClient client) {
    Object message = client.read();
    assertNotNull(message);
    return message;
  }

  @Test
  void whatIsAskedOfEveryServerIsDoneOnceAtEach() {
    RealRedis one = redis();
    TestProxy proxy = open(twoNamesAndAnother(one, redis()).adminCommandsToAllNodes().start());
    RawClient client = connect(proxy);
    for (int i = 0; i < 20; i++) {
      // A second FLUSHALL at the same server would come behind the SETs, and take their keys away.
      client.write(RawClient.request("FLUSHALL"));
      for (int k = 0; k < 5; k++) {
        client.write(RawClient.request("SET", "k" + k, "v"));
      }
      for (int k = 0; k < 6; k++) {
        assertEquals("OK", client.read());
      }
      assertEquals(5L, client.send("EXISTS", "k0", "k1", "k2", "k3", "k4"));
      assertEquals("OK", client.send("MULTI"));
      assertEquals("QUEUED", client.send("FLUSHALL"));
      assertEquals("QUEUED", client.send("SET", "k0", "kept"));
      assertEquals(List.of("OK", "OK"), client.send("EXEC"));
      assertEquals("kept", client.send("GET", "k0"));
      assertEquals(1L, client.send("DBSIZE"));
    }
  }

  @Test
  void messagesComeOnceWhileNamesOfAServerComeAndGo(@TempDir Path directory) {
    RealRedis one = redis();
    RealRedis other = redis();
    String first = "\"127.0.0.1:" + one.port() + ":1 first\"";
    String second = ", \"127.0.0.1:" + other.port() + ":1 second\"";
    String alias = "\"localhost:" + one.port() + ":1 alias\"";
    int port = FreePorts.next();
    FileProxy proxy =
        open(FileProxy.start(directory.resolve("cashew.conf"), config(port, first + second)));
    RawClient listener = open(new RawClient(port));
    RawClient client = open(new RawClient(port));
    List<String> channels = IntStream.range(0, 8).mapToObj(i -> "channel:" + i).toList();
    for (String channel : channels) {
      listener.send("SUBSCRIBE", channel);
    }
    for (String nodes :
        List.of(
            first + second + ", " + alias,
            alias + second,
            alias + second + ", " + first,
            first + second)) {
      proxy.take(config(port, nodes));
      for (String channel : channels) {
        assertEquals(1L, client.send("PUBLISH", channel, nodes), nodes);
        assertEquals(List.of("message", channel, nodes), listener.read());
      }
      assertEquals("OK", client.send("FLUSHALL"));
      fill(client);
      assertEachKeyCountsOnce(client);
    }
  }

  private static String config(int port, String nodes) {
    return "cashew { workers = 2, admin.listen = off, reload.watch-file = false, pools.p {"
        + " listen = \"127.0.0.1:"
        + port
        + "\", hash = murmur, nodes = ["
        + nodes
        + "] } }";
  }

  // ---------------------------------------------------------------- random

  /** A server and its replica, which has its data and its messages. */
  private TestProxy.Builder withReplica(RealRedis primary, RealRedis replica) {
    try (RawClient client = replica.connect()) {
      assertEquals("OK", client.send("REPLICAOF", "127.0.0.1", "" + primary.port()));
      Await.until(
          "the replica is linked",
          () ->
              String.valueOf(client.send("INFO", "replication")).contains("master_link_status:up"));
    }
    return new TestProxy.Builder().distribution("random").node(primary.port()).node(replica.port());
  }

  private static void awaitSize(RealRedis node, long keys) {
    try (RawClient client = node.connect()) {
      Await.until("it has all keys", () -> Long.valueOf(keys).equals(client.send("DBSIZE")));
    }
  }

  @Test
  void keysOfRandomNodesCountOnce() {
    RealRedis primary = redis();
    RealRedis replica = redis();
    TestProxy proxy = open(withReplica(primary, replica).start());
    try (RawClient direct = primary.connect()) {
      fill(direct);
    }
    awaitSize(replica, KEYS);
    RawClient client = connect(proxy);
    for (int i = 0; i < 5; i++) {
      assertEachKeyCountsOnce(client);
    }
    try (RawClient direct = primary.connect()) {
      direct.send("SADD", "set1", "a");
      direct.send("SADD", "set2", "b");
    }
    awaitSize(replica, KEYS + 2);
    for (int i = 0; i < 20; i++) {
      assertEquals(
          Set.of("a", "b"), new HashSet<>((List<?>) client.send("SUNION", "set1", "set2")));
      assertEquals("OK", client.send("MULTI"));
      assertEquals("QUEUED", client.send("GET", "key:1"));
      assertEquals("QUEUED", client.send("GET", "key:2"));
      assertEquals(List.of("v", "v"), client.send("EXEC"));
    }
  }

  @Test
  void messagesOfRandomNodesComeOnce() {
    RealRedis primary = redis("--notify-keyspace-events", "KEA");
    RealRedis replica = redis("--notify-keyspace-events", "KEA");
    TestProxy proxy = open(withReplica(primary, replica).workers(2).start());
    RawClient listener = connect(proxy);
    RawClient client = connect(proxy);
    listener.send("SUBSCRIBE", "channel");
    listener.send("PSUBSCRIBE", "__keyevent@0__:set");
    for (int i = 0; i < 20; i++) {
      assertEquals(1L, client.send("PUBLISH", "channel", "m" + i));
      assertEquals(List.of("message", "channel", "m" + i), listener.read());
      assertEquals(List.of("channel", 1L), client.send("PUBSUB", "NUMSUB", "channel"));
    }
    try (RawClient direct = primary.connect()) {
      for (int i = 0; i < 10; i++) {
        direct.send("SET", "key:" + i, "v");
        assertEquals(
            List.of("pmessage", "__keyevent@0__:set", "__keyevent@0__:set", "key:" + i),
            listener.read());
      }
    }
  }

  @Test
  void whileARandomNodeIsDownAnotherIsAsked() {
    RealRedis first = redis();
    RealRedis second = redis();
    for (RealRedis node : List.of(first, second)) {
      try (RawClient direct = node.connect()) {
        fill(direct);
      }
    }
    TestProxy proxy =
        open(
            new TestProxy.Builder()
                .distribution("random")
                .node(first.port())
                .node(second.port())
                .start());
    RawClient listener = connect(proxy);
    RawClient client = connect(proxy);
    assertEquals(Arrays.asList("subscribe", "channel", 1L), listener.send("SUBSCRIBE", "channel"));
    assertEachKeyCountsOnce(client);
    first.close();
    Await.until(
        "the other one is asked",
        () ->
            Long.valueOf(KEYS).equals(client.send("DBSIZE"))
                && proxy.node("n0", "circuit_open") == 1);
    assertEachKeyCountsOnce(client);
    Await.until(
        "it is listened to", () -> Long.valueOf(1).equals(client.send("PUBLISH", "channel", "m")));
    assertEquals(List.of("message", "channel", "m"), listener.read());
    assertEquals(5L, client.send("EVAL", "return 5", "0"));
  }

  @Test
  void everyServerOfARandomPoolIsEmptiedAndKnowsTheScript() {
    RealRedis first = redis();
    RealRedis second = redis();
    TestProxy proxy =
        open(
            new TestProxy.Builder()
                .distribution("random")
                .node(first.port())
                .node(second.port())
                .start());
    RawClient client = connect(proxy);
    String sha = String.valueOf(client.send("SCRIPT", "LOAD", "return 1"));
    for (RealRedis node : List.of(first, second)) {
      try (RawClient direct = node.connect()) {
        assertEquals(List.of(1L), direct.send("SCRIPT", "EXISTS", sha));
        fill(direct);
      }
    }
    assertEquals("OK", client.send("FLUSHALL"));
    awaitSize(first, 0);
    awaitSize(second, 0);
  }

  // ---------------------------------------------------------------- cursors

  @Test
  void aCursorOfANodeThatHasNoRoomIsAnErrorThatNamesTheNode() {
    try (MisbehavingNode large = MisbehavingNode.start();
        MisbehavingNode other = MisbehavingNode.start()) {
      String cursor = "9223372036854775808";
      large.behave(
          (connection, request) ->
              connection.reply("*2\r\n$" + cursor.length() + "\r\n" + cursor + "\r\n*0\r\n"));
      try (TestProxy proxy = new TestProxy.Builder().node(large.port()).node(other.port()).start();
          RawClient client = proxy.connect()) {
        ErrorReply error = assertInstanceOf(ErrorReply.class, client.send("SCAN", "0"));
        assertTrue(
            error.text().contains("cursor " + cursor + " of node 'n0' has no room"), error::text);
      }
      try (TestProxy proxy = new TestProxy.Builder().node(large.port()).start();
          RawClient client = proxy.connect()) {
        assertEquals(List.of(cursor, List.of()), client.send("SCAN", "0"));
      }
    }
  }
}
