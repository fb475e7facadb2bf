package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cashew.proxy.control.ReloadResult;
import io.cashew.proxy.control.ReloadResult.Outcome;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FaultyLink;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.Keys;
import io.cashew.proxy.testing.Opened;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of clients, pools and nodes when another configuration is taken over. */
final class ReloadTest {
  private static final List<RealRedis> SERVERS = new ArrayList<>();

  private final int port = FreePorts.next();
  private final Opened open = new Opened();
  private FileProxy proxy;
  private RawClient client;

  @TempDir private Path directory;

  @BeforeAll
  static void startServers() {
    for (int i = 0; i < 3; i++) {
      SERVERS.add(RealRedis.start());
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
    proxy = FileProxy.start(directory.resolve("cashew.conf"), config(two(0, 1)));
    client = connect();
  }

  @AfterEach
  void stop() throws Exception {
    open.close();
    proxy.close();
  }

  private RawClient connect() {
    return open.connect(port);
  }

  private static String node(String name, int nodePort) {
    return "\"127.0.0.1:" + nodePort + ":1 " + name + "\"";
  }

  /** Nodes n0 and n1 at these servers. */
  private static String two(int first, int second) {
    return node("n0", SERVERS.get(first).port()) + ", " + node("n1", SERVERS.get(second).port());
  }

  private String config(String nodes) {
    return config(nodes, "");
  }

  private String config(String nodes, String more) {
    return config("p", port, nodes, more, "");
  }

  private static String config(String pool, int at, String nodes, String more, String others) {
    return """
        cashew { workers = 2, admin.listen = off, reload.watch-file = false
        pools.%s { listen = "127.0.0.1:%d", hash = murmur, hash-tag = "{}", nodes = [%s]
        %s
        }
        %s }
        """
        .formatted(pool, at, nodes, more, others);
  }

  private long connects(String node) {
    return (long) proxy.metric("cashew_node_connects_total{node=\"" + node + "\"");
  }

  private String onNode(int node) {
    return Keys.over(2).on(node);
  }

  private static void assertRefuses(int at) {
    assertThrows(UncheckedIOException.class, () -> new RawClient(at).close());
  }

  // ---------------------------------------------------------------- nodes

  @Test
  void nodeThatMovesIsServedFromItsNewAddressAndTheOtherKeepsItsConnections() {
    assertEquals("OK", client.send("SET", onNode(0), "stays"));
    assertEquals("OK", client.send("SET", onNode(1), "old"));
    long before = connects("n0");
    String text = proxy.take(config(two(0, 2)));
    assertTrue(text.contains("node n1: moved from " + SERVERS.get(1).address()), text);
    assertTrue(text.contains("no key moves"), text);
    assertEquals("stays", client.send("GET", onNode(0)));
    assertEquals(null, client.send("GET", onNode(1)));
    assertEquals("OK", client.send("SET", onNode(1), "new"));
    try (RawClient direct = SERVERS.get(2).connect()) {
      assertEquals("new", direct.send("GET", onNode(1)));
    }
    assertEquals(before, connects("n0"));
    Await.until(
        () -> "the old server has no client but this one, not " + clientsOf(1),
        () -> clientsOf(1).lines().count() == 1);
  }

  private static String clientsOf(int server) {
    try (RawClient direct = SERVERS.get(server).connect()) {
      return String.valueOf(direct.send("CLIENT", "LIST"));
    }
  }

  @Test
  void nodeThatIsAddedTakesItsShareAndNoOtherKeyMoves() {
    for (int i = 0; i < 200; i++) {
      assertEquals("OK", client.send("SET", "k" + i, "v" + i));
    }
    long before = connects("n0") + connects("n1");
    String three = two(0, 1) + ", " + node("n2", SERVERS.get(2).port());
    String text = proxy.take(config(three));
    assertTrue(text.contains("node n2: added"), text);
    int missing = 0;
    for (int i = 0; i < 200; i++) {
      Object value = client.send("GET", "k" + i);
      if (value == null) {
        missing++;
        client.send("SET", "k" + i, "moved");
      } else {
        assertEquals("v" + i, value);
      }
    }
    try (RawClient direct = SERVERS.get(2).connect()) {
      assertEquals(Long.valueOf(missing), direct.send("DBSIZE"));
    }
    assertTrue(missing > 0 && missing < 150, missing + " keys moved");
    assertEquals(before, connects("n0") + connects("n1"));
    proxy.take(config(two(0, 1)));
    for (int i = 0; i < 200; i++) {
      assertEquals("v" + i, client.send("GET", "k" + i));
    }
    assertEquals(0, proxy.metric("cashew_node_requests_total{node=\"n2\""));
    assertEquals(before, connects("n0") + connects("n1"));
  }

  @Test
  void nodesThatSwapTheirPlacesInTheListKeepTheirKeys() {
    client.send("SET", onNode(0), "0");
    client.send("SET", onNode(1), "1");
    proxy.take(
        config(node("n1", SERVERS.get(1).port()) + ", " + node("n0", SERVERS.get(0).port())));
    assertEquals("0", client.send("GET", onNode(0)));
    assertEquals("1", client.send("GET", onNode(1)));
    assertEquals(List.of("0", "1"), client.send("MGET", onNode(0), onNode(1)));
  }

  @Test
  void repliesOnTheirWayFromANodeThatMovesAreGivenInOrder() {
    try (FaultyLink slow = FaultyLink.to(SERVERS.get(1).port())) {
      String nodes = node("n0", SERVERS.get(0).port()) + ", " + node("n1", slow.port());
      proxy.take(config(nodes, "timeout = 20s"));
      client.send("SET", onNode(0), "0");
      client.send("SET", onNode(1), "1");
      slow.latencyMillis(300);
      client.write(RawClient.request("GET", onNode(1)));
      client.write(RawClient.request("MGET", onNode(0), onNode(1)));
      client.write(RawClient.request("INCR", "counter"));
      Await.until(
          "requests are under way",
          () -> proxy.metric("cashew_node_requests_in_flight{node=\"n1\"") >= 2);
      proxy.take(config(two(0, 2), "timeout = 20s"));
      client.write(RawClient.request("GET", onNode(1)));
      assertEquals("1", client.read());
      assertEquals(List.of("0", "1"), client.read());
      assertEquals(1L, client.read());
      assertEquals(null, client.read());
    }
  }

  @Test
  void requestsAreExecutedInTheirOrderWhenTheWayToTheirNodeBecomesAnother() {
    int server = SERVERS.get(0).port();
    try (FaultyLink slow = FaultyLink.to(server);
        RawClient other = connect()) {
      proxy.take(config(node("n0", slow.port()), "timeout = 20s"));
      assertEquals("OK", client.send("SET", "text", "")); // the connection is there
      slow.blackhole(true);
      client.write(RawClient.request("APPEND", "text", "a"));
      Await.until(
          "it is under way", () -> proxy.metric("cashew_node_requests_in_flight{node=\"n0\"") == 1);
      proxy.take(config(node("n0", server), "timeout = 20s"));
      client.write(RawClient.request("APPEND", "text", "b"));
      assertEquals("", other.send("GET", "text")); // by the new way
      slow.blackhole(false);
      assertEquals(1L, client.read());
      assertEquals(2L, client.read());
      assertEquals("ab", client.send("GET", "text"));
    }
  }

  @Test
  void nodeThatIsDownIsNoReasonToRefuse() {
    String nodes = node("n0", SERVERS.get(0).port()) + ", " + node("n1", FreePorts.next());
    proxy.take(config(nodes, "retry-after = 100ms"));
    assertEquals("OK", client.send("SET", onNode(0), "0"));
    assertInstanceOf(ErrorReply.class, client.send("GET", onNode(1)));
    proxy.take(config(two(0, 1), "retry-after = 100ms"));
    assertEquals(null, client.send("GET", onNode(1)));
  }

  @Test
  void newNodeThatIsDownIsProbedUntilItIsThere() throws IOException {
    int later = FreePorts.next();
    String nodes = node("n0", SERVERS.get(0).port()) + ", " + node("n1", later);
    proxy.take(config(nodes, "retry-after = 100ms"));
    Await.until("it is down", () -> proxy.metric("cashew_node_circuit_open{node=\"n1\"") == 1);
    try (RealRedis back = RealRedis.startAt(later)) {
      Await.until("it is back", () -> client.send("GET", onNode(1)) == null);
      assertEquals(later, back.port());
    }
  }

  @Test
  void ejectedNodesKeysComeBackWhenItMovesToAServerThatIsWell() {
    String gone = node("n1", FreePorts.next());
    String cache = "eject.enabled = true, eject.max-ejected = 1";
    proxy.take(config(node("n0", SERVERS.get(0).port()) + ", " + gone, cache));
    client.send("GET", onNode(1));
    Await.until("it is ejected", () -> proxy.metric("cashew_node_ejected{node=\"n1\"") == 1);
    Await.until(
        "its keys are elsewhere", () -> "OK".equals(client.send("SET", onNode(1), "elsewhere")));
    proxy.take(config(two(0, 1), cache));
    assertEquals(null, client.send("GET", onNode(1)));
    assertEquals(0, proxy.metric("cashew_node_ejected{node=\"n1\""));
  }

  // ---------------------------------------------------------------- clients in the middle

  @Test
  void blockedClientIsToldWhenItsNodeMovesAndLosesNothing() {
    RawClient blocked = connect();
    blocked.write(RawClient.request("BLPOP", onNode(1), "0"));
    awaitBlocked(1);
    proxy.take(config(two(0, 2)));
    ErrorReply told = assertInstanceOf(ErrorReply.class, blocked.read());
    assertTrue(told.text().startsWith("UNBLOCKED"), told.text());
    assertEquals(1L, client.send("RPUSH", onNode(1), "x"));
    assertEquals(List.of(onNode(1), "x"), blocked.send("BLPOP", onNode(1), "0"));
  }

  @Test
  void blockedClientOfANodeThatStaysGoesOnWaiting() {
    RawClient blocked = connect();
    blocked.write(RawClient.request("BLPOP", onNode(0), "0"));
    awaitBlocked(0);
    proxy.take(config(two(0, 2)));
    client.send("RPUSH", onNode(0), "x");
    assertEquals(List.of(onNode(0), "x"), blocked.read());
  }

  private static void awaitBlocked(int server) {
    try (RawClient direct = SERVERS.get(server).connect()) {
      Await.until(
          "a client is blocked",
          () -> String.valueOf(direct.send("INFO", "clients")).contains("blocked_clients:1"));
    }
  }

  @Test
  void transactionOfANodeThatMovesIsNeverHalfDone() {
    assertEquals("OK", client.send("MULTI"));
    assertEquals("QUEUED", client.send("SET", onNode(1), "x"));
    proxy.take(config(two(0, 2)));
    ErrorReply aborted = assertInstanceOf(ErrorReply.class, client.send("EXEC"));
    assertTrue(aborted.text().startsWith("EXECABORT"), aborted.text());
    assertEquals(null, client.send("GET", onNode(1)));
    try (RawClient direct = SERVERS.get(1).connect()) {
      assertEquals(null, direct.send("GET", onNode(1)));
    }
  }

  @Test
  void watchedKeysOfANodeThatMovesHaveChanged() {
    assertEquals("OK", client.send("WATCH", onNode(1)));
    proxy.take(config(two(0, 2)));
    assertEquals("OK", client.send("MULTI"));
    assertEquals("QUEUED", client.send("SET", onNode(1), "x"));
    assertEquals(null, client.send("EXEC"));
  }

  @Test
  void transactionOfANodeThatStaysGoesOn() {
    assertEquals("OK", client.send("WATCH", onNode(0)));
    assertEquals("OK", client.send("MULTI"));
    assertEquals("QUEUED", client.send("SET", onNode(0), "x"));
    proxy.take(
        config(node("n9", SERVERS.get(2).port()) + ", " + two(0, 1), "distribution = ketama"));
    assertEquals(List.of("OK"), client.send("EXEC"));
  }

  @Test
  void subscriberGetsEveryMessageOnceWhileItsNodesMove() throws Exception {
    RawClient subscriber = connect();
    for (String channel : List.of("a", "b", "c")) {
      assertInstanceOf(List.class, subscriber.send("SUBSCRIBE", channel));
    }
    subscriber.write(RawClient.request("PSUBSCRIBE", "news.*"));
    assertInstanceOf(List.class, subscriber.read());
    int[] published = new int[1];
    Thread publisher =
        new Thread(
            () -> {
              try (RawClient publishing = new RawClient(port)) {
                for (int i = 0; i < 3000; i++) {
                  String channel = i % 4 == 3 ? "news." + i : "abc".substring(i % 4, i % 4 + 1);
                  Object receivers = publishing.send("PUBLISH", channel, "m" + i);
                  published[0] += Long.valueOf(1).equals(receivers) ? 1 : 0;
                }
              }
            });
    publisher.start();
    Thread reloading =
        new Thread(
            () -> {
              for (int i = 0; publisher.isAlive(); i++) {
                proxy.take(
                    config(
                        i % 2 == 0 ? two(2, 1) : two(0, 2),
                        i % 3 == 0 ? "connections-per-node = 2" : ""));
              }
            });
    reloading.start();
    Set<Object> got = new HashSet<>(); // nodes have no order among each other
    for (int i = 0; i < 3000; i++) {
      List<?> message = assertInstanceOf(List.class, subscriber.read());
      assertTrue(got.add(message.get(message.size() - 1)), () -> "twice: " + message);
    }
    Await.end(publisher);
    Await.end(reloading);
    assertEquals(3000, published[0], "counts of receivers that were 1");
    assertEquals(1L, client.send("PUBLISH", "a", "last"));
    assertEquals(List.of("message", "a", "last"), subscriber.read());
  }

  /** The server that embedded-redis ships has no shard channels. */
  @Test
  void shardChannelFollowsItsNode() {
    try (RealRedis one = RealRedis.startInstalled().orElse(null);
        RealRedis two = RealRedis.startInstalled().orElse(null)) {
      assumeTrue(one != null && two != null, "no redis-server on the PATH");
      proxy.take(config(node("n0", SERVERS.get(0).port()) + ", " + node("n1", one.port())));
      RawClient subscriber = connect();
      assertEquals(List.of("ssubscribe", onNode(1), 1L), subscriber.send("SSUBSCRIBE", onNode(1)));
      proxy.take(config(node("n0", SERVERS.get(0).port()) + ", " + node("n1", two.port())));
      assertEquals(1L, client.send("SPUBLISH", onNode(1), "m"));
      assertEquals(List.of("smessage", onNode(1), "m"), subscriber.read());
      try (RawClient direct = one.connect()) {
        Await.until(
            "the old server is not listened to",
            () -> String.valueOf(direct.send("CLIENT", "LIST")).lines().count() == 1);
      }
    }
  }

  @Test
  void trackingClientForgetsAndIsToldOfWhatItReadsFromTheNewNode() {
    RawClient tracking = connect();
    tracking.write(RawClient.request("HELLO", "3"));
    tracking.readUntil("modules\r\n*0\r\n");
    tracking.write(RawClient.request("CLIENT", "TRACKING", "ON"));
    assertEquals("+OK\r\n", tracking.readBytes(5));
    tracking.write(RawClient.request("GET", onNode(1)));
    assertEquals("_\r\n", tracking.readBytes(3));
    proxy.take(config(two(0, 2)));
    assertEquals(">2\r\n$10\r\ninvalidate\r\n_\r\n", tracking.readBytes(24));
    tracking.write(RawClient.request("GET", onNode(1)));
    String next = tracking.readUntil("_\r\n");
    while (!next.equals("_\r\n")) { // its connection to the old node tells it to forget, too
      next = tracking.readUntil("_\r\n");
    }
    assertEquals("OK", client.send("SET", onNode(1), "x"));
    assertTrue(tracking.readUntil(onNode(1) + "\r\n").contains("invalidate"));
  }

  // ---------------------------------------------------------------- pools and listeners

  @Test
  void poolIsAddedAndRemovedBesideAnother() {
    int other = FreePorts.next();
    String nodes = node("m", SERVERS.get(2).port());
    String added = "pools.q { listen = \"127.0.0.1:" + other + "\", nodes = [" + nodes + "] }";
    String text = proxy.take(config("p", port, two(0, 1), "", added));
    assertTrue(text.contains("pool q: added"), text);
    RawClient ofNew = open.connect(other);
    assertEquals("OK", ofNew.send("SET", "k", "q"));
    assertEquals(null, client.send("GET", "k"));
    text = proxy.take(config(two(0, 1)));
    assertTrue(text.contains("pool q: removed"), text);
    assertTrue(ofNew.ends());
    assertRefuses(other);
    assertEquals(null, client.send("GET", "k"));
    assertEquals(0, proxy.metric("cashew_requests_total{pool=\"q\""));
    proxy.take(config("p", port, two(0, 1), "", added));
    assertEquals("q", open.connect(other).send("GET", "k"));
  }

  @Test
  void clientOfARemovedPoolGetsTheReplyItIsOwed() {
    int other = FreePorts.next();
    try (FaultyLink slow = FaultyLink.to(SERVERS.get(2).port())) {
      String added =
          "pools.q { listen = \"127.0.0.1:"
              + other
              + "\", timeout = 20s, nodes = ["
              + node("m", slow.port())
              + "] }";
      proxy.take(config("p", port, two(0, 1), "", added));
      RawClient waiting = open.connect(other);
      assertEquals("OK", waiting.send("SET", "k", "v"));
      slow.latencyMillis(300);
      waiting.write(RawClient.request("GET", "k"));
      Await.until(
          "it is under way", () -> proxy.metric("cashew_node_requests_in_flight{node=\"m\"") == 1);
      proxy.take(config(two(0, 1)));
      assertEquals("v", waiting.read());
      assertTrue(waiting.ends());
    }
  }

  @Test
  void listenerMovesAndThoseWhoAreConnectedStay() {
    int elsewhere = FreePorts.next();
    proxy.take(config("p", elsewhere, two(0, 1), "", ""));
    assertEquals("PONG", client.send("PING"));
    assertEquals("OK", client.send("SET", "k", "v"));
    assertEquals("v", open.connect(elsewhere).send("GET", "k"));
    assertRefuses(port);
  }

  @Test
  void addressGoesFromAPoolToAnotherWithoutAGap() {
    String renamed = config("renamed", port, two(0, 1), "", "");
    String text = proxy.take(renamed);
    assertTrue(text.contains("pool renamed: added"), text);
    assertTrue(client.ends());
    assertEquals("OK", connect().send("SET", "k", "v"));
  }

  @Test
  void listenerThatCannotBeOpenedRefusesEverything() throws IOException {
    client.send("SET", onNode(1), "x");
    long before = connects("n0") + connects("n1");
    String running = proxy.status().digest();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String other =
          "pools.q { listen = \"127.0.0.1:"
              + taken.getLocalPort()
              + "\", nodes = ["
              + node("m", SERVERS.get(2).port())
              + "] }";
      int elsewhere = FreePorts.next();
      ReloadResult result = proxy.reload(config("p", elsewhere, two(2, 2), "", other));
      assertEquals(Outcome.REFUSED, result.outcome());
      assertTrue(result.text().contains("cannot listen on"), result.text());
      assertRefuses(elsewhere);
    }
    assertEquals("x", client.send("GET", onNode(1)));
    assertEquals("PONG", connect().send("PING"));
    assertEquals(before, connects("n0") + connects("n1"));
    assertEquals(running, proxy.status().digest());
    assertTrue(proxy.status().lags());
    assertEquals(1, proxy.metric("cashew_config_reload_failures_total"));
    assertEquals(0, proxy.metric("cashew_requests_total{pool=\"q\""));
    proxy.take(config(two(0, 1), "timeout = 2s"));
    assertFalse(proxy.status().lags());
  }

