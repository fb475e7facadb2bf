package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.AdminCommands;
import io.cashew.proxy.config.CommandSettings;
import io.cashew.proxy.config.Protocol;
import io.cashew.proxy.config.ProtocolSettings;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealMemcached;
import io.cashew.proxy.testing.TestProxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pools of real memcached servers: what comes through the proxy is what one server says. */
@ExtendWith(LeakCheck.class)
@Timeout(120)
final class MemcachedTest {
  private final List<RealMemcached> nodes = new ArrayList<>();
  private RealMemcached single;

  @BeforeEach
  void startServers() {
    single = RealMemcached.start();
    for (int i = 0; i < 3; i++) {
      nodes.add(RealMemcached.start());
    }
  }

  @AfterEach
  void stopServers() {
    nodes.forEach(RealMemcached::close);
    if (single != null) {
      single.close();
    }
  }

  private static TestProxy.Builder memcached() {
    return new TestProxy.Builder().with(ProtocolSettings.PROTOCOL, Protocol.MEMCACHED);
  }

  private TestProxy proxyOf(int count) {
    TestProxy.Builder builder = memcached();
    nodes.subList(0, count).forEach(node -> builder.node(node.port()));
    return builder.start();
  }

  /** All that is answered to these bytes, until the connection ends. */
  private static String answer(RawClient client, String request) {
    client.write(request.getBytes(StandardCharsets.ISO_8859_1));
    client.halfClose();
    String answer = client.readToEnd();
    client.close();
    return answer;
  }

  private static String shown(String request) {
    return request.length() < 200
        ? request
        : request.substring(0, 60)
            + "… "
            + request.length()
            + " bytes … "
            + request.substring(request.length() - 60);
  }

  private void assertTheSame(int count, List<String> requests) {
    try (TestProxy proxy = proxyOf(count)) {
      for (String request : requests) {
        assertEquals(
            answer(single.connect(), request), answer(proxy.connect(), request), shown(request));
      }
    }
  }

  // ---------------------------------------------------------------- the words of 1.6.18

  private static final String K250 = "k".repeat(250);
  private static final String K251 = "k".repeat(251);
  private static final String MIB = "x".repeat(1048577);

