package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.Protocol;
import io.cashew.proxy.config.ProtocolSettings;
import io.cashew.proxy.config.RequestRates;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.MisbehavingMemcached;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.TestProxy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * memcached servers that say too much, too little or something else: nobody gets another's reply.
 */
@ExtendWith(LeakCheck.class)
@Timeout(60)
final class MemcachedFaultsTest {
  /** A server in which every key has its own name for a value. */
  private static String honest(String line) {
    String[] words = line.split(" ", -1);
    StringBuilder answer = new StringBuilder();
    switch (words[0]) {
      case "get" -> {
        for (int i = 1; i < words.length; i++) {
          answer.append(item(words[i]));
        }
        return answer + "END\r\n";
      }
      case "set" -> {
        return ""; // its data comes next
      }
      case "delete" -> {
        return "DELETED\r\n";
      }
      case "mn" -> {
        return "MN\r\n";
      }
      default -> {
        return "STORED\r\n";
      }
    }
  }

  private static String item(String key) {
    return "VALUE " + key + " 0 " + key.length() + "\r\n" + key + "\r\n";
  }

  private static TestProxy.Builder builder(MisbehavingMemcached... nodes) {
    TestProxy.Builder builder =
        new TestProxy.Builder()
            .with(ProtocolSettings.PROTOCOL, Protocol.MEMCACHED)
            .timeoutMillis(5000);
    for (MisbehavingMemcached node : nodes) {
      builder.node(node.port());
    }
    return builder;
  }

  private static void write(RawClient client, String bytes) {
    client.write(bytes.getBytes(StandardCharsets.US_ASCII));
  }

  private static String ask(RawClient client, String line) {
    write(client, line + "\r\n");
    String first = client.readUntil("\r\n");
    return first.startsWith("VALUE") ? first + client.readUntil("END\r\n") : first;
  }

  /** One request is answered so, and an error for its client; then all is well. */
  private static void assertEndsTheConnection(String request, String answer) {
    try (MisbehavingMemcached node =
            new MisbehavingMemcached(line -> line.contains("bad") ? answer : honest(line));
        TestProxy proxy = builder(node).start();
        RawClient one = proxy.connect();
        RawClient other = proxy.connect()) {
      assertEquals(item("well") + "END\r\n", ask(other, "get well"));
      write(one, request + "\r\n");
      String got = one.readUntil("\r\n");
      assertTrue(got.startsWith("SERVER_ERROR "), answer + " gave " + got);
      assertEquals(1, proxy.failures("n0", "protocol"), answer);
      assertEquals(item("well") + "END\r\n", ask(other, "get well"));
      assertEquals(item("k1") + "END\r\n", ask(one, "get k1"));
    }
  }

  @Test
  void whatIsNoAnswerToTheRequestEndsTheConnection() {
    for (String answer :
        List.of(
            "STORED\r\n",
            "VALUE other 0 1\r\n1\r\nEND\r\n",
            "VALUE bad 0 x\r\n",
            "VALUE bad 0 1\r\n12\r\nEND\r\n",
            "HD\r\n",
            "END\n",
            "\r\n",
            "VALUE bad\r\n",
            "MN\r\n",
            item("bad") + item("bad") + "END\r\n",
            "x".repeat(9000))) {
      assertEndsTheConnection("get bad", answer);
    }
    for (String answer :
        List.of("END\r\n", "DELETED\r\n", "VALUE bad 0 1\r\n1\r\nEND\r\n", "+OK\r\n", "1\r\n")) {
      assertEndsTheConnection("set bad 0 0 1\r\n1", answer);
      assertEndsTheConnection("touch bad 0", answer);
    }
    assertEndsTheConnection("incr bad 1", "DELETED\r\n");
    assertEndsTheConnection("mg bad v k", "VA 1 kother\r\n1\r\n");
    assertEndsTheConnection("mg bad v O7", "VA 1 O8\r\n1\r\n");
    assertEndsTheConnection("md bad", "HD O8\r\n");
    assertEndsTheConnection("mg bad v", "NS\r\n");
    assertEndsTheConnection("mg bad v q", "STORED\r\n");
  }

  @Test
  void aReplyThatNobodyAskedForReachesNobody() {
    try (MisbehavingMemcached node = new MisbehavingMemcached(MemcachedFaultsTest::honest);
        TestProxy proxy = builder(node).start();
        RawClient client = proxy.connect()) {
      assertEquals(item("a") + "END\r\n", ask(client, "get a"));
      node.sayToAll(item("evil") + "END\r\n");
      Await.until(
          () -> "the connection ends",
          () -> proxy.metric("cashew_node_unexpected_replies_total") >= 1);
      assertEquals(item("b") + "END\r\n", ask(client, "get b"));
    }
  }

