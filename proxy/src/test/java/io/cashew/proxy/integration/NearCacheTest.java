package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.config.CacheSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.Rules;
import io.cashew.proxy.testing.TestProxy;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values from memory: that they are given, and each way in which they end. */
final class NearCacheTest {
  private static final long LONG = 600_000;

  private final RealRedis redis = RealRedis.start();
  private final RawClient direct = redis.connect();
  private TestProxy proxy;
  private RawClient client;

  @BeforeEach
  void startProxy() {
    start(Rules.near("k*", LONG, LONG));
  }

  private void start(CacheRule... rules) {
    if (proxy != null) {
      client.close();
      proxy.close();
    }
    proxy = builder(rules).node(redis.port()).start();
    client = proxy.connect();
  }

  private static TestProxy.Builder builder(CacheRule... rules) {
    return new TestProxy.Builder()
        .workers(2)
        .timeoutMillis(30_000)
        .with(CacheSettings.RULES, List.of(rules));
  }

  @AfterEach
  void stop() {
    client.close();
    proxy.close();
    direct.close();
    redis.close();
  }

  /** How often the server has carried out GET. */
  private long gets() {
    String stats = String.valueOf(direct.send("INFO", "commandstats"));
    int at = stats.indexOf("cmdstat_get:calls=");
    return at < 0 ? 0 : Long.parseLong(stats.substring(at + 18, stats.indexOf(',', at)));
  }

  private boolean isFromMemory(RawClient by, String key) {
    long before = gets();
    by.send("GET", key);
    return gets() == before;
  }

  private void awaitKept(String key) {
    Await.until(key + " is kept", () -> isFromMemory(client, key));
  }

  @Test
  void aValueIsGivenFromMemoryToTheClientsOfEveryWorker() {
    direct.send("SET", "k", "v");
    awaitKept("k");
    try (RawClient second = proxy.connect();
        RawClient third = proxy.connect()) {
      long before = gets();
      assertEquals("v", client.send("GET", "k"));
      assertEquals("v", second.send("GET", "k"));
      assertEquals("v", third.send("GET", "k"));
      assertEquals(before, gets());
    }
  }

  private long calls(String command) {
    String stats = String.valueOf(direct.send("INFO", "commandstats"));
    int at = stats.indexOf("cmdstat_" + command + ":calls=");
    int from = at + ("cmdstat_" + command + ":calls=").length();
    return at < 0 ? 0 : Long.parseLong(stats.substring(from, stats.indexOf(',', at)));
  }

  @Test
  void anMgetIsAnsweredFromMemoryIfAllOfItIsThere() {
    direct.send("MSET", "k1", "a", "k2", "", "k3", "c", "other", "d");
    direct.send("RPUSH", "k-list", "x");
    awaitKept("k-none");
    Await.until(
        "the values are kept",
        () -> {
          long before = calls("mget");
          client.send("MGET", "k1", "k2", "k3");
          return calls("mget") == before;
        });
    awaitKept("k1"); // what MGET has brought, GET gives
    long before = calls("mget");
    assertEquals(
        Arrays.asList("a", null, "", "a"), client.send("MGET", "k1", "k-none", "k2", "k1"));
    assertEquals(before, calls("mget"));
    assertEquals(Arrays.asList("a", "d"), client.send("MGET", "k1", "other"));
    assertEquals(Arrays.asList("a", null), client.send("MGET", "k1", "k-list"));
    assertEquals(before + 2, calls("mget"));
    assertTrue(!isFromMemory(client, "k-list"));
    client.send("SET", "k2", "w");
    assertEquals(Arrays.asList("a", "w", "c"), client.send("MGET", "k1", "k2", "k3"));
    direct.send("DEL", "k3");
    Await.until(
        "the deletion is seen",
        () -> Arrays.asList("a", "w", null).equals(client.send("MGET", "k1", "k2", "k3")));
  }