  @Test
  void certificateThatCannotBeReadRefusesEverything() {
    ReloadResult result =
        proxy.reload(config(two(2, 2), "tls { certificate = nowhere.pem, key = nowhere.key }"));
    assertEquals(Outcome.INVALID, result.outcome());
    assertTrue(result.text().contains("nowhere.pem"), result.text());
    assertEquals("PONG", client.send("PING"));
  }

  // ---------------------------------------------------------------- settings

  @Test
  void passwordAndUsersChangeForThoseWhoAreConnected() {
    proxy.take(config(two(0, 1), "auth.password = one, node-auth = none"));
    ErrorReply refused = assertInstanceOf(ErrorReply.class, connect().send("PING"));
    assertTrue(refused.text().startsWith("NOAUTH"), refused.text());
    RawClient reader = connect();
    assertInstanceOf(ErrorReply.class, reader.send("AUTH", "reader", "r"));
    String users = "auth.users.reader.rules = \"on >r ~* +get\", node-auth = none";
    proxy.take(config(two(0, 1), users));
    assertEquals("OK", reader.send("AUTH", "reader", "r"));
    assertInstanceOf(ErrorReply.class, reader.send("SET", "k", "v"));
    proxy.take(config(two(0, 1), users.replace("+get", "+get +set")));
    assertEquals("OK", reader.send("SET", "k", "v"));
    proxy.take(config(two(0, 1)));
    assertTrue(reader.ends());
  }