  @Test
  void repliesAfterAnExtraOneAreErrorsAndNeverAnothers() {
    try (MisbehavingMemcached node =
            new MisbehavingMemcached(
                line ->
                    line.equals("get extra") ? item("extra") + "END\r\nEND\r\n" : honest(line));
        TestProxy proxy = builder(node).start();
        RawClient client = proxy.connect()) {
      StringBuilder pipeline = new StringBuilder("get extra\r\n");
      for (int i = 0; i < 50; i++) {
        pipeline.append("get k").append(i).append("\r\n");
      }
      write(client, pipeline + "mn\r\n");
      String got = client.readUntil("MN\r\n");
      // An END too many is a miss of the next request at most; behind it all is an error.
      int falseMisses = 0;
      String rest = got.substring((item("extra") + "END\r\n").length());
      for (int i = 0; i < 50; i++) {
        if (rest.startsWith(item("k" + i) + "END\r\n")) {
          rest = rest.substring((item("k" + i) + "END\r\n").length());
        } else if (rest.startsWith("END\r\n")) {
          falseMisses++;
          rest = rest.substring(5);
        } else {
          assertTrue(rest.startsWith("SERVER_ERROR "), rest);
          rest = rest.substring(rest.indexOf('\n') + 1);
        }
      }
      assertEquals("MN\r\n", rest);
      assertTrue(falseMisses <= 1, got);
    }
  }

  @Test
  void aReplyThatStopsInTheMiddleIsAnErrorAndNoPartOfOne() {
    for (String part : List.of("VALUE bad 0 100\r\nabc", "VALUE bad", item("bad"), "EN")) {
      try (MisbehavingMemcached node =
              new MisbehavingMemcached(line -> line.equals("get bad") ? part : honest(line));
          TestProxy proxy = builder(node).timeoutMillis(200).start();
          RawClient client = proxy.connect()) {
        String got = ask(client, "get bad");
        assertTrue(got.startsWith("SERVER_ERROR "), part + " gave " + got);
        assertEquals(item("k") + "END\r\n", ask(client, "get k"));
      }
    }
  }

  @Test
  void aLateReplyIsDropped() {
    try (MisbehavingMemcached node =
            new MisbehavingMemcached(line -> line.equals("get late") ? "" : honest(line));
        TestProxy proxy = builder(node).timeoutMillis(100).start();
        RawClient client = proxy.connect()) {
      assertTrue(ask(client, "get late").contains("timed out"));
      node.sayToAll(item("late") + "END\r\n");
      assertEquals(item("k") + "END\r\n", ask(client, "get k"));
    }
  }

  @Test
  void aSilentRequestIsSentWithoutItsLastWordAndItsReplyIsDropped() {
    try (MisbehavingMemcached node = new MisbehavingMemcached(MemcachedFaultsTest::honest);
        TestProxy proxy = builder(node).start();
        RawClient client = proxy.connect()) {
      write(client, "set a 0 0 1 noreply\r\n1\r\ndelete a noreply\r\nget b\r\n");
      assertEquals(item("b") + "END\r\n", client.readUntil("END\r\n"));
      assertEquals(List.of("set a 0 0 1 ", "1", "delete a ", "get b"), node.lines());
    }
  }

  @Test
  void aSilentRequestThatFailsIsCounted() {
    try (MisbehavingMemcached node =
            new MisbehavingMemcached(line -> line.equals("delete bad ") ? null : honest(line));
        TestProxy proxy = builder(node).start();
        RawClient client = proxy.connect()) {
      assertEquals(item("b") + "END\r\n", ask(client, "get b"));
      write(client, "delete bad noreply\r\nmn\r\n");
      assertEquals("MN\r\n", client.readUntil("\r\n"));
      assertEquals(1, proxy.failures("n0", "closed"));
    }
  }

  @Test
  void whatAQuietRequestLeavesOpenTheNextReplyDoesNotFill() {
    try (MisbehavingMemcached node =
            new MisbehavingMemcached(
                line ->
                    line.startsWith("mg hit")
                        ? "VA 1\r\n5\r\n"
                        : line.startsWith("mg") ? "" : honest(line));
        TestProxy proxy = builder(node).start();
        RawClient client = proxy.connect()) {
      write(client, "mg miss v q\r\nmg hit v q\r\nmg miss v q\r\nget b\r\n");
      assertEquals("VA 1\r\n5\r\n" + item("b") + "END\r\n", client.readUntil("END\r\n"));
    }
  }

  @Test
  void aRateHolds() {
    try (MisbehavingMemcached node = new MisbehavingMemcached(MemcachedFaultsTest::honest);
        TestProxy proxy = builder(node).with(RequestRates.OF_POOL, 5).start();
        RawClient client = proxy.connect()) {
      write(client, "get a\r\n".repeat(50) + "quit\r\n");
      String got = client.readToEnd();
      assertTrue(got.startsWith(item("a") + "END\r\n"), got);
      assertTrue(got.contains("SERVER_ERROR RATELIMITED "), got);
      assertFalse(got.contains("-RATELIMITED"), got);
    }
  }
}