  /** What is no request, or hardly one. */
  private static final List<String> ODD =
      List.of(
          "\r\n",
          "\n",
          " \r\n",
          "foo\r\n",
          "GET a\r\n",
          "get\r\n",
          "get \r\n",
          "gets\r\n",
          "get " + K251 + "\r\n",
          "get a " + K251 + "\r\n",
          "get " + K250 + "\r\n",
          "get  a   b \r\n",
          " get a\r\n",
          "get a\n",
          "set\r\n",
          "set a\r\n",
          "set a 0 0\r\n",
          "set a 0 0 x\r\n",
          "set a x 0 1\r\n1\r\n",
          "set a 0 x 1\r\n1\r\n",
          "set a 0 0 -1\r\n",
          "set a 0 0 1 1 1\r\n1\r\n",
          "set a 0 0 1 noreply\r\n1\r\nget a\r\n",
          "set a 0 0 1 foo\r\n1\r\n",
          "set a 0 0 3\r\nabcd\r\n",
          "set a 0 0 3\r\nabcde\r\n",
          "set a 0 0 3\r\nab\r\nget a\r\n",
          "set a 0 0 3\r\nabcdefghij\r\nget a\r\n",
          "set " + K251 + " 0 0 1\r\n1\r\n",
          "set a -1 0 1\r\n1\r\n",
          "set a 0 -1 1\r\n1\r\nget a\r\n",
          "set a 0 0 2147483647\r\n",
          "set a 0 0 4294967295\r\n",
          "set a 0 0 1\r\n1\nget a\r\n",
          "set a 0 0 1\n1\r\nget a\r\n",
          "set a 0 0 0\r\n\r\nget a\r\n",
          "set a 0 0 01\r\n1\r\n",
          "set a 0 0 1\r\n1\r\nset a 0 0 1048577\r\n" + MIB + "\r\nget a\r\n",
          "set a 0 0 1\r\n1\r\nadd a 0 0 1048577\r\n" + MIB + "\r\nget a\r\n",
          "set a 0 0 1\r\n1\r\nset a 0 0 1048577 noreply\r\n" + MIB + "\r\nget a\r\n",
          "set a 0 0 1\r\n1\r\nset a 0 0 1048570\r\n" + MIB.substring(7) + "\r\nget a\r\n",
          "set a 0 0 1048577\r\n" + MIB + "xyz\r\nget a\r\n",
          "cas a 0 0 1\r\n1\r\n",
          "cas a 0 0 1 x\r\n1\r\n",
          "cas b 0 0 1 18446744073709551615\r\n1\r\n",
          "cas a 0 0 1 18446744073709551616\r\n1\r\n",
          "cas a 0 0 1 -1\r\n1\r\n",
          "cas a 0 0 1 5 noreply\r\n1\r\nversion\r\n",
          "cas a 0 0 1 noreply\r\nversion\r\n",
          "cas a 0 0 1 5 noreply x\r\n1\r\n",
          "set x 0 0 1\r\n1\r\n",
          "incr x\r\n",
          "incr x 1\r\n",
          "incr x a\r\n",
          "incr x -1\r\n",
          "incr x 18446744073709551616\r\n",
          "incr x 18446744073709551615\r\n",
          "incr nokey 1\r\n",
          "incr " + K251 + " 1\r\n",
          "set y 0 0 1\r\na\r\nincr y 1\r\n",
          "incr x 1 noreply\r\nversion\r\n",
          "incr x 1 2\r\n",
          "incr x 1 2 3\r\n",
          "incr y 1 noreply\r\nversion\r\n",
          "incr x a noreply\r\nversion\r\n",
          "incr x 1 noreply extra\r\n",
          "decr x 5\r\n",
          "delete\r\n",
          "delete x 0\r\n",
          "delete x 1\r\n",
          "delete x 0 noreply\r\nversion\r\n",
          "delete x noreply\r\nversion\r\n",
          "delete x foo\r\n",
          "delete x 0 foo\r\n",
          "delete x 0 0 0\r\n",
          "delete " + K251 + "\r\n",
          "delete noreply\r\n",
          "delete " + K251 + " noreply\r\nversion\r\n",
          "touch\r\n",
          "touch x\r\n",
          "touch x a\r\n",
          "touch x 0\r\n",
          "touch x -1\r\n",
          "touch x 0 noreply\r\nversion\r\n",
          "touch x 0 foo\r\n",
          "touch x 0 0 0\r\n",
          "touch " + K251 + " 0\r\n",
          "touch x a noreply\r\nversion\r\n",
          "gat\r\n",
          "gat 0\r\n",
          "gat x a\r\n",
          "gat 0 x\r\n",
          "gat -1 x\r\n",
          "gat x\r\n",
          "gat 0 " + K251 + "\r\n",
          "gats 0 nokey\r\n",
          "flush_all\r\n",
          "flush_all 0\r\n",
          "flush_all x\r\n",
          "flush_all -1\r\n",
          "flush_all noreply\r\nversion\r\n",
          "flush_all 0 noreply\r\nversion\r\n",
          "flush_all 0 foo\r\n",
          "flush_all 0 0 0\r\n",
          "flush_all x noreply\r\nversion\r\n",
          "version\r\n",
          "version x\r\n",
          "verbosity\r\n",
          "verbosity x\r\n",
          "verbosity 0 0 0\r\n",
          "quit\r\n",
          "quit x\r\nversion\r\n",
          "stats x\r\n",
          "mn\r\n",
          "mn x\r\n",
          "mn\n",
          "me\r\n",
          "me nokey\r\n",
          "mg\r\n",
          "mg nokey\r\n",
          "mg nokey v k O1234 t s f c h l\r\n",
          "mg nokey v q\r\nmn\r\n",
          "mg nokey k q O1\r\nmn\r\n",
          "mg x Z\r\n",
          "mg " + K251 + "\r\n",
          "mg x v O" + "1".repeat(41) + "\r\n",
          "mg eA== b v k\r\n",
          "mg !!! b v\r\n",
          "mg x v v\r\n",
          "mg new N0 v\r\n",
          "ms\r\n",
          "ms m\r\n",
          "ms m 2\r\nhi\r\n",
          "ms m S2\r\nhi\r\n",
          "ms m 2 q\r\nhi\r\nmn\r\n",
          "ms m 2 k O9\r\nhi\r\n",
          "ms m 2\r\nhiho\r\nmn\r\n",
          "ms m 2 q\r\nhixx\r\nmn\r\n",
          "ms m x\r\nhi\r\n",
          "ms m -1\r\nhi\r\n",
          "ms m 2 Z\r\nhi\r\n",
          "ms nokey 2 MR\r\nhi\r\n",
          "ms m 2 ME q\r\nhi\r\nmn\r\n",
          "ms m 2 C5\r\nhi\r\n",
          "ms m 2 C5 q\r\nhi\r\nmn\r\n",
          "ms m 2 MX\r\nhi\r\n",
          "ms m 2 Tx\r\nhi\r\n",
          "ms m 2 T-1\r\nhi\r\n",
          "ms " + K251 + " 2\r\nhi\r\n",
          "ms m 2 " + "k ".repeat(16) + "\r\nhi\r\nmn\r\n",
          "ms m 2 " + "k ".repeat(17) + "\r\nhi\r\nmn\r\n",
          "ms !!! 2 b\r\nhi\r\nmn\r\n",
          "ms m 1\r\n1\r\nms m 1048577\r\n" + MIB + "\r\nmg m v\r\n",
          "ms m 1048577 q\r\n" + MIB + "\r\nmg m v\r\n",
          "ms bW0= 2 b k\r\nhi\r\n",
          "ma\r\n",
          "ma n\r\n",
          "ma n N0\r\n",
          "ma n v\r\n",
          "ma n q\r\nmn\r\n",
          "ma n v q k\r\nmn\r\n",
          "ma none q\r\nmn\r\n",
          "ma m\r\n",
          "ma m q\r\nmn\r\n",
          "ma n D2 v\r\n",
          "ma n Dx v\r\n",
          "ma n MX v\r\n",
          "ma n C1 v\r\n",
          "ma n C1 q\r\nmn\r\n",
          "ma n J5 N0 t v\r\n",
          "md\r\n",
          "md n\r\n",
          "md n q\r\nmn\r\n",
          "md m q\r\nmn\r\n",
          "md x k O1\r\n",
          "md x Z\r\n",
          "md " + K251 + "\r\n",
          "mq\r\n",
          "m\r\n",
          "mgx\r\n",
          "get / HTTP/1.1\r\n\r\n",
          "POST / HTTP/1.1\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
          "sett a 0 0 1\r\n",
          "prepend a 0 0 1\r\nx\r\n",
          "replace nokey 0 0 1\r\nx\r\n",
          "append nokey 0 0 1\r\nx\r\n",
          "add x 0 0 1\r\nx\r\n",
          "set a 0 0 x noreply\r\nversion\r\n",
          "set a 0 0 3 noreply\r\nabcd\r\nversion\r\n",
          "set a b c d e f g h i j k l m n o p q r s t u v w x y z 1 2 3 4 5\r\n",
          "mg x " + "k ".repeat(40) + "\r\n",
          "get a",
          "set a 0 0 10\r\nabc");