  @Test
  void limitsAndTimesChangeForThoseWhoAreConnected() {
    assertInstanceOf(ErrorReply.class, client.send("CONFIG", "GET", "dir"));
    proxy.take(config(two(0, 1), "admin-commands = all-nodes, limits.arguments = 20"));
    assertInstanceOf(List.class, client.send("CONFIG", "GET", "dir"));
    String[] many = new String[30];
    java.util.Arrays.fill(many, "k");
    many[0] = "DEL";
    assertInstanceOf(ErrorReply.class, client.send(many));
    assertTrue(client.ends());
  }

  @Test
  void timeoutChangesOnConnectionsThatAreOpen() {
    try (FaultyLink slow = FaultyLink.to(SERVERS.get(1).port())) {
      String nodes = node("n0", SERVERS.get(0).port()) + ", " + node("n1", slow.port());
      proxy.take(config(nodes, "timeout = 100s"));
      assertEquals(null, client.send("GET", onNode(1)));
      long before = connects("n1");
      proxy.take(config(nodes, "timeout = 200ms"));
      slow.blackhole(true);
      ErrorReply late = assertInstanceOf(ErrorReply.class, client.send("SET", onNode(1), "x"));
      assertTrue(late.text().contains("timed out after 200 ms"), late.text());
      assertTrue(connects("n1") <= before + 1);
    }
  }

