package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** INFO and CONFIG GET tell of the nodes without {@code admin-commands}. */
@ExtendWith(LeakCheck.class)
final class NodesFiguresTest {
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

  private static Map<String, String> info(RawClient client, String... sections) {
    List<String> request = new ArrayList<>(List.of("INFO"));
    request.addAll(List.of(sections));
    Map<String, String> fields = new HashMap<>();
    for (String line :
        String.valueOf(client.send(request.toArray(String[]::new))).split("\r\n", -1)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        fields.put(line.substring(0, colon), line.substring(colon + 1));
      }
    }
    return fields;
  }

  @Test
  void whatDashboardsReadIsTheNodes() {
    RealRedis one = redis("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru");
    RealRedis two = redis("--maxmemory", "50mb", "--maxmemory-policy", "allkeys-lru");
    TestProxy proxy = open(TestProxy.of(one, two));
    RawClient client = open(proxy.connect());
    for (int i = 0; i < 40; i++) {
      client.send("SET", "key:" + i, "v");
    }
    client.send("SET", "expiring", "v", "EX", "1000");
    client.send("GET", "key:1");
    client.send("GET", "nothing");
    Await.until(
        "the keys are counted",
        () -> info(client, "keyspace").getOrDefault("db0", "").startsWith("keys=41,expires=1,"));
    Map<String, String> fields = info(client);
    assertEquals("" + (150L << 20), fields.get("maxmemory"));
    assertEquals("150.00M", fields.get("maxmemory_human"));
    assertEquals("allkeys-lru", fields.get("maxmemory_policy"));
    assertTrue(Long.parseLong(fields.getOrDefault("used_memory", "0")) > 1_000_000);
    assertEquals("1", fields.get("keyspace_hits"));
    assertEquals("1", fields.get("keyspace_misses"));
    assertEquals("0", fields.get("evicted_keys"));
    assertEquals("1", fields.get("connected_clients"), "the proxy's");
    assertEquals("2", fields.get("nodes_that_answered"));
    assertTrue(Long.parseLong(fields.getOrDefault("cashew_memory_limit", "0")) > 0);
    assertEquals("ok", fields.get("rdb_last_bgsave_status"));
    try (RawClient resp3 = proxy.connect()) {
      resp3.write(RawClient.request("HELLO", "3"));
      resp3.readUntil("modules\r\n*0\r\n");
      resp3.write(RawClient.request("INFO", "memory"));
      assertTrue(resp3.readUntil("maxmemory_policy:allkeys-lru").contains("txt:# Memory"));
    }
  }

  @Test
  void manyClientsAskTheNodesOnce() {
    MisbehavingNode node = open(MisbehavingNode.start());
    String text = "# Memory\r\nused_memory:7\r\n";
    node.behave((connection, request) -> connection.reply(MisbehavingNode.bulk(text)));
    TestProxy proxy = open(new TestProxy.Builder().node(node.port()).start());
    RawClient client = open(proxy.connect());
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    for (int i = 0; i < 100; i++) {
      many.writeBytes(RawClient.request("INFO", "memory"));
    }
    client.write(many.toByteArray()); // in one packet or a few, so at one time or a few
    for (int i = 0; i < 100; i++) {
      assertEquals(text, client.read());
    }
    assertTrue(node.count("INFO") < 50, "asked " + node.count("INFO") + " times");
  }

  @Test
  void aNodeThatHangsDoesNotHoldUpThoseWhoConnect() {
    RealRedis well = redis();
    MisbehavingNode hung = open(MisbehavingNode.start());
    hung.behave(MisbehavingNode.SILENT);
    TestProxy proxy =
        open(
            new TestProxy.Builder()
                .node(well.port())
                .node(hung.port())
                .timeoutMillis(600_000)
                .start());
    RawClient client = open(proxy.connect());
    Map<String, String> fields = info(client);
    assertEquals("1", fields.get("nodes_that_answered"));
    assertTrue(fields.containsKey("used_memory"));
  }

  @Test
  void harmlessSettingsAreToldAndOthersAreNot() {
    RealRedis one = redis("--notify-keyspace-events", "Ex", "--requirepass", "secret");
    RealRedis two = redis("--notify-keyspace-events", "KEA", "--requirepass", "secret");
    TestProxy proxy =
        open(
            new TestProxy.Builder()
                .node(one.port())
                .node(two.port())
                .nodePassword("secret")
                .user("limited", "on >pw ~* +@all -config")
                .start());
    RawClient client = open(proxy.connect());
    List<?> events =
        assertInstanceOf(List.class, client.send("CONFIG", "GET", "notify-keyspace-events"));
    assertEquals("notify-keyspace-events", events.get(0));
    assertTrue(List.of("xE", "Ex").contains(events.get(1)), events::toString);
    assertEquals(List.of("databases", "16"), client.send("CONFIG", "GET", "databases"));
    assertEquals(List.of("save", ""), client.send("config", "get", "SAVE"));
    assertEquals(List.of("appendonly", "no"), client.send("CONFIG", "GET", "appendonly"));
    assertEquals(
        List.of("maxmemory-policy", "noeviction"),
        client.send("CONFIG", "GET", "maxmemory-polic[yz]"));
    assertEquals(
        List.of("databases", "16", "timeout", "0"),
        client.send("CONFIG", "GET", "timeout", "databases"));
    assertEquals(
        List.of("slowlog-log-slower-than", "10000", "slowlog-max-len", "128"),
        client.send("CONFIG", "GET", "slowlog*"),
        "of the proxy's own slow log");
    assertRefused(client, "CONFIG", "GET", "requirepas*");
    List<?> all = assertInstanceOf(List.class, client.send("CONFIG", "GET", "*"));
    assertTrue(all.contains("slowlog-max-len") && !all.contains("secret"), all::toString);
    assertRefused(client, "CONFIG", "GET", "requirepass");
    assertRefused(client, "CONFIG", "SET", "notify-keyspace-events", "KEA");
    assertRefused(client, "CONFIG", "RESETSTAT");
    client.send("AUTH", "limited", "pw");
    ErrorReply noRight =
        assertInstanceOf(ErrorReply.class, client.send("CONFIG", "GET", "databases"));
    assertTrue(noRight.text().startsWith("NOPERM"), noRight::text);
  }

  private static void assertRefused(RawClient client, String... request) {
    ErrorReply error = assertInstanceOf(ErrorReply.class, client.send(request));
    assertTrue(error.text().contains("admin-commands = all-nodes allows it"), error::text);
  }

  @Test
  void settingsAreToldWhileANodeIsDown() {
    RealRedis one = redis();
    RealRedis two = redis();
    TestProxy proxy = open(TestProxy.of(one, two));
    RawClient client = open(proxy.connect());
    two.close();
    assertEquals(List.of("appendonly", "no"), client.send("CONFIG", "GET", "appendonly"));
  }

  @Test
  void oneNodeThatEvictsIsEnoughToSaySo() {
    RealRedis one = redis("--maxmemory-policy", "noeviction");
    RealRedis two = redis("--maxmemory-policy", "volatile-lru");
    RawClient client = open(open(TestProxy.of(one, two)).connect());
    assertEquals(
        List.of("maxmemory-policy", "volatile-lru"),
        client.send("CONFIG", "GET", "maxmemory-policy"));
    assertEquals("volatile-lru", info(client, "memory").get("maxmemory_policy"));
  }

  @Test
  void theOnlyNodeSaysItsSettingsWithinATransactionToo() {
    RawClient client = open(open(TestProxy.of(redis())).connect());
    assertEquals("OK", client.send("MULTI"));
    assertEquals("QUEUED", client.send("CONFIG", "GET", "save"));
    assertEquals(List.of(List.of("save", "")), client.send("EXEC"));
    assertEquals("OK", client.send("MULTI"));
    assertInstanceOf(ErrorReply.class, client.send("CONFIG", "GET", "requirepass"));
    assertInstanceOf(ErrorReply.class, client.send("CONFIG", "GET", "sav*"));
    assertInstanceOf(ErrorReply.class, client.send("CONFIG", "GET", "save", "timeout"));
  }

  @Test
  void aNodeThatHangsIsShownAsItWasAndOneThatNeverAnsweredIsAnError() {
    MisbehavingNode node = open(MisbehavingNode.start());
    node.behave(MisbehavingNode.SILENT);
    TestProxy proxy =
        open(new TestProxy.Builder().node(node.port()).timeoutMillis(600_000).start());
    RawClient client = open(proxy.connect());
    ErrorReply none = assertInstanceOf(ErrorReply.class, client.send("INFO", "memory"));
    assertTrue(none.text().startsWith("ERR no node has"), none::text);
    assertEquals("0", info(client).get("nodes_that_answered"));
    node.sayToAll(MisbehavingNode.bulk("# Memory\r\nused_memory:42\r\n"));
    Await.until("it is known", () -> "42".equals(info(client, "memory").get("used_memory")));
    assertEquals("0", info(client, "server").getOrDefault("nodes_that_answered", "0"));
  }
}