  @Test
  void aKeyThatIsTwiceInAnMgetIsKept() {
    direct.send("MSET", "k1", "a", "k2", "b");
    Await.until(
        "the values are kept",
        () -> {
          long before = calls("mget");
          assertEquals(
              Arrays.asList("a", "b", "a", "a"), client.send("MGET", "k1", "k2", "k1", "k1"));
          return calls("mget") == before;
        });
    client.send("SET", "k1", "c");
    assertEquals(Arrays.asList("c", "b", "c"), client.send("MGET", "k1", "k2", "k1"));
  }

  /** Of so many in so little memory most share the number that says what was heard of them. */
  @Test
  void manyKeysAreKeptTogether() {
    client.close();
    proxy.close();
    proxy =
        builder(Rules.near("k*", LONG, LONG))
            .with(CacheSettings.MEMORY, 1L << 20)
            .node(redis.port())
            .start();
    client = proxy.connect();
    for (int i = 0; i < 3000; i++) {
      direct.send("SET", "k" + i, "v");
    }
    Await.until(
        "all are kept",
        () -> {
          long before = gets();
          for (int i = 0; i < 3000; i++) {
            client.write(RawClient.request("GET", "k" + i));
            if (i % 100 == 99) {
              for (int j = 0; j < 100; j++) {
                client.read();
              }
            }
          }
          return gets() == before;
        });
  }

  @Test
  void partsOfAValueAreMadeOfWhatIsKept() {
    direct.send("SET", "k", "Hello, world");
    awaitKept("k");
    long before = calls("strlen") + calls("getrange");
    assertEquals(12L, client.send("STRLEN", "k"));
    for (String range :
        List.of("0 4", "-5 -1", "3 3", "5 2", "-3 -7", "-100 3", "4 100", "100 200", "0 -1")) {
      String[] ends = range.split(" ", -1);
      Object answer = client.send("GETRANGE", "k", ends[0], ends[1]);
      assertEquals(direct.send("GETRANGE", "k", ends[0], ends[1]), answer, range);
      before++;
    }
    assertEquals(before, calls("strlen") + calls("getrange"));
    assertTrue(String.valueOf(client.send("GETRANGE", "k", "a", "1")).contains("not an integer"));
  }

  @Test
  void aKeyWithoutARuleIsNotKept() {
    direct.send("SET", "other", "v");
    direct.send("SET", "k", "v");
    awaitKept("k");
    client.send("GET", "other");
    assertTrue(!isFromMemory(client, "other"));
  }

