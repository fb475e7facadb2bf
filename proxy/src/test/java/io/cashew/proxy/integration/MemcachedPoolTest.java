package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.InsightSettings;
import io.cashew.proxy.config.Protocol;
import io.cashew.proxy.config.ProtocolSettings;
import io.cashew.proxy.insight.SlowRequest;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.MisbehavingMemcached;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealMemcached;
import io.cashew.proxy.testing.TestProxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What memcached pools have in common with others: reload, ejection, what is noted of requests. */
@ExtendWith(LeakCheck.class)
@Timeout(120)
final class MemcachedPoolTest {
  private final List<RealMemcached> nodes = new ArrayList<>();

  @BeforeEach
  void startServers() {
    for (int i = 0; i < 3; i++) {
      nodes.add(RealMemcached.start());
    }
  }

  @AfterEach
  void stopServers() {
    nodes.forEach(RealMemcached::close);
  }

  private TestProxy.Builder builder() {
    TestProxy.Builder builder =
        new TestProxy.Builder().with(ProtocolSettings.PROTOCOL, Protocol.MEMCACHED);
    nodes.forEach(node -> builder.node(node.port()));
    return builder;
  }

  private static void write(RawClient client, String bytes) {
    client.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** What is answered before {@code MN}. */
  private static String ask(RawClient client, String request) {
    write(client, request + "mn\r\n");
    String answer = client.readUntil("MN\r\n");
    return answer.substring(0, answer.length() - 4);
  }

  private static String sets(int count) {
    StringBuilder sets = new StringBuilder();
    for (int i = 0; i < count; i++) {
      sets.append("set k").append(i).append(" 0 0 1 noreply\r\nv\r\n");
    }
    return sets.toString();
  }

  private String pool(int port, int count, String more) {
    StringBuilder list = new StringBuilder();
    for (int i = 0; i < count; i++) {
      list.append(", \"127.0.0.1:")
          .append(nodes.get(i).port())
          .append(":1 n")
          .append(i)
          .append('"');
    }
    return "cashew { admin.listen = off, workers = 1, pools.p { listen = \"127.0.0.1:"
        + port
        + "\", protocol = memcached, "
        + more
        + " nodes = ["
        + list.substring(2)
        + "] } }";
  }

  @Test
  void aReloadMovesKeysAndClosesNobody(@TempDir Path directory) {
    int port = FreePorts.next();
    try (FileProxy proxy = FileProxy.start(directory.resolve("c.conf"), pool(port, 1, ""));
        RawClient client = new RawClient(port)) {
      assertEquals("", ask(client, sets(30)));
      assertEquals("STORED\r\n", ask(client, "set big 0 0 2000\r\n" + "x".repeat(2000) + "\r\n"));
      proxy.take(pool(port, 3, "limits.value-length = 1KiB,"));
      assertEquals(
          "SERVER_ERROR object too large for cache\r\n",
          ask(client, "set big 0 0 2000\r\n" + "x".repeat(2000) + "\r\n"));
      assertEquals("", ask(client, sets(30)));
      String all = "get";
      for (int i = 0; i < 30; i++) {
        all += " k" + i;
      }
      assertEquals(30, ask(client, all + "\r\n").split("VALUE ", -1).length - 1);
      for (RealMemcached node : nodes) {
        try (RawClient direct = node.connect()) {
          assertTrue(ask(direct, all + "\r\n").contains("VALUE "), "a node has no keys");
        }
      }
      proxy.take(pool(port, 3, "").replace("memcached", "redis"));
      assertEquals("END\r\n", ask(client, "get none\r\n")); // that needs a restart
    }
  }

  @Test
  void theKeysOfAnEjectedNodeGoToTheOthers() {
    try (TestProxy proxy = builder().eject().start();
        RawClient client = proxy.connect()) {
      assertEquals("", ask(client, sets(30)));
      nodes.get(2).close();
      Await.until(
          () -> "no key is an error",
          () -> !ask(client, sets(30) + "get k1 k2 k3 k4 k5 k6 k7 k8\r\n").contains("ERROR"));
    }
  }

  @Test
  void requestsAreNotedAsThoseOfRedisAre() {
    InsightSettings insight =
        InsightSettings.DEFAULT
            .with(InsightSettings.SLOWER_THAN, 0L)
            .with(InsightSettings.HOT_KEY_SAMPLE, 1);
    try (TestProxy proxy = builder().insight(insight).start();
        RawClient client = proxy.connect()) {
      ask(client, "set hot 0 0 1\r\n1\r\n" + "get hot\r\n".repeat(100) + "get\r\nget hot cold\r\n");
      assertTrue(proxy.metric("cashew_request_latency_seconds_count{family=\"memcached\"") >= 102);
      SlowRequest slow = proxy.slowLog().newest(500).get(101).request();
      assertEquals("SET", slow.command());
      assertEquals("hot", new String(slow.key(), StandardCharsets.US_ASCII));
      assertEquals(5, slow.arguments().size());
      Await.until(
          () -> "the hot key is found: " + proxy.view().pools().get(0),
          () ->
              proxy.view().pools().get(0).topKeys().hot().stream()
                  .anyMatch(key -> new String(key.key(), StandardCharsets.UTF_8).equals("hot")));
      assertEquals(1, proxy.metric("cashew_error_replies_total{kind=\"unknown_command\""));
    }
  }

  @Test
  void aGetIsSentOnceMoreWhenItsConnectionEnds() {
    AtomicInteger asked = new AtomicInteger();
    try (MisbehavingMemcached node =
            new MisbehavingMemcached(
                line ->
                    line.equals("get warm") || asked.incrementAndGet() % 2 == 0
                        ? "END\r\n"
                        : null);
        TestProxy proxy =
            new TestProxy.Builder()
                .with(ProtocolSettings.PROTOCOL, Protocol.MEMCACHED)
                .node(node.port())
                .retryReads()
                .start();
        RawClient client = proxy.connect()) {
      for (String key : List.of("warm", "a", "warm")) {
        write(client, "get " + key + "\r\n");
        assertEquals("END\r\n", client.readUntil("\r\n"), key);
      }
      assertTrue(ask(client, "touch a 0\r\n").startsWith("SERVER_ERROR "));
    }
  }

  /**
   * A node that read anything otherwise than the proxy would say more, or less, than is expected.
   */
  @Test
  void garbageIsReadByNodesAsByTheProxy() {
    String[] bits = {
      "get ",
      "gets ",
      "set ",
      "add ",
      "cas ",
      "append ",
      "incr ",
      "delete ",
      "touch ",
      "gat ",
      "mg ",
      "ms ",
      "md ",
      "ma ",
      "me ",
      "a ",
      "b ",
      "k1 ",
      "0 ",
      "1 ",
      "2 ",
      "-1 ",
      "+1 ",
      "01 ",
      "4294967296 ",
      "99999999999 ",
      "noreply",
      "noreply ",
      "q ",
      "b ",
      "k ",
      "O1 ",
      "v ",
      "T0 ",
      "S2 ",
      "MS ",
      "Z ",
      "\t",
      "\0",
      "\r",
      "\n",
      "\r\n",
      "\r\n",
      "\r\n",
      "\r\n",
      "hi\r\n",
      "1\r\n",
      "x",
      "  ",
      "flush_all ",
      "mn\r\n",
      "version "
    };
    try (TestProxy proxy = builder().start()) {
      Random random = new Random(21);
      for (int round = 0; round < 400; round++) {
        StringBuilder garbage = new StringBuilder();
        for (int i = 0; i < 120; i++) {
          garbage.append(bits[random.nextInt(bits.length)]);
        }
        try (RawClient client = proxy.connect()) {
          write(client, garbage.toString());
          client.halfClose();
          client.readToEnd();
        }
      }
      try (RawClient client = proxy.connect()) {
        assertEquals("STORED\r\n", ask(client, "set after 0 0 1\r\n1\r\n"));
      }
      assertEquals(0, proxy.failures("n0") + proxy.failures("n1") + proxy.failures("n2"));
      assertEquals(0, proxy.metric("cashew_node_unexpected_replies_total"));
      assertEquals(0, proxy.metric("cashew_node_disconnects_total"));
    }
  }
}
