package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FaultyLink;
import io.cashew.proxy.testing.FaultyLink.End;
import io.cashew.proxy.testing.Keys;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real nodes behind links that do what links do, as often as the catalogue of faults asks. */
@ExtendWith(LeakCheck.class)
final class LinkFaultsTest {
  private static final int NODES = 3;
  private static final Keys KEYS = Keys.over(NODES);
  private static final String KEY = KEYS.on(0);

  /** Replies of every shape, to requests of one key. */
  private static final String[][] SHAPES = {
    {"GET", KEY},
    {"STRLEN", KEY},
    {"GET", "none{" + KEY + "}"},
    {"LRANGE", "list{" + KEY + "}", "0", "-1"},
    {"EVAL", "return {KEYS[1],{1,{2,'x'}},false,{}}", "1", KEY},
    {"LPUSH", KEY, "x"},
    {"EVAL", "return redis.error_reply('WORD')", "1", KEY},
    {"TYPE", KEY}
  };

  private static final List<RealRedis> NODE_PROCESSES = new ArrayList<>();

  private final List<FaultyLink> links = new ArrayList<>();
  private final List<RawClient> clients = new ArrayList<>();
  private TestProxy proxy;
  private RawClient client;
  private RawClient bystander;

  @BeforeAll
  static void startNodes() {
    for (int i = 0; i < NODES; i++) {
      NODE_PROCESSES.add(RealRedis.start());
    }
  }

  @AfterAll
  static void stopNodes() {
    NODE_PROCESSES.forEach(RealRedis::close);
  }

  @BeforeEach
  void startLinks() {
    NODE_PROCESSES.forEach(node -> links.add(FaultyLink.to(node.port())));
    start(builder());
    assertEquals("OK", client.send("FLUSHALL"));
    for (int node = 0; node < NODES; node++) {
      assertEquals("OK", client.send("SET", KEYS.on(node), "value of n" + node));
    }
    assertEquals(3L, client.send("RPUSH", "list{" + KEY + "}", "a", "bb", "ccc"));
  }

  private static TestProxy.Builder builder() {
    return new TestProxy.Builder().timeoutMillis(5000).failureLimit(1000);
  }

  private void start(TestProxy.Builder builder) {
    links.forEach(link -> builder.node(link.port()));
    proxy = builder.start();
    client = connect();
    bystander = connect();
  }

  private RawClient connect() {
    RawClient connected = proxy.connect();
    clients.add(connected);
    return connected;
  }

  private void restart(TestProxy.Builder builder) {
    stopProxy();
    start(builder);
  }

  private void stopProxy() {
    clients.forEach(RawClient::close);
    clients.clear();
    proxy.close();
  }

  @AfterEach
  void stop() {
    stopProxy();
    links.forEach(FaultyLink::close);
  }

  private static String errorOf(Object reply) {
    return assertInstanceOf(ErrorReply.class, reply).text();
  }

  private FaultyLink link() {
    return links.get(0);
  }

  private void othersAreWell() {
    for (int node = 1; node < NODES; node++) {
      assertEquals("value of n" + node, bystander.send("GET", KEYS.on(node)));
      assertEquals(0, proxy.failures("n" + node));
    }
  }

  /** The node behind the broken link serves, at last. */
  private void serves() {
    link().heal();
    Await.until("it serves", () -> !(client.send("GET", KEY) instanceof ErrorReply));
    for (RawClient each : List.of(client, bystander)) {
      assertEquals("value of n0", each.send("GET", KEY));
      assertEquals("PONG", each.send("PING"));
    }
    othersAreWell();
    assertEquals(0, (long) proxy.metric("cashew_requests_in_flight"));
  }

  private static String rawReply(RawClient from, String[] request, int length) {
    from.write(RawClient.request(request));
    return from.readBytes(length);
  }