  @Test
  void thatThereIsNoKeyIsGivenFromMemoryInTheClientsProtocol() {
    awaitKept("k-missing");
    assertNull(client.send("GET", "k-missing"));
    try (RawClient resp3 = proxy.connect()) {
      resp3.write(RawClient.request("HELLO", "3"));
      resp3.readUntil("modules\r\n*0\r\n");
      long before = gets();
      resp3.write(RawClient.request("GET", "k-missing"));
      assertEquals("_\r\n", resp3.readBytes(3));
      client.write(RawClient.request("GET", "k-missing"));
      assertEquals("$-1\r\n", client.readBytes(5));
      assertEquals(before, gets());
    }
    client.send("SET", "k-missing", "there");
    assertEquals("there", client.send("GET", "k-missing"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SET k w",
        "DEL k",
        "UNLINK k",
        "APPEND k w",
        "GETDEL k",
        "GETSET k w",
        "EXPIRE k 100",
        "PEXPIREAT k 1",
        "PERSIST k",
        "RENAME k other{k}",
        "RENAME from{k} k",
        "COPY from{k} k REPLACE",
        "MOVE k 1",
        "MSET k w",
        "MSETNX k w",
        "FLUSHALL",
        "FLUSHDB ASYNC",
        "SWAPDB 0 1",
        "SORT list{k} STORE k",
        "EVAL redis.call('SET',KEYS[1],'w') 1 k",
        "EVAL redis.call('SET','k','w') 0",
        "BLPOP k 1",
        "OBJECT ENCODING k"
      })
  void itIsAskedForAnewAfterARequestAboutItsKeyThatDidNotComeFromMemory(String request) {
    direct.send("SET", "from{k}", "from");
    direct.send("RPUSH", "list{k}", "b", "a");
    direct.send("SET", "k", "v");
    awaitKept("k");
    long before = gets();
    client.send(request.split(" "));
    Object now = client.send("GET", "k");
    assertEquals(before + 1, gets(), () -> request + ": " + now);
    assertEquals(direct.send("GET", "k"), now);
  }

  @Test
  void aTransactionEndsWhatIsKeptOfItsKeys() {
    direct.send("SET", "k", "v");
    awaitKept("k");
    client.send("MULTI");
    client.send("SET", "k", "w");
    try (RawClient other = proxy.connect()) {
      assertEquals("v", other.send("GET", "k"));
      client.send("EXEC");
      assertEquals("w", client.send("GET", "k"));
      assertEquals("w", other.send("GET", "k"));
    }
  }

  @Test
  void aPipelineThatWritesReadsWhatItHasWritten() {
    direct.send("SET", "k", "0");
    awaitKept("k");
    for (int i = 1; i <= 200; i++) {
      client.write(RawClient.request("GET", "k"));
      client.write(RawClient.request("SET", "k", "" + i));
      client.write(RawClient.request("GET", "k"));
      client.write(RawClient.request("GET", "k-missing"));
    }
    for (int i = 1; i <= 200; i++) {
      assertEquals("" + (i - 1), client.read());
      assertEquals("OK", client.read());
      assertEquals("" + i, client.read());
      assertNull(client.read());
    }
  }

  @Test
  void whatOthersWriteAtTheServerIsHeardOf() {
    direct.send("SET", "k", "v");
    awaitKept("k");
    direct.send("SET", "k", "w");
    Await.until("the write is seen", () -> "w".equals(client.send("GET", "k")));
    awaitKept("k");
    direct.send("FLUSHALL");
    Await.until("the flush is seen", () -> client.send("GET", "k") == null);
  }

  @Test
  void aValueEndsWithItsKey() {
    direct.send("SET", "k", "v", "PX", "400");
    long began = System.nanoTime();
    Await.until(
        "the key's end",
        () -> {
          Object value = client.send("GET", "k");
          long millis = (System.nanoTime() - began) / 1_000_000;
          assertTrue(value == null || millis < 1000, "given after " + millis + " ms");
          return value == null;
        });
  }

  @Test
  void aValueThatIsTooLargeIsNotKept() {
    String large = "x".repeat(100_000);
    direct.send("SET", "k-large", large);
    direct.send("SET", "k", "v");
    awaitKept("k");
    assertEquals(large, client.send("GET", "k-large"));
    assertTrue(!isFromMemory(client, "k-large"));
    assertEquals(large, client.send("GET", "k-large"));
  }

  @Test
  void aLargeRequestEndsWhatIsKept() {
    direct.send("SET", "k", "v");
    awaitKept("k");
    String large = "x".repeat(1 << 20);
    client.send("SET", "k", large);
    assertEquals(large, client.send("GET", "k"));
  }

  @Test
  void nothingIsGivenToAClientInATransactionWithTrackingOrInAnotherDatabase() {
    direct.send("SET", "k", "v");
    awaitKept("k");
    client.send("WATCH", "k");
    assertTrue(!isFromMemory(client, "k"));
    client.send("UNWATCH");
    awaitKept("k");
    try (RawClient tracking = proxy.connect();
        RawClient elsewhere = proxy.connect()) {
      tracking.write(RawClient.request("HELLO", "3"));
      tracking.readUntil("modules\r\n*0\r\n");
      tracking.send("CLIENT", "TRACKING", "ON");
      assertTrue(!isFromMemory(tracking, "k"));
      awaitKept("k");
      elsewhere.send("SELECT", "1");
      assertNull(elsewhere.send("GET", "k"));
      assertEquals("v", client.send("GET", "k"));
    }
  }

  @Test
  void aClientMaySayThatItWantsNothingFromMemory() {
    direct.send("SET", "k", "v");
    awaitKept("k");
    assertEquals("OK", client.send("CLIENT", "CACHING", "NO"));
    assertTrue(!isFromMemory(client, "k"));
    assertEquals("OK", client.send("CLIENT", "CACHING", "YES"));
    awaitKept("k");
    client.send("CLIENT", "CACHING", "NO");
    client.send("RESET");
    awaitKept("k");
  }

  @Test
  void whatIsGivenAndKeptIsCounted() {
    direct.send("SET", "k", "v");
    awaitKept("k");
    awaitKept("k-missing");
    String rule = "{pool=\"test\",rule=\"k*\"}";
    assertTrue(proxy.metric("cashew_cache_hits_total" + rule) > 0);
    assertTrue(proxy.metric("cashew_cache_missing_hits_total" + rule) > 0);
    assertTrue(proxy.metric("cashew_cache_misses_total" + rule) > 0);
    direct.send("SET", "k", "w");
    Await.until("it is counted", () -> proxy.metric("cashew_cache_invalidations_total" + rule) > 0);
    Await.until("both are counted", () -> proxy.metric("cashew_cache_entries" + rule) == 2);
    assertTrue(proxy.metric("cashew_cache_bytes" + rule) > 0);
  }

  @Test
  void whatAUserMayNotReadIsNotGivenToIt() {
    client.close();
    proxy.close();
    proxy =
        builder(Rules.near("k*", LONG))
            .node(redis.port())
            .user("default", "on nopass ~* &* +@all")
            .user("few", "on >pw ~k:mine* +@all")
            .start();
    client = proxy.connect();
    direct.send("SET", "k:mine", "a");
    direct.send("SET", "k:theirs", "b");
    awaitKept("k:mine");
    awaitKept("k:theirs");
    try (RawClient few = proxy.connect()) {
      few.send("AUTH", "few", "pw");
      assertEquals("a", few.send("GET", "k:mine"));
      assertTrue(String.valueOf(few.send("GET", "k:theirs")).contains("NOPERM"));
    }
  }

  @Test
  void whatIsKeptEndsWithTheConnectionThatHears() {
    direct.send("SET", "k", "v");
    awaitKept("k");
    killListening();
    direct.send("SET", "k", "w");
    Await.until("what was kept is not given", () -> "w".equals(client.send("GET", "k")));
    awaitKept("k");
  }

  @Test
  void nothingIsGivenWhileTheServerDoesNotAnswer() {
    client.close();
    proxy.close();
    proxy = builder(Rules.near("k*", LONG)).node(redis.port()).timeoutMillis(100).start();
    client = proxy.connect();
    direct.send("SET", "k", "v");
    awaitKept("k");
    redis.freeze();
    Await.until("nothing is given", () -> client.send("GET", "k") instanceof RawClient.ErrorReply);
    redis.thaw();
    Await.until("it serves again", () -> "v".equals(client.send("GET", "k")));
    awaitKept("k");
  }

  @Test
  void whileItsServerCannotAnswerAValueIsGivenThatNobodyHasWrittenSince() {
    client.close();
    proxy.close();
    proxy =
        builder(Rules.staleOnError("k*", 50, LONG)).node(redis.port()).timeoutMillis(100).start();
    client = proxy.connect();
    direct.send("SET", "k", "v");
    direct.send("SET", "k:written", "v");
    direct.send("SET", "k:never", "v");
    awaitKept("k");
    awaitKept("k:written");
    redis.freeze();
    assertTrue(client.send("SET", "k:written", "w") instanceof RawClient.ErrorReply);
    for (int i = 0; i < 20; i++) {
      assertEquals("v", client.send("GET", "k"));
    }
    assertTrue(client.send("GET", "k:written") instanceof RawClient.ErrorReply);
    assertTrue(client.send("GET", "k:never") instanceof RawClient.ErrorReply);
    assertTrue(proxy.metric("cashew_cache_stale_on_error_total{pool=\"test\",rule=\"k*\"}") > 0);
    redis.thaw();
    Await.until("it serves again", () -> "v".equals(client.send("GET", "k:never")));
    direct.send("SET", "k", "x");
    Await.until("the write is seen", () -> "x".equals(client.send("GET", "k")));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatElseIsReadOfAValueIsGivenSoToo(boolean atOnce) {
    client.close();
    proxy.close();
    proxy =
        builder(Rules.staleOnError("k*", 0, LONG)).node(redis.port()).timeoutMillis(300).start();
    client = proxy.connect();
    direct.send("MSET", "k", "Hello", "k2", "there", "k:never", "v");
    Await.until(
        "both are kept",
        () -> {
          client.send("GET", "k");
          client.send("GET", "k2");
          return proxy.metric("cashew_cache_entries{pool=\"test\",rule=\"k*\"}") == 2;
        });
    redis.freeze();
    if (atOnce) { // since the node is known to be away
      Await.until(
          "no request is sent",
          () -> {
            client.send("GET", "k:never");
            return proxy.node("n0", "circuit_open") == 1;
          });
    }
    assertEquals(5L, client.send("STRLEN", "k"));
    assertEquals("ell", client.send("GETRANGE", "k", "1", "3"));
    assertEquals(Arrays.asList("there", "Hello"), client.send("MGET", "k2", "k"));
    assertTrue(client.send("MGET", "k", "k:never") instanceof RawClient.ErrorReply);
    assertTrue(client.send("STRLEN", "k:never") instanceof RawClient.ErrorReply);
    assertTrue(client.send("APPEND", "k", "w") instanceof RawClient.ErrorReply);
    assertTrue(client.send("STRLEN", "k") instanceof RawClient.ErrorReply);
    assertTrue(client.send("MGET", "k2", "k") instanceof RawClient.ErrorReply);
    assertEquals(4, proxy.metric("cashew_cache_stale_on_error_total{pool=\"test\",rule=\"k*\"}"));
    redis.thaw();
    Await.until("it serves again", () -> client.send("STRLEN", "k") instanceof Long);
  }

  @Test
  void readersOfKeptValuesHaveNoErrorWhileTheirNodeIsFrozen() {
    client.close();
    proxy.close();
    proxy =
        builder(Rules.staleOnError("k*", 50, LONG)).node(redis.port()).timeoutMillis(100).start();
    client = proxy.connect();
    List<RawClient> readers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      readers.add(proxy.connect());
      direct.send("SET", "k" + i, "v" + i);
      awaitKept("k" + i);
    }
    redis.freeze();
    for (int round = 0; round < 20; round++) {
      for (int i = 0; i < readers.size(); i++) {
        readers.get(i).write(RawClient.request("GET", "k" + i));
        readers.get(i).write(RawClient.request("STRLEN", "k" + i));
        readers.get(i).write(RawClient.request("MGET", "k" + i, "k" + round % 10));
      }
      for (int i = 0; i < readers.size(); i++) {
        assertEquals("v" + i, readers.get(i).read());
        assertEquals(2L, readers.get(i).read());
        assertEquals(Arrays.asList("v" + i, "v" + round % 10), readers.get(i).read());
      }
    }
    readers.forEach(RawClient::close);
    redis.thaw();
    Await.until("it serves again", () -> "OK".equals(client.send("SET", "k0", "w")));
  }

  @Test
  void readsThatItsServerDoesNotAnswerEndNothingOfWhatIsGivenMeanwhile() {
    client.close();
    proxy.close();
    proxy =
        builder(Rules.staleOnError("k*", 50, LONG)).node(redis.port()).timeoutMillis(100).start();
    client = proxy.connect();
    direct.send("SET", "k", "v");
    awaitKept("k");
    redis.freeze();
    // The first waits in vain, and those after it are not sent.
    for (int i = 0; i < 3; i++) {
      assertTrue(client.send("TYPE", "k") instanceof RawClient.ErrorReply);
      assertTrue(client.send("MGET", "k", "k:never") instanceof RawClient.ErrorReply);
      assertEquals("v", client.send("GET", "k"));
    }
    redis.thaw();
    Await.until("it serves again", () -> "string".equals(client.send("TYPE", "k")));
  }

  private void killListening() {
    String clients = String.valueOf(direct.send("CLIENT", "LIST"));
    List<String> ids =
        clients
            .lines()
            .filter(line -> line.contains(" resp=3") || line.contains(" flags=tB"))
            .map(line -> line.substring("id=".length(), line.indexOf(' ')))
            .toList();
    assertTrue(!ids.isEmpty(), clients);
    ids.forEach(id -> direct.send("CLIENT", "KILL", "ID", id));
  }

  @Test
  void manyClientsThatAskForOneKeyAtOnceAskTheServerOnceAWorker() {
    start(Rules.near("k*", LONG));
    direct.send("SET", "k", "v");
    long before = gets();
    redis.freeze();
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      clients.add(proxy.connect());
      clients.get(i).write(RawClient.request("GET", "k"));
    }
    Await.until(
        "all have asked", () -> proxy.metric("cashew_requests_in_flight{pool=\"test\"}") == 20);
    redis.thaw();
    clients.forEach(each -> assertEquals("v", each.read()));
    assertEquals(before + 2, gets());
    clients.forEach(RawClient::close);
  }

