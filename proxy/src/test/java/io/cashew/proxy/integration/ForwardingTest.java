package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests through the proxy to three real nodes, and what comes back. */
final class ForwardingTest {
  private static final List<RealRedis> NODES = new ArrayList<>();
  private static TestProxy proxy;
  private RawClient client;

  @BeforeAll
  static void start() {
    for (int i = 0; i < 3; i++) {
      NODES.add(RealRedis.start());
    }
    proxy = TestProxy.of(NODES.toArray(RealRedis[]::new));
  }

  @AfterAll
  static void stop() {
    proxy.close();
    NODES.forEach(RealRedis::close);
  }

  @BeforeEach
  void connect() {
    client = proxy.connect();
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  @Test
  void aKeyIsFoundWhereItWasPut() {
    assertEquals("OK", client.send("SET", "greeting", "hello"));
    assertEquals("hello", client.send("get", "greeting"));
    assertNull(client.send("GET", "nothing"));
  }

  @Test
  void aScriptMayAnswerAsDeepAsItsStackAllows() {
    String script = "local a = {} local b = {a} a[1] = b return a";
    client.write(RawClient.request("EVAL", script, "0"));
    String reply = client.readUntil("-ERR reached lua stack limit\r\n");
    assertTrue(reply.startsWith("*1\r\n".repeat(7000)), reply.length() + " bytes");
    assertEquals("PONG", client.send("PING"));
  }

  @Test
  void keysSpreadOverAllNodes() {
    for (int i = 0; i < 300; i++) {
      client.send("SET", "spread:" + i, "v");
    }
    for (RealRedis node : NODES) {
      try (RawClient direct = node.connect()) {
        assertTrue((Long) direct.send("DBSIZE") > 30);
      }
    }
  }

  @Test
  void aPipelineOverAllNodesIsAnsweredInOrder() {
    ByteArrayOutputStream requests = new ByteArrayOutputStream();
    for (int i = 0; i < 5000; i++) {
      requests.writeBytes(RawClient.request("SET", "p:" + i, "value " + i));
      requests.writeBytes(RawClient.request("GET", "p:" + i));
      requests.writeBytes(RawClient.request("ECHO", "e" + i));
    }
    new Thread(() -> client.write(requests.toByteArray())).start();
    for (int i = 0; i < 5000; i++) {
      assertEquals("OK", client.read());
      assertEquals("value " + i, client.read());
      assertEquals("e" + i, client.read());
    }
  }

  @Test
  void multiKeyRequestsAreSplitAndMerged() {
    assertEquals("OK", client.send("MSET", "a", "1", "b", "2", "c", "3", "d", "4"));
    assertEquals(
        java.util.Arrays.asList("1", "2", null, "3", "4", "1"),
        client.send("MGET", "a", "b", "nope", "c", "d", "a"));
    assertEquals(5L, client.send("EXISTS", "a", "b", "c", "d", "a", "nope"));
    assertEquals(4L, client.send("TOUCH", "a", "b", "c", "d", "nope"));
    assertEquals(2L, client.send("DEL", "a", "b"));
    assertEquals(2L, client.send("UNLINK", "a", "b", "c", "d"));
  }

  /** Small elements are given together, large ones by themselves; a node's reply may be neither. */
  @Test
  void mergedRepliesHaveElementsOfAnySize() {
    int[] sizes = {0, 1, 200, 1000, 1030, 4080, 4090, 4100, 8191, 8192, 40_000, 300_000};
    List<String> request = new ArrayList<>(List.of("MGET"));
    List<@Nullable String> values = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      request.add("sized:" + i);
      if (i % 7 == 3) {
        values.add(null);
      } else {
        String value = String.valueOf((char) ('a' + i % 26)).repeat(sizes[i * i % sizes.length]);
        client.send("SET", "sized:" + i, value);
        values.add(value);
      }
    }
    for (int keys : new int[] {500, 2, 3, 10, 100, 5, 500}) {
      String[] some = request.subList(0, keys + 1).toArray(String[]::new);
      assertEquals(values.subList(0, keys), client.send(some), keys + " keys");
    }
  }

  @Test
  void keysOfSeveralNodesAreRefusedWhereTheyCannotBeSplit() {
    ErrorReply error = (ErrorReply) client.send("SUNION", "a", "b", "c", "d", "e", "f");
    assertEquals("CROSSSLOT Keys in request don't hash to the same node", error.text());
    assertEquals(1L, client.send("SADD", "{t}1", "x"));
    assertEquals(1L, client.send("SADD", "{t}2", "y"));
    assertEquals(2L, client.send("SUNIONSTORE", "{t}3", "{t}1", "{t}2"));
  }

  @Test
  void patternsOfSortMustStayOnTheNodeOfTheKey() {
    client.send("RPUSH", "{s}list", "b", "a");
    client.send("MSET", "{s}w_a", "2", "{s}w_b", "1", "{s}v_a", "A", "{s}v_b", "B");
    assertEquals(
        List.of("B", "A"), client.send("SORT", "{s}list", "BY", "{s}w_*", "GET", "{s}v_*"));
    for (String pattern : List.of("w_*", "*{s}", "{other}w_*")) {
      ErrorReply error = (ErrorReply) client.send("SORT", "{s}list", "BY", pattern);
      assertEquals("CROSSSLOT Keys in request don't hash to the same node", error.text(), pattern);
    }
    assertEquals(List.of("b", "a"), client.send("SORT", "{s}list", "BY", "nosort"));
  }

  @Test
  void valuesOfAnySizePassUnchanged() {
    for (int size : new int[] {0, 1, 1000, 8191, 8192, 32767, 65536, 262144, 5_000_000}) {
      String value = "v".repeat(size);
      assertEquals("OK", client.send("SET", "big", value));
      assertEquals(value, client.send("GET", "big"));
      assertEquals((long) size, client.send("STRLEN", "big"));
    }
  }

  @Test
  void anUnknownCommandIsAnErrorAndNotTheEnd() {
    ErrorReply unknown = (ErrorReply) client.send("NOSUCH", "x");
    assertEquals("ERR unknown command 'NOSUCH', with args beginning with: 'x' ", unknown.text());
    ErrorReply arity = (ErrorReply) client.send("GET");
    assertEquals("ERR wrong number of arguments for 'get' command", arity.text());
    assertEquals("PONG", client.send("PING"));
  }
}