  /** The bytes with which the node itself answers. */
  private static String nodesReply(String... request) {
    try (RawClient direct = NODE_PROCESSES.get(0).connect()) {
      direct.write(RawClient.request(request));
      direct.write(RawClient.request("ECHO", "end of it"));
      String end = "$9\r\nend of it\r\n";
      String text = direct.readUntil(end);
      return text.substring(0, text.length() - end.length());
    }
  }

  @Test
  void aReplyInTwoPiecesIsTheSameWhereverItIsSplit() {
    int splits = 0;
    for (String[] request : SHAPES) {
      String reply = nodesReply(request);
      for (int at = 1; at < reply.length(); at++) {
        link().replies(FaultyLink.split(at));
        assertEquals(reply, rawReply(client, request, reply.length()));
        splits++;
      }
    }
    String[] all = {"MGET", KEYS.on(0), KEYS.on(1), KEYS.on(2)};
    List<String> values = List.of("value of n0", "value of n1", "value of n2");
    for (int at = 1; splits < 208 || at < 20; at++) {
      int bytes = at;
      links.forEach(each -> each.replies(FaultyLink.split(bytes % 20 + 1)));
      assertEquals(values, client.send(all));
      splits++;
    }
    links.forEach(FaultyLink::heal);
    serves();
    assertEquals(0, proxy.failures("n0"));
  }

  @Test
  void aReplyThatDripsIsWhole() {
    link().replies(FaultyLink.drip(1, 1));
    for (String[] request : SHAPES) {
      String reply = nodesReply(request);
      assertEquals(reply, rawReply(client, request, reply.length()));
    }
    assertEquals(0, proxy.failures("n0"));
    serves();
  }