  @Test
  void aLargeValueReachesAllThatHaveAskedForIt() {
    start(Rules.near("k*", LONG));
    String large = "x".repeat(300_000);
    direct.send("SET", "k", large);
    redis.freeze();
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      clients.add(proxy.connect());
      clients.get(i).write(RawClient.request("GET", "k"));
    }
    Await.until(
        "all have asked", () -> proxy.metric("cashew_requests_in_flight{pool=\"test\"}") == 6);
    clients.get(5).write(RawClient.request("SET", "k", "w"));
    clients.get(5).write(RawClient.request("GET", "k"));
    redis.thaw();
    assertEquals(large, clients.get(5).read());
    assertEquals("OK", clients.get(5).read());
    assertEquals("w", clients.get(5).read());
    for (RawClient each : clients.subList(0, 5)) { // which may ask for it after it was written
      Object value = each.read();
      assertTrue(large.equals(value) || "w".equals(value));
    }
    clients.forEach(RawClient::close);
  }

  private String keyAt(RawClient server, String beginning) {
    for (int i = 0; ; i++) {
      assertEquals("OK", client.send("SET", beginning + i, "before"));
      if ("before".equals(server.send("GET", beginning + i))) {
        return beginning + i;
      }
    }
  }

  /** It would be executed before what is replied to before it; of whatever key it is. */
  @Test
  void whoHasAnothersReplyWritesNothingBeforeThatIsThere() {
    client.close();
    proxy.close();
    try (RealRedis second = RealRedis.start();
        RawClient there = second.connect()) {
      proxy =
          builder(Rules.near("k*", LONG))
              .workers(1)
              .node("a", redis.port())
              .node("b", second.port())
              .start();
      client = proxy.connect();
      String slow = keyAt(direct, "k");
      String other = keyAt(there, "other");
      try (RawClient leader = proxy.connect();
          RawClient witness = proxy.connect()) {
        redis.freeze();
        leader.write(RawClient.request("GET", slow));
        awaitInFlight(1);
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(RawClient.request("GET", slow));
        both.writeBytes(RawClient.request("SET", other, "after"));
        client.write(both.toByteArray());
        awaitInFlight(2);
        // Behind the write at that server, if it was sent.
        assertEquals("before", witness.send("GET", other));
        redis.thaw();
        assertEquals("before", leader.read());
        assertEquals("before", client.read());
        assertEquals("OK", client.read());
        assertEquals("after", witness.send("GET", other));
      }
    }
  }

  private void awaitInFlight(int least) {
    Await.until(
        "they have asked", () -> proxy.metric("cashew_requests_in_flight{pool=\"test\"}") >= least);
  }
}