  @Test
  void whatIsOddIsAnsweredInTheWordsOfMemcached() {
    assertTheSame(1, ODD);
  }

  @Test
  void whatIsOddIsAnsweredAlikeByThreeNodes() {
    assertTheSame(3, ODD.stream().filter(request -> !request.startsWith("stats ")).toList());
  }

  /** But for a get that is refused, with which memcached drops the replies that it owes. */
  @Test
  void allOfItInOnePipelineIsAnsweredInOrder() {
    String whole =
        ODD.stream()
            .filter(each -> each.length() < 5000 && each.endsWith("\r\n"))
            .filter(each -> !each.contains("quit") && !each.contains("HTTP"))
            .filter(each -> !each.contains("set a 0 0 3\r\nab\r\n") && !each.startsWith("stats"))
            .filter(each -> !each.matches("ga?e?ts? .*(" + K251 + "|x a|x)\r\n"))
            .collect(Collectors.joining());
    assertTheSame(3, List.of(whole));
  }

  // ---------------------------------------------------------------- what is right

  private static String randomRequest(Random random) {
    String key = "key:" + random.nextInt(40);
    String value =
        "v".repeat(random.nextInt(20) == 0 ? random.nextInt(50_000) : random.nextInt(50));
    String noReply = random.nextInt(4) == 0 ? " noreply\r\n" : "\r\n";
    String quiet = random.nextInt(3) == 0 ? " q\r\n" : "\r\n";
    return switch (random.nextInt(16)) {
      case 0, 1, 2 -> "get " + key + "\r\n";
      case 3 -> {
        StringBuilder many = new StringBuilder("get");
        for (int i = random.nextInt(30); i >= 0; i--) {
          many.append(" key:").append(random.nextInt(40));
        }
        yield many + "\r\n";
      }
      case 4, 5 ->
          "set "
              + key
              + " "
              + random.nextInt(99)
              + " 0 "
              + value.length()
              + noReply
              + value
              + "\r\n";
      case 6 -> "add " + key + " 1 0 " + value.length() + noReply + value + "\r\n";
      case 7 -> "append " + key + " 1 0 1" + noReply + "a\r\n";
      case 8 -> "delete " + key + noReply;
      case 9 -> "set " + key + " 0 0 2\r\n17\r\nincr " + key + " " + random.nextInt(99) + noReply;
      case 10 -> "touch " + key + " 1000" + noReply;
      case 11 -> "mg " + key + " v f k O" + random.nextInt(9) + quiet;
      case 12 -> "ms " + key + " " + value.length() + " k" + quiet + value + "\r\n";
      case 13 -> "md " + key + " k" + quiet;
      case 14 -> "ma " + key + " N0 J5 v" + quiet;
      default -> "gat 1000 " + key + " key:" + random.nextInt(40) + "\r\n";
    };
  }