  @Test
  void aReplyThatDripsForLongerThanTheTimeOutIsAnError() {
    restart(builder().timeoutMillis(1000)); // others must be in time on a busy machine, too
    link().replies(FaultyLink.drip(1, 300));
    for (int i = 0; i < 3; i++) {
      assertTrue(errorOf(client.send("GET", KEY)).contains("timed out after 1000 ms"));
      othersAreWell();
    }
    serves();
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void aReplyThatBreaksOffIsAnErrorWhereverItDoes(End end) {
    String reply = nodesReply("GET", KEY);
    String[] all = {"MGET", KEYS.on(1), KEY, KEYS.on(2)};
    for (int at = 0; at < reply.length(); at++) {
      restart(builder()); // many connections in a row would be paced
      assertEquals("value of n0", client.send("GET", KEY));
      link().replies(FaultyLink.cut(at, end));
      String error = errorOf(client.send("GET", KEY));
      assertTrue(error.endsWith("; the request may have been executed"), error);
      assertTrue(error.contains("by the node"), error);
      link().heal();
      assertEquals("value of n0", client.send("GET", KEY));
      link().replies(FaultyLink.cut(at, end));
      String ofAll = errorOf(client.send(all));
      assertTrue(ofAll.contains("by the node"), ofAll);
      link().heal();
      assertEquals("value of n0", client.send("GET", KEY));
      othersAreWell();
    }
  }

  @Test
  void aReplyThatComesAfterTheTimeOutIsGivenToNobody() {
    restart(builder().timeoutMillis(400));
    for (String[] request : SHAPES) {
      link().latencyMillis(700);
      client.write(RawClient.request(request));
      bystander.write(RawClient.request("GET", "unique{" + KEY + "}"));
      assertTrue(errorOf(client.read()).contains("timed out"));
      Object theirs = bystander.read();
      assertTrue(theirs == null || theirs instanceof ErrorReply, "its nil or an error");
      link().latencyMillis(0);
      // Now the late replies arrive, on connections that are no more.
      for (int i = 0; i < 20; i++) {
        String echo = "echo " + i;
        Object reply = client.send("EVAL", "return ARGV[1]", "1", KEY, echo);
        assertTrue(echo.equals(reply) || reply instanceof ErrorReply, "" + reply);
      }
      serves();
    }
  }

  @Test
  void aWriteWhoseReplyIsLostIsExecutedOnce() {
    String counter = "counter{" + KEY + "}";
    int attempts = 30;
    for (int i = 0; i < attempts; i++) {
      link().replies(FaultyLink.cut(0, i % 2 == 0 ? End.FIN : End.RST));
      String error = errorOf(client.send("INCR", counter));
      assertTrue(error.endsWith("; the request may have been executed"), error);
      link().replies(FaultyLink.NONE);
      assertEquals("value of n0", client.send("GET", KEY));
      assertEquals("" + (i + 1), client.send("GET", counter));
    }
    serves();
  }

  @Test
  void aConnectionThatTheNodeEndsWhileItIsIdleCostsNoRequest() {
    for (int i = 0; i < 15; i++) {
      link().halfClose();
      // Nobody waits until the proxy has noticed: it reads the end before the request.
      assertEquals("value of n0", client.send("GET", KEY));
    }
    assertEquals(0, proxy.failures("n0"));
    Await.until("no old one is kept", () -> proxy.node("n0", "connections") == 1);
    serves();
  }

  /** It is known as nobody's, even if a request was taken a moment before it was read. */
  @Test
  void aReplyThatNobodyAskedForIsNotForTheRequestThatFollowsIt() {
    for (int i = 0; i < 50; i++) {
      link().say("$7\r\nforeign\r\n");
      assertEquals("value of n0", client.send("GET", KEY));
    }
    assertEquals(0, proxy.failures("n0"));
    assertEquals(50, proxy.node("n0", "unexpected_replies_total"));
    serves();
  }

  @Test
  void aNodeThatDoesNotAnswerToConnectsIsAnErrorAndComesBack() {
    restart(builder().timeoutMillis(300).failureLimit(3));
    link().dropConnects();
    link().drop(End.RST);
    Await.until("the old connection is gone", () -> proxy.node("n0", "connections") == 0);
    for (int i = 0; i < 3; i++) {
      String error = errorOf(client.send("GET", KEY));
      assertTrue(error.startsWith("ERR Connection timed out (connecting) after 300 ms"), error);
      assertTrue(!error.contains("executed"), error);
      othersAreWell();
    }
    proxy.awaitCircuit("n0", true);
    assertTrue(errorOf(client.send("GET", KEY)).contains("nothing is sent to it"));
    serves();
  }

  @Test
  void aPartitionWithoutAWordIsAnErrorAndTheOldConnectionIsNotUsedAgain() {
    restart(builder().timeoutMillis(200).failureLimit(3));
    int before = link().connects();
    assertEquals("value of n0", client.send("GET", KEY));
    assertEquals(before + 1, link().connects());
    link().blackhole(true);
    for (int i = 0; i < 3; i++) {
      assertTrue(errorOf(client.send("SET", KEY, "late " + i)).contains("timed out"));
      othersAreWell();
    }
    proxy.awaitCircuit("n0", true);
    link().heal(); // what was held back arrives now, after all
    proxy.awaitCircuit("n0", false);
    assertTrue(link().connects() > before + 1);
    Await.until("writes are the client's again", () -> "OK".equals(client.send("SET", KEY, "n")));
    assertEquals("OK", client.send("SET", KEY, "value of n0"));
    serves();
  }

  @Test
  void aNodeThatRefusesUnderLoadIsConnectedToALittle() {
    link().refuse();
    List<RawClient> load = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      load.add(connect());
    }
    long begin = System.nanoTime();
    long connectsBefore = proxy.node("n0", "connects_total");
    for (int round = 0; round < 100; round++) {
      load.forEach(each -> each.write(RawClient.request("GET", KEY)));
      load.forEach(each -> errorOf(each.read()));
    }
    othersAreWell();
    long connects = proxy.node("n0", "connects_total") - connectsBefore;
    double seconds = (System.nanoTime() - begin) / 1e9;
    assertTrue(connects <= 2 + 20 * seconds, connects + " connects in " + seconds + " s");
    serves();
  }

