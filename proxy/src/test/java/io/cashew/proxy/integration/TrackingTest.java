package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.Keys;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** CLIENT TRACKING: who read a key is told when it changes, and nobody else is. */
final class TrackingTest {
  private static final List<RealRedis> NODES = new ArrayList<>();
  private static final Keys KEYS = Keys.over(2);
  private static final String A = KEYS.on(0);
  private static final String B = KEYS.on(1);
  private static TestProxy proxy;
  private RawClient reader;
  private RawClient writer;

  @BeforeAll
  static void start() {
    TestProxy.Builder builder = new TestProxy.Builder().workers(2);
    for (int i = 0; i < 2; i++) {
      NODES.add(RealRedis.start());
      builder.node(NODES.get(i).port());
    }
    proxy = builder.start();
  }

  @AfterAll
  static void stop() {
    proxy.close();
    NODES.forEach(RealRedis::close);
  }

  @BeforeEach
  void connect() {
    writer = proxy.connect();
    writer.send("FLUSHALL");
    reader = proxy.connect();
  }

  @AfterEach
  void disconnect() {
    reader.close();
    writer.close();
  }

  private static void hello3(RawClient client) {
    client.write(RawClient.request("HELLO", "3"));
    client.readUntil("modules\r\n*0\r\n");
  }

  private static void assertInvalidated(RawClient client, String key) {
    String push = ">2\r\n$10\r\ninvalidate\r\n*1\r\n$" + key.length() + "\r\n" + key + "\r\n";
    assertEquals(push, client.readBytes(push.length()));
  }

  private static void assertNothingWaits(RawClient client) {
    assertEquals("PONG", client.send("PING"));
  }

  @Test
  void whoReadAKeyIsToldOnceOnEveryNode() {
    hello3(reader);
    assertEquals("OK", reader.send("CLIENT", "TRACKING", "ON"));
    for (String key : List.of(A, B)) {
      writer.send("SET", key, "1");
      assertEquals("1", reader.send("GET", key));
      writer.send("SET", key, "2");
      assertInvalidated(reader, key);
      writer.send("SET", key, "3");
      assertNothingWaits(reader);
    }
  }

  @Test
  void othersAreToldNothing() {
    hello3(reader);
    reader.send("CLIENT", "TRACKING", "ON");
    try (RawClient bystander = proxy.connect()) {
      hello3(bystander);
      writer.send("SET", A, "1");
      assertEquals("1", reader.send("GET", A));
      assertEquals("1", bystander.send("GET", A));
      writer.send("SET", A, "2");
      assertInvalidated(reader, A);
      assertNothingWaits(bystander);
    }
  }

  @Test
  void offIsOff() {
    hello3(reader);
    reader.send("CLIENT", "TRACKING", "ON");
    writer.send("SET", A, "1");
    reader.send("GET", A);
    assertEquals("OK", reader.send("CLIENT", "TRACKING", "OFF"));
    writer.send("SET", A, "2");
    assertEquals("2", reader.send("GET", A));
    assertNothingWaits(reader);
    assertEquals(-1L, reader.send("CLIENT", "GETREDIR"));
  }

  @Test
  void keysOfAMultiKeyRequestAndOfATransactionAreTracked() {
    hello3(reader);
    reader.send("CLIENT", "TRACKING", "ON");
    writer.send("MSET", A, "1", B, "2");
    assertEquals(List.of("1", "2"), reader.send("MGET", A, B));
    writer.send("SET", B, "3");
    assertInvalidated(reader, B);
    reader.send("MULTI");
    reader.send("GET", A);
    assertEquals(List.of("1"), reader.send("EXEC"));
    writer.send("SET", A, "4");
    assertInvalidated(reader, A);
  }

  @Test
  void broadcastTellsOfPrefixesOnAllNodesAndNotOfOnesOwnWithNoloop() {
    hello3(reader);
    assertEquals("OK", reader.send("CLIENT", "TRACKING", "ON", "BCAST", "NOLOOP", "PREFIX", "p:"));
    Keys keys = KEYS;
    int told = 0;
    for (int i = 0; told < 4; i++) {
      String key = "p:" + i;
      if (keys.nodeOf(key) == told % 2) {
        assertEquals("OK", reader.send("SET", key, "own"));
        writer.send("SET", key, "1");
        assertInvalidated(reader, key);
        writer.send("SET", "q:" + i, "1");
        told++;
      }
    }
    assertNothingWaits(reader);
  }