  @Test
  void declaredCommandIsKnownToThoseWhoAreConnected() {
    ErrorReply unknown = assertInstanceOf(ErrorReply.class, client.send("my.get", "k"));
    assertTrue(unknown.text().contains("unknown command"), unknown.text());
    proxy.take(config(two(0, 1), "commands { \"my.get\" = { first-key = 1 } }"));
    ErrorReply ofNode = assertInstanceOf(ErrorReply.class, client.send("my.get", "k"));
    assertTrue(ofNode.text().contains("my.get"), ofNode.text());
    assertTrue(proxy.metric("cashew_node_error_replies_total") >= 1, "the node was asked");
  }

  @Test
  void databaseThatIsNoMoreEndsItsClients() {
    assertEquals("OK", client.send("SELECT", "5"));
    RawClient other = connect();
    proxy.take(config(two(0, 1), "limits.databases = 2"));
    assertTrue(client.ends());
    assertEquals("OK", other.send("SELECT", "1"));
    assertInstanceOf(ErrorReply.class, other.send("SELECT", "2"));
  }

  @Test
  void nodesPasswordChangesWithNewConnections() {
    try (RealRedis secured = RealRedis.start("--requirepass", "one")) {
      String nodes = node("n0", secured.port()) + ", " + node("n1", secured.port());
      proxy.take(config(nodes, "node-auth.password = one"));
      assertEquals("OK", client.send("SET", "k", "v"));
      try (RawClient direct = secured.connect()) {
        direct.send("AUTH", "one");
        direct.send("CONFIG", "SET", "requirepass", "two");
      }
      proxy.take(config(nodes, "node-auth.password = two"));
      assertEquals("v", client.send("GET", "k"));
    }
  }