  @Test
  void aNodeThatEndsConnectionsAfterEachReplyIsConnectedToALittle() {
    restart(builder());
    long begin = System.nanoTime();
    for (int i = 0; i < 500; i++) {
      Object reply = client.send("GET", KEY);
      assertTrue("value of n0".equals(reply) || reply instanceof ErrorReply, "" + reply);
      link().drop(i % 2 == 0 ? End.FIN : End.RST);
    }
    long connects = proxy.node("n0", "connects_total");
    double seconds = (System.nanoTime() - begin) / 1e9;
    int atOnce = 1 + 64;
    assertTrue(connects <= atOnce + 20 * seconds, connects + " connects in " + seconds + " s");
    serves();
  }

  @Test
  void allNodesDownAreErrorsAndAllComeBack() {
    restart(builder().workers(2));
    links.forEach(FaultyLink::refuse);
    for (int i = 0; i < 50; i++) {
      for (int node = 0; node < NODES; node++) {
        errorOf(client.send("GET", KEYS.on(node)));
      }
      errorOf(client.send("MGET", KEYS.on(0), KEYS.on(1)));
      assertEquals("PONG", client.send("PING"));
    }
    links.forEach(FaultyLink::heal);
    for (int node = 0; node < NODES; node++) {
      String value = "value of n" + node;
      String key = KEYS.on(node);
      Await.until("it serves", () -> value.equals(client.send("GET", key)));
      Await.until("others too", () -> value.equals(bystander.send("GET", key)));
    }
  }

  @Test
  void aNodeThatIsSlowButInTimeIsNoError() {
    restart(builder().timeoutMillis(2000));
    link().latencyMillis(400);
    for (int i = 0; i < 3; i++) {
      // Together they take no longer than one, or the last would be late.
      for (int request = 0; request < 20; request++) {
        client.write(RawClient.request("GET", KEY));
      }
      for (int request = 0; request < 20; request++) {
        assertEquals("value of n0", client.read());
      }
      othersAreWell();
    }
    assertEquals(0, proxy.failures("n0"));
    serves();
  }

  @Test
  void repliesKeepTheOrderOfRequestsHoweverFarNodesAreApart() {
    for (int node = 0; node < NODES; node++) {
      links.get(node).latencyMillis(40L * node);
    }
    int requests = 2160;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < requests; i++) {
      String key = "order:" + i % 90 + "{" + KEYS.on(i * 7 % NODES) + "}";
      bytes.writeBytes(RawClient.request("EVAL", "return ARGV[1]", "1", key, "reply " + i));
    }
    new Thread(() -> client.write(bytes.toByteArray()), "writer").start();
    for (int i = 0; i < requests; i++) {
      assertEquals("reply " + i, client.read());
    }
    links.forEach(FaultyLink::heal);
    serves();
  }

  /** All at once is no reason to move keys: there is nobody who could take them. */
  @Test
  void aBlipOfAllNodesMovesNoKeyWithEjectionOn() {
    restart(builder().eject());
    List<RawClient> load = List.of(connect(), connect(), connect());
    for (int blip = 0; blip < 3; blip++) {
      links.forEach(FaultyLink::refuse);
      long begin = System.nanoTime();
      while (System.nanoTime() - begin < 150_000_000L) {
        writeEverywhere(load);
      }
      links.forEach(FaultyLink::heal);
      Await.until("every key is written again", () -> writeEverywhere(load));
    }
    for (int node = 0; node < NODES; node++) {
      try (RawClient direct = NODE_PROCESSES.get(node).connect()) {
        List<?> keys = (List<?>) direct.send("KEYS", "blip:*");
        assertTrue(keys != null && !keys.isEmpty(), "keys of n" + node);
        for (Object key : keys) {
          assertEquals(node, KEYS.nodeOf((String) key), key + " is on a node that is not its own");
        }
      }
    }
  }

  private static boolean writeEverywhere(List<RawClient> load) {
    boolean all = true;
    for (int i = 0; i < 60; i++) {
      RawClient each = load.get(i % load.size());
      all &= "OK".equals(each.send("SET", "blip:" + i, "v"));
    }
    return all;
  }
}
