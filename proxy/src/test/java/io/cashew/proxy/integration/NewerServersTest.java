package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Servers that are newer than the command table: what they take is theirs to judge. */
@ExtendWith(LeakCheck.class)
final class NewerServersTest {

  @Test
  void moreArgumentsThanTheTableKnowsReachTheNodeAsSent() {
    List<List<String>> requests =
        List.of(
            List.of("ZRANK", "k", "m", "WITHSCORE"),
            List.of("ZREVRANK", "k", "m", "WITHSCORE"),
            List.of("GET", "k", "IFNEWER", "5"),
            List.of("INCR", "k", "BY", "5"),
            List.of("RENAME", "k", "k", "NX"),
            List.of("PUBLISH", "c", "m", "COUNT"),
            List.of("BLMOVE", "k", "k", "LEFT", "RIGHT", "0.01", "COUNT", "2"),
            List.of("DBSIZE", "EXACT"),
            List.of("SCRIPT", "LOAD", "return 1", "NAME", "n"),
            List.of("XINFO", "GROUPS", "k", "FULL"),
            List.of("SET", "k", "v", "IFEQ", "w"),
            List.of("DELIFEQ", "k", "v"),
            List.of("HGETEX", "k", "EX", "10", "FIELDS", "1", "f"),
            List.of("VADD", "k", "VALUES", "2", "1", "0", "element"),
            List.of("INCREX", "k", "BYINT", "5", "UBOUND", "9"));
    try (MisbehavingNode node = MisbehavingNode.start();
        TestProxy proxy = new TestProxy.Builder().node(node.port()).start();
        RawClient client = proxy.connect()) {
      node.behave((connection, request) -> connection.reply("+OK\r\n"));
      for (List<String> request : requests) {
        assertEquals("OK", client.send(request.toArray(String[]::new)), request.toString());
        assertTrue(node.requests().contains(request), request.toString());
      }
    }
  }

  @Test
  void tooManyArgumentsAreTheNodesErrorAndTooFewAreOurs() {
    try (RealRedis redis = RealRedis.start();
        TestProxy proxy = TestProxy.of(redis);
        RawClient straight = redis.connect();
        RawClient client = proxy.connect()) {
      for (String[] request :
          new String[][] {
            {"GET"},
            {"GET", "k", "x"},
            {"SET", "k"},
            {"DBSIZE", "x"},
            {"RENAME", "k", "k", "x"},
            {"BRPOPLPUSH", "k", "k", "0", "x"},
            {"ECHO", "a", "b"},
            {"SELECT", "0", "1"},
            {"MULTI", "x"},
            {"WAIT", "0", "0", "0"}
          }) {
        ErrorReply expected = assertInstanceOf(ErrorReply.class, straight.send(request));
        ErrorReply got = assertInstanceOf(ErrorReply.class, client.send(request));
        assertEquals(expected.text(), got.text());
      }
    }
  }

  @Test
  void tooManyArgumentsDoomATransactionAsTheyAreQueued() {
    try (RealRedis redis = RealRedis.start();
        TestProxy proxy = TestProxy.of(redis);
        RawClient client = proxy.connect()) {
      for (String[] request : new String[][] {{"GET", "k", "x"}, {"DBSIZE", "x"}}) {
        assertEquals("OK", client.send("MULTI"));
        ErrorReply refused = assertInstanceOf(ErrorReply.class, client.send(request));
        assertTrue(refused.text().startsWith("ERR wrong number of arguments"), refused.text());
        ErrorReply aborted = assertInstanceOf(ErrorReply.class, client.send("EXEC"));
        assertTrue(aborted.text().startsWith("EXECABORT"), aborted.text());
      }
    }
  }