  @Test
  void whatNeedsARestartIsSaidAndTheRestIsDone() {
    String text =
        proxy.take(config(two(0, 2), "timeout = 3s").replace("workers = 2", "workers = 3"));
    assertTrue(text.contains("workers: 2 -> 3, needs a restart"), text);
    assertTrue(text.contains("timeout: 1s -> 3s, at once"), text);
    assertEquals(List.of("workers: 2 -> 3, needs a restart"), proxy.status().needRestart());
    assertTrue(proxy.status().lags());
    assertEquals(1, proxy.metric("cashew_config_lags"));
    assertEquals(2, proxy.metric("cashew_workers"));
    proxy.take(config(two(0, 2), "timeout = 3s"));
    assertFalse(proxy.status().lags());
    assertEquals(List.of(), proxy.status().needRestart());
  }

  // ---------------------------------------------------------------- what is wrong

  @Test
  void brokenFileChangesNothingAndSaysWhere() {
    String before = proxy.status().digest();
    ReloadResult result = proxy.reload(config(two(0, 2), "hash-tog = \"{}\""));
    assertEquals(Outcome.INVALID, result.outcome());
    assertTrue(result.text().contains("cashew.conf:3: cashew.pools.p.hash-tog"), result.text());
    assertEquals(3, proxy.status().problems().get(0).line());
    assertEquals("cashew.pools.p.hash-tog", proxy.status().problems().get(0).key());
    assertEquals(before, proxy.status().digest());
    assertTrue(proxy.status().fileDigest().isEmpty());
    assertEquals(0, proxy.metric("cashew_config_last_reload_success"));
    assertEquals(1, proxy.metric("cashew_config_lags"));
    assertEquals(1, proxy.metric("cashew_config_info{digest=\"" + before + "\"}"));
    assertEquals("PONG", client.send("PING"));
    proxy.take(config(two(0, 2)));
    assertEquals(1, proxy.metric("cashew_config_last_reload_success"));
    assertEquals(0, proxy.metric("cashew_config_lags"));
    assertEquals(0, proxy.metric("cashew_config_info{digest=\"" + before + "\"}"));
    assertTrue(proxy.status().error().isEmpty());
  }

  @Test
  void fileThatIsGoneChangesNothing() throws IOException {
    java.nio.file.Files.delete(directory.resolve("cashew.conf"));
    ReloadResult result = Await.result(proxy.reloader().reload("test").toCompletableFuture());
    assertEquals(Outcome.INVALID, result.outcome());
    assertTrue(result.text().contains("there is no such file"), result.text());
    assertEquals("PONG", client.send("PING"));
  }

  @Test
  void sameFileChangesNothing() {
    assertEquals("OK", client.send("SET", onNode(0), "x"));
    long before = connects("n0") + connects("n1");
    assertTrue(proxy.take(config(two(0, 1))).startsWith("nothing to change"));
    assertEquals(before, connects("n0") + connects("n1"));
    assertEquals(1, proxy.metric("cashew_config_reloads_total"));
  }
}