  @Test
  void randomRequestsAreAnsweredAsOneServerAnswersThem() {
    Random random = new Random(11);
    List<String> sessions = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      StringBuilder session = new StringBuilder();
      for (int j = 0; j < 200; j++) {
        session.append(randomRequest(random));
      }
      sessions.add(session.toString());
    }
    assertTheSame(3, sessions);
  }

  @Test
  void cutAnywhereTheyAreAnsweredAlike() {
    try (TestProxy proxy = proxyOf(3)) {
      Random random = new Random(12);
      for (int i = 0; i < 20; i++) {
        StringBuilder session = new StringBuilder();
        for (int j = 0; j < 20; j++) {
          session.append(randomRequest(random));
        }
        String expected = answer(single.connect(), session.toString());
        RawClient client = proxy.connect();
        int piece = 1 + random.nextInt(40);
        byte[] bytes = session.toString().getBytes(StandardCharsets.ISO_8859_1);
        for (int at = 0; at < bytes.length; at += piece) {
          client.write(Arrays.copyOfRange(bytes, at, Math.min(at + piece, bytes.length)));
        }
        assertEquals(expected, answer(client, ""));
      }
    }
  }

  @Test
  void largeValuesComeAndGoWhole() {
    String value = "0123456789".repeat(90_000);
    String session =
        "set big 3 0 900000\r\n"
            + value
            + "\r\nget big\r\nget a big b\r\nset big2 0 0 900000 noreply\r\n"
            + value
            + "\r\nms big3 900000 k\r\n"
            + value
            + "\r\nms big4 900000 k q\r\n"
            + value
            + "\r\nget big2 big3 big4\r\nset big 0 0 900000\r\n"
            + value
            + "xx\r\nmn\r\n";
    assertTheSame(3, List.of(session));
  }

  @Test
  void flushStatsVersionAndVerbositySpeakForAllNodes() {
    try (TestProxy proxy =
        memcached()
            .node(nodes.get(0).port())
            .node(nodes.get(1).port())
            .with(CommandSettings.ADMIN, AdminCommands.ALL_NODES)
            .start()) {
      String keys = "";
      for (int i = 0; i < 20; i++) {
        keys += "set k" + i + " 0 0 1\r\n1\r\n";
      }
      answer(proxy.connect(), keys);
      assertEquals("OK\r\n", answer(proxy.connect(), "verbosity 0\r\n"));
      String stats = answer(proxy.connect(), "stats\r\n");
      assertTrue(stats.contains("STAT n0/curr_items ") && stats.contains("STAT n1/pid "), stats);
      assertTrue(stats.endsWith("\r\nEND\r\n"), stats);
      assertEquals("RESET\r\n", answer(proxy.connect(), "stats reset\r\n"));
      assertEquals(
          "OK\r\nEND\r\n", answer(proxy.connect(), "flush_all\r\nget k1 k2 k3 k4 k5 k6\r\n"));
    }
    try (TestProxy proxy = proxyOf(2)) {
      assertEquals(
          List.of(
              "SERVER_ERROR verbosity for every node needs admin-commands = all-nodes",
              "SERVER_ERROR stats for every node needs admin-commands = all-nodes",
              "SERVER_ERROR shutdown cannot be used through a proxy"),
          answer(proxy.connect(), "verbosity 0\r\nstats reset\r\nshutdown\r\n").lines().toList());
    }
  }

  @Test
  void theBinaryProtocolIsRefusedWithItsReason() {
    try (TestProxy proxy = proxyOf(1)) {
      String refusal = answer(proxy.connect(), "\u0080\0\0\0" + "\0".repeat(20));
      assertTrue(refusal.startsWith("\u0081"), refusal);
      assertTrue(refusal.endsWith("have the client speak the text protocol"), refusal);
    }
  }

  // ---------------------------------------------------------------- a node that fails

  @Test
  void aDeadNodeIsAnErrorForItsKeysAndNoMiss() {
    try (TestProxy proxy = proxyOf(3)) {
      String keys = "";
      String gets = "";
      String all = "get";
      for (int i = 0; i < 12; i++) {
        keys += "set k" + i + " 0 0 1\r\n1\r\n";
        gets += "get k" + i + "\r\n";
        all += " k" + i;
      }
      answer(proxy.connect(), keys);
      nodes.get(1).close();
      String answers =
          answer(proxy.connect(), gets + all + "\r\nset k0 0 0 1 noreply\r\n1\r\nmn\r\n");
      List<String> lines = answers.lines().toList();
      assertTrue(answers.contains("VALUE k"), answers);
      assertTrue(answers.contains("SERVER_ERROR "), answers);
      assertTrue(lines.get(lines.size() - 2).startsWith("SERVER_ERROR "), answers);
      assertEquals("MN", lines.get(lines.size() - 1));
    }
    try (TestProxy proxy =
        memcached()
            .node(nodes.get(0).port())
            .node(nodes.get(1).port())
            .with(ProtocolSettings.MISSING_ON_FAILURE, true)
            .start()) {
      for (int i = 0; i < 12; i++) {
        assertTrue(answer(proxy.connect(), "get k" + i + "\r\n").endsWith("END\r\n"));
      }
    }
  }

  @Test
  void aNodeThatComesBackIsFoundByItsVersion() {
    int port = nodes.get(0).port();
    try (TestProxy proxy = proxyOf(1)) {
      assertEquals("STORED\r\n", answer(proxy.connect(), "set a 0 0 1\r\n1\r\n"));
      nodes.get(0).close();
      assertTrue(answer(proxy.connect(), "get a\r\n").startsWith("SERVER_ERROR "));
      proxy.awaitCircuit("n0", true);
      try (RealMemcached again = RealMemcached.startAt(port)) {
        assertEquals(port, again.port());
        proxy.awaitCircuit("n0", false);
        assertEquals("END\r\n", answer(proxy.connect(), "get a\r\n"));
      }
    }
  }
}