  @Test
  void theHotKeysOfRedisAreThoseOfTheNodesAndOursStay() {
    String session = "*1\r\n*4\r\n$15\r\ntracking-active\r\n:1\r\n$12\r\nsample-ratio\r\n:%d\r\n";
    try (MisbehavingNode one = MisbehavingNode.start();
        MisbehavingNode two = MisbehavingNode.start();
        TestProxy proxy =
            new TestProxy.Builder()
                .node(one.port())
                .node(two.port())
                .adminCommandsToAllNodes()
                .start();
        RawClient client = proxy.connect()) {
      List<String> start = List.of("HOTKEYS", "START", "METRICS", "1", "CPU", "COUNT", "5");
      assertEquals("OK", client.send(start.toArray(String[]::new)));
      assertTrue(one.requests().contains(start) && two.requests().contains(start));
      one.behave((connection, request) -> connection.reply(session.formatted(1)));
      two.behave((connection, request) -> connection.reply(session.formatted(2)));
      assertEquals(
          List.of(
              List.of("tracking-active", 1L, "sample-ratio", 1L),
              List.of("tracking-active", 1L, "sample-ratio", 2L)),
          client.send("HOTKEYS", "GET"));
      two.behave((connection, request) -> connection.reply("$-1\r\n"));
      assertEquals(
          List.of(List.of("tracking-active", 1L, "sample-ratio", 1L)),
          client.send("HOTKEYS", "GET"));
      assertEquals(List.of(), client.send("HOTKEYS"));
      assertEquals(List.of(), client.send("HOTKEYS", "3"));
      assertEquals(List.of(), client.send("HOTKEYS", "BIG", "3"));
      List<?> help = assertInstanceOf(List.class, client.send("HOTKEYS", "HELP"));
      assertEquals("HOTKEYS [BIG] [<count>]", help.get(0));
    }
  }

  @Test
  void theHotKeysOfNodesNeedTheRightToAdministerThem() {
    try (MisbehavingNode node = MisbehavingNode.start();
        TestProxy proxy = new TestProxy.Builder().node(node.port()).start();
        RawClient client = proxy.connect()) {
      ErrorReply refused = assertInstanceOf(ErrorReply.class, client.send("HOTKEYS", "GET"));
      assertTrue(refused.text().contains("admin-commands"), refused.text());
      assertEquals(List.of(), client.send("HOTKEYS"));
    }
  }

  @Test
  void whatLibrariesAskAsTheyConnectIsAnsweredAndCountsAsNoApplicationsError() {
    try (RealRedis redis = RealRedis.start();
        TestProxy proxy = TestProxy.of(redis);
        RawClient client = proxy.connect()) {
      assertEquals("OK", client.send("CLIENT", "CAPA", "redirect"));
      assertEquals("OK", client.send("CLIENT", "NO-TOUCH", "ON"));
      assertEquals("OK", client.send("CLIENT", "SETINFO", "LIB-NAME", "jedis"));
      assertEquals("OK", client.send("CLIENT", "IMPORT-SOURCE", "OFF"));
      String[][] unknown = {
        {"CLIENT", "MAINT_NOTIFICATIONS", "ON", "moving-endpoint-type", "none"},
        {"CLIENT", "IMPORT-SOURCE", "ON"},
        {"CLIENT", "SETINFO", "LIB-COLOUR", "red"},
        {"CLIENT", "TELEPATHY"},
        {"HELLO", "9"},
        {"HELLO", "3", "COMPRESSION", "zstd"},
        {"CLUSTER", "INFO"},
        {"CLUSTER", "TELEPATHY"}
      };
      for (String[] request : unknown) {
        assertInstanceOf(ErrorReply.class, client.send(request));
      }
      assertEquals(unknown.length, refused(proxy, "handshake"));
      for (String kind :
          List.of("unknown_command", "bad_argument", "wrong_arity", "refused_command")) {
        assertEquals(0, refused(proxy, kind), kind);
      }
      assertInstanceOf(ErrorReply.class, client.send("TELEPATHY"));
      assertInstanceOf(ErrorReply.class, client.send("CONFIG", "TELEPATHY"));
      assertEquals(2, refused(proxy, "unknown_command"));
      assertEquals("PONG", client.send("PING"));
    }
  }

  private static double refused(TestProxy proxy, String kind) {
    return proxy.metric("cashew_error_replies_total{kind=\"" + kind + "\"");
  }
}