  @Test
  void prefixesAddUpAndMayNotOverlap() {
    hello3(reader);
    assertEquals("OK", reader.send("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "a:"));
    assertEquals("OK", reader.send("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "b:"));
    for (String key : List.of("a:1", "b:1", "a:2", "b:2", "b:3")) {
      writer.send("SET", key, "1");
      assertInvalidated(reader, key);
    }
    ErrorReply overlap =
        (ErrorReply) reader.send("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "a:");
    assertTrue(
        overlap.text().startsWith("ERR Prefix 'a:' overlaps with an existing prefix 'a:'"),
        overlap.text());
  }

  @Test
  void whoIsToForgetEverythingIsToldOnceForAllNodes() {
    hello3(reader);
    assertEquals("OK", reader.send("CLIENT", "TRACKING", "ON"));
    String forget = ">2\r\n$10\r\ninvalidate\r\n_\r\n";
    for (int i = 0; i < 3; i++) {
      writer.send("MSET", A, "1", B, "2");
      assertEquals(List.of("1", "2"), reader.send("MGET", A, B));
      assertEquals("OK", writer.send("FLUSHALL")); // both nodes have told of it by then
      assertEquals(forget, reader.readBytes(forget.length()));
      assertNothingWaits(reader);
    }
  }

  @Test
  void whoseTargetHasQuitIsToldThoughThatOneIsStillConnected() {
    try (RawClient target = proxy.connect()) {
      long id = (Long) target.send("CLIENT", "ID");
      hello3(reader);
      assertEquals("OK", reader.send("CLIENT", "TRACKING", "ON", "REDIRECT", "" + id));
      assertEquals("OK", writer.send("SET", A, "1"));
      assertEquals("1", reader.send("GET", A));
      assertEquals("OK", target.send("QUIT"));
      assertEquals("OK", writer.send("SET", A, "2"));
      String broken = ">2\r\n$21\r\ntracking-redir-broken\r\n:" + id + "\r\n";
      assertEquals(broken, reader.readBytes(broken.length()));
    }
  }

  @Test
  void aMessageKeepsItsPlaceAmongTheRepliesOfItsNode() {
    String invalidate = ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n";
    try (MisbehavingNode node =
            MisbehavingNode.start()
                .behave(
                    (connection, request) ->
                        connection.reply(
                            switch (request.get(0)) {
                              case "GET" -> invalidate + "+before\r\n";
                              case "DEL" -> "+after\r\n" + invalidate;
                              default -> "+OK\r\n";
                            }));
        TestProxy ofThat = new TestProxy.Builder().node(node.port()).start();
        RawClient client = ofThat.connect()) {
      hello3(client);
      assertEquals("OK", client.send("CLIENT", "TRACKING", "ON"));
      client.write(RawClient.request("DEL", "k"));
      client.write(RawClient.request("GET", "k"));
      String expected = "+after\r\n" + invalidate + invalidate + "+before\r\n";
      assertEquals(expected, client.readBytes(expected.length()));
    }
  }

  @Test
  void optInNeedsCachingYesForEachRequest() {
    hello3(reader);
    assertEquals(
        new ErrorReply(
            "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN"
                + " or OPTOUT mode enabled"),
        reader.send("CLIENT", "CACHING", "YES"));
    reader.send("CLIENT", "TRACKING", "ON", "OPTIN");
    writer.send("MSET", A, "1", B, "1");
    reader.send("GET", A);
    writer.send("SET", A, "2");
    assertNothingWaits(reader);
    assertEquals("OK", reader.send("CLIENT", "CACHING", "YES"));
    reader.send("GET", A);
    reader.send("GET", B);
    writer.send("SET", A, "3");
    assertInvalidated(reader, A);
    writer.send("SET", B, "3");
    assertNothingWaits(reader);
  }

  @Test
  void redirectedMessagesGoToASubscriberOfResp2() {
    try (RawClient target = proxy.connect()) {
      String id = String.valueOf(target.send("CLIENT", "ID"));
      target.send("SUBSCRIBE", "__redis__:invalidate");
      assertEquals("OK", reader.send("CLIENT", "TRACKING", "ON", "REDIRECT", id));
      assertEquals(Long.valueOf(id), reader.send("CLIENT", "GETREDIR"));
      for (String key : List.of(A, B)) {
        writer.send("SET", key, "1");
        reader.send("GET", key);
        writer.send("SET", key, "2");
        assertEquals(List.of("message", "__redis__:invalidate", List.of(key)), target.read());
      }
      assertNothingWaits(reader);
      hello3(reader);
      writer.send("SET", A, "1");
      reader.send("GET", A);
      writer.send("SET", A, "2");
      assertEquals(List.of("message", "__redis__:invalidate", List.of(A)), target.read());
    }
    writer.send("SET", A, "3");
    reader.send("GET", A);
    Await.until("the target has left", () -> proxy.metric("cashew_clients{") == 2);
    writer.send("SET", A, "4");
    assertTrue(
        reader.readUntil("\r\n:").endsWith("tracking-redir-broken\r\n:"), "told that it is broken");
  }

  @Test
  void badOptionsAreRefusedInTheNodesWords() {
    hello3(reader);
    assertEquals(
        new ErrorReply("ERR The client ID you want redirect to does not exist"),
        reader.send("CLIENT", "TRACKING", "ON", "REDIRECT", "99999999"));
    assertEquals(
        new ErrorReply("ERR PREFIX option requires BCAST mode to be enabled"),
        reader.send("CLIENT", "TRACKING", "ON", "PREFIX", "a"));
    assertEquals(
        new ErrorReply("ERR OPTIN and OPTOUT are not compatible with BCAST"),
        reader.send("CLIENT", "TRACKING", "ON", "BCAST", "OPTIN"));
    assertEquals(new ErrorReply("ERR syntax error"), reader.send("CLIENT", "TRACKING", "ON", "x"));
    assertEquals("OK", reader.send("CLIENT", "TRACKING", "ON"));
    ErrorReply switched = (ErrorReply) reader.send("CLIENT", "TRACKING", "ON", "BCAST");
    assertTrue(switched.text().startsWith("ERR You can't switch BCAST mode on/off"));
    writer.send("SET", A, "1");
    reader.send("GET", A);
    writer.send("SET", A, "2");
    assertInvalidated(reader, A);
  }

  @Test
  void aNodeThatForgetsMakesTheClientForget() {
    try (RealRedis node = RealRedis.start();
        TestProxy single = TestProxy.of(node);
        RawClient tracking = single.connect();
        RawClient other = single.connect()) {
      hello3(tracking);
      tracking.send("CLIENT", "TRACKING", "ON");
      other.send("SET", "k", "1");
      assertEquals("1", tracking.send("GET", "k"));
      try (RawClient direct = node.connect()) {
        direct.send("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
      }
      String forget = ">2\r\n$10\r\ninvalidate\r\n_\r\n";
      assertEquals(forget, tracking.readBytes(forget.length()));
      Await.until("it tracks again", () -> "1".equals(tracking.send("GET", "k")));
      Await.until("the other one is back", () -> "OK".equals(other.send("SET", "k", "2")));
      assertInvalidated(tracking, "k");
    }
  }

  @Test
  void aClientThatLeavesLeavesNoConnections() {
    hello3(reader);
    writer.send("MSET", A, "1", B, "1");
    reader.send("CLIENT", "TRACKING", "ON");
    reader.send("GET", A);
    Await.until("it has its own", () -> trackingConnections() == 2);
    reader.close();
    Await.until("they are gone", () -> trackingConnections() == 0);
  }

  /** On all nodes. */
  private static long trackingConnections() {
    long connections = 0;
    for (RealRedis node : NODES) {
      try (RawClient direct = node.connect()) {
        String info = (String) direct.send("INFO", "clients");
        connections +=
            info.lines()
                .filter(line -> line.startsWith("tracking_clients:"))
                .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
                .sum();
      }
    }
    return connections;
  }
}
