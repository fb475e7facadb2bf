package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.config.CacheSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.Rules;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small hashes from memory: what is given of them, and each way in which they end. */
@ExtendWith(LeakCheck.class)
final class NearHashesTest {
  private static final long LONG = 600_000;
  private static final String RULE = "{pool=\"test\",rule=\"k*\"}";

  private RealRedis redis = RealRedis.start();
  private RawClient direct = redis.connect();
  private TestProxy proxy;
  private RawClient client;

  @BeforeEach
  void startProxy() {
    start(Rules.near("k*", LONG, LONG));
  }

  private void start(CacheRule... rules) {
    start(30_000, rules);
  }

  private void start(long timeoutMillis, CacheRule... rules) {
    if (proxy != null) {
      client.close();
      proxy.close();
    }
    proxy =
        new TestProxy.Builder()
            .workers(2)
            .timeoutMillis(timeoutMillis)
            .with(CacheSettings.RULES, List.of(rules))
            .node(redis.port())
            .start();
    client = proxy.connect();
  }

  @AfterEach
  void stop() {
    client.close();
    proxy.close();
    direct.close();
    redis.close();
  }

  /** How often the server was asked for something of a hash. */
  private long asked() {
    return calls("hget") + calls("hmget") + calls("hgetall");
  }

  private long calls(String command) {
    String stats = String.valueOf(direct.send("INFO", "commandstats"));
    int at = stats.indexOf("cmdstat_" + command + ":calls=");
    int from = at + ("cmdstat_" + command + ":calls=").length();
    return at < 0 ? 0 : Long.parseLong(stats.substring(from, stats.indexOf(',', at)));
  }

  private void awaitKept(String key) {
    Await.until(
        key + " is kept",
        () -> {
          long before = asked();
          client.send("HGETALL", key);
          return asked() == before;
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"HGET k f", "HMGET k f nothing", "HGETALL k"})
  void eachReadBringsAllOfTheHash(String first) {
    direct.send("HSET", "k", "f", "v", "g", "w");
    Await.until(
        "it is kept",
        () -> {
          long before = asked();
          client.send(first.split(" "));
          return asked() == before;
        });
    long before = asked();
    assertEquals("v", client.send("HGET", "k", "f"));
    assertEquals("w", client.send("HGET", "k", "g"));
    assertNull(client.send("HGET", "k", "nothing"));
    assertEquals(Arrays.asList("w", null, "v"), client.send("HMGET", "k", "g", "no", "f"));
    assertEquals(List.of("f", "v", "g", "w"), client.send("HGETALL", "k"));
    try (RawClient second = proxy.connect();
        RawClient third = proxy.connect()) {
      assertEquals("w", second.send("HGET", "k", "g"));
      assertEquals("w", third.send("HGET", "k", "g"));
    }
    assertEquals(before, asked());
  }

  private static String bytes(RawClient from, String request) {
    from.write(RawClient.request(request.split(" ")));
    from.write(RawClient.request("PING"));
    return from.readUntil("+PONG\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"2", "3"})
  void itIsGivenAsItsServerGivesIt(String version) {
    direct.send("HSET", "k", "f", "v", "", "empty", "g", "", "long", "x".repeat(60), "\r\n", "$");
    direct.send("HSET", "k-one", "f", "\r\n");
    direct.send("SET", "k-string", "v");
    direct.send("DEL", "k-nothing");
    try (RawClient asked = proxy.connect();
        RawClient server = redis.connect()) {
      for (RawClient each : List.of(asked, server)) {
        bytes(each, "HELLO " + version);
      }
      awaitKept("k");
      awaitKept("k-one");
      awaitKept("k-nothing");
      long before = asked();
      int requests = 0;
      for (String key : List.of("k", "k-one", "k-nothing")) {
        for (String request :
            List.of("HGET * f", "HGET * none", "HMGET * f none g f", "HMGET * none", "HGETALL *")) {
          String of = request.replace("*", key);
          assertEquals(bytes(server, of), bytes(asked, of), of);
          requests++;
        }
      }
      assertEquals(before + requests, asked());
      for (String request :
          List.of(
              "GET k",
              "STRLEN k",
              "MGET k k-string k-nothing",
              "GETRANGE k 0 1",
              "HGET k-string f",
              "HGETALL k-string",
              "HMGET k-string f g",
              "HGET k",
              "HMGET k",
              "HGETALL",
              "HGETALL k k",
              "HGET k f g")) {
        for (int i = 0; i < 3; i++) {
          assertEquals(bytes(server, request), bytes(asked, request), request);
        }
        assertEquals(bytes(server, "HGET k f"), bytes(asked, "HGET k f"), request);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HSET k f w",
        "HDEL k f",
        "HINCRBY k n 1",
        "HSETNX k new v",
        "DEL k",
        "UNLINK k",
        "SET k w",
        "EXPIRE k 100",
        "PEXPIREAT k 1",
        "RENAME k other{k}",
        "RENAME from{k} k",
        "COPY from{k} k REPLACE",
        "MOVE k 1",
        "FLUSHALL",
        "SWAPDB 0 1",
        "EVAL redis.call('HSET',KEYS[1],'f','w') 1 k",
        "EVAL redis.call('HSET','k','f','w') 0",
        "HLEN k",
        "HEXISTS k f",
        "GET k"
      })
  void itIsAskedForAnewAfterARequestAboutItsKeyThatDidNotComeFromMemory(String request) {
    direct.send("HSET", "from{k}", "f", "from");
    direct.send("HSET", "k", "f", "v", "n", "1");
    awaitKept("k");
    long before = asked();
    client.send(request.split(" "));
    Object now = client.send("HGETALL", "k");
    assertTrue(asked() > before, () -> request + ": " + now);
    assertEquals(direct.send("HGETALL", "k"), now);
  }

  @Test
  void whatOthersWriteAtTheServerIsHeardOf() {
    direct.send("HSET", "k", "f", "v", "g", "w");
    awaitKept("k");
    direct.send("HSET", "k", "g", "x");
    Await.until("the write is seen", () -> "x".equals(client.send("HGET", "k", "g")));
    awaitKept("k");
    direct.send("HDEL", "k", "g");
    Await.until("the field's end is seen", () -> client.send("HGET", "k", "g") == null);
    awaitKept("k");
    direct.send("FLUSHALL");
    Await.until("the flush is seen", () -> client.send("HGET", "k", "f") == null);
  }

  @Test
  void aPipelineThatWritesReadsWhatItHasWritten() {
    direct.send("HSET", "k", "f", "0");
    awaitKept("k");
    for (int i = 1; i <= 200; i++) {
      client.write(RawClient.request("HGET", "k", "f"));
      client.write(RawClient.request("HSET", "k", "f", "" + i));
      client.write(RawClient.request("HGETALL", "k"));
      client.write(RawClient.request("HGET", "k-missing", "f"));
    }
    for (int i = 1; i <= 200; i++) {
      assertEquals("" + (i - 1), client.read());
      assertEquals(0L, client.read());
      assertEquals(List.of("f", "" + i), client.read());
      assertNull(client.read());
    }
  }

  @Test
  void itEndsWithItsKey() {
    expireInSilence();
    direct.send("HSET", "k", "f", "v");
    direct.send("PEXPIRE", "k", "400");
    awaitKept("k");
    awaitGone("f");
  }

  /** The server tells of nothing that expires: it notices only when somebody asks. */
  private void expireInSilence() {
    assertEquals("OK", direct.send("DEBUG", "SET-ACTIVE-EXPIRE", "0"));
  }

  /** No later than a second from now, a field of k is not given any more. */
  private void awaitGone(String field) {
    long began = System.nanoTime();
    Await.until(
        field + "'s end",
        () -> {
          Object value = client.send("HGET", "k", field);
          long millis = (System.nanoTime() - began) / 1_000_000;
          assertTrue(value == null || millis < 1000, "given after " + millis + " ms");
          return value == null;
        });
  }

  @Test
  void itEndsWithTheFirstOfItsFieldsWhereTheseHaveALifeOfTheirOwn() {
    for (RealRedis newer : RealRedis.startNewer("--enable-debug-command", "yes")) {
      direct.close();
      redis.close();
      redis = newer;
      direct = redis.connect();
      start(Rules.near("k*", LONG, LONG));
      expireInSilence();
      direct.send("HSET", "k", "f", "v", "g", "w");
      if (!(direct.send("HPEXPIRE", "k", "400", "FIELDS", "1", "f") instanceof List<?>)) {
        awaitKept("k");
        continue; // it knows no such life
      }
      awaitKept("k");
      awaitGone("f");
      assertEquals("w", client.send("HGET", "k", "g"));
      awaitKept("k");
    }
  }

  /**
   * Each way of giving a field of a kept hash a life, or an end, that a newer server knows: by a
   * client of this process, and by others.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsKeptEndsWithAFieldThatIsGivenALifeWhileItIsKept(boolean here) {
    for (RealRedis newer : RealRedis.startNewer("--enable-debug-command", "yes")) {
      direct.close();
      redis.close();
      redis = newer;
      direct = redis.connect();
      start(Rules.near("k*", LONG, LONG));
      expireInSilence();
      for (String way :
          List.of(
              "HPEXPIRE k 400 FIELDS 1 f",
              "HSETEX k PX 400 FIELDS 1 f x",
              "HGETEX k PX 400 FIELDS 1 f",
              "HGETDEL k FIELDS 1 f")) {
        String[] request = way.split(" ");
        if (!knows(request[0])) {
          continue;
        }
        direct.send("DEL", "k");
        direct.send("HSET", "k", "f", "v", "g", "w");
        Await.until(way + ": it is there", () -> "v".equals(client.send("HGET", "k", "f")));
        awaitKept("k");
        Object reply = (here ? client : direct).send(request);
        assertTrue(reply instanceof List<?> || reply instanceof Long, way + ": " + reply);
        awaitGone("f");
        assertEquals("w", client.send("HGET", "k", "g"), way);
      }
    }
  }

  private boolean knows(String command) {
    return direct.send("COMMAND", "INFO", command) instanceof List<?> all && all.get(0) != null;
  }

  @Test
  void whatIsNoSmallHashIsNotKeptAndNotAskedForTwiceEachTime() {
    List<String> many = new ArrayList<>(List.of("HSET", "k-many"));
    for (int i = 0; i < 2000; i++) {
      many.addAll(List.of("f" + i, "value of field f" + i));
    }
    awaitKept("k-nothing"); // so what the server says may be kept
    long alls = calls("hgetall");
    long sizes = calls("hlen");
    direct.send(many.toArray(String[]::new));
    direct.send("HSET", "k-large", "f", "v", "g", "x".repeat(100_000));
    direct.send("SET", "k-string", "v");
    for (int i = 0; i < 10; i++) {
      assertEquals("value of field f7", client.send("HGET", "k-many", "f7"));
      assertEquals("v", client.send("HGET", "k-large", "f"));
      assertTrue(String.valueOf(client.send("HGET", "k-string", "f")).contains("WRONGTYPE"));
      assertEquals(4000, ((List<?>) client.send("HGETALL", "k-many")).size());
    }
    assertEquals(30, calls("hget"));
    assertEquals(alls + 11, calls("hgetall")); // of one it had to be seen how large it is
    assertEquals(sizes + 3, calls("hlen"));
  }

  @Test
  void thatThereIsNoKeyIsKeptOfAnyReadAndThatThereIsNoFieldIsNot() {
    for (CacheRule rule : List.of(Rules.near("k*", LONG, LONG), Rules.near("k*", 0, LONG))) {
      start(rule);
      direct.send("FLUSHALL");
      for (String read : List.of("HGET k1 f", "HMGET k2 f g", "HGETALL k3")) {
        String[] request = read.split(" ");
        Await.until(
            read + " is kept",
            () -> {
              long before = asked();
              client.send(request);
              return asked() == before;
            });
        long gets = calls("get");
        assertNull(client.send("GET", request[1]));
        assertEquals(gets, calls("get"), read);
        direct.send("HSET", request[1], "other", "v");
        Await.until(
            "the write is seen", () -> "v".equals(client.send("HGET", request[1], "other")));
        assertNull(client.send("HGET", request[1], "f"));
        assertTrue(String.valueOf(client.send("GET", request[1])).contains("WRONGTYPE"), read);
      }
    }
  }

  @Test
  void whatNothingIsKeptOfIsNotAskedForAsAWhole() {
    start(Rules.near("k*", 0, LONG));
    direct.send("HSET", "k", "f", "v");
    for (int i = 0; i < 5; i++) {
      assertEquals("v", client.send("HGET", "k", "f"));
      assertNull(client.send("HGET", "k", "none"));
    }
    assertEquals(0, calls("hlen"));
    assertEquals(10, calls("hget"));
  }

  @Test
  void nothingIsGivenToAClientInATransactionWithTrackingOrInAnotherDatabase() {
    direct.send("HSET", "k", "f", "v");
    awaitKept("k");
    client.send("WATCH", "k");
    long before = asked();
    assertEquals("v", client.send("HGET", "k", "f"));
    assertEquals(before + 1, asked());
    client.send("UNWATCH");
    client.send("MULTI");
    client.send("HSET", "k", "f", "w");
    try (RawClient other = proxy.connect();
        RawClient elsewhere = proxy.connect()) {
      assertEquals("v", other.send("HGET", "k", "f"));
      client.send("EXEC");
      assertEquals("w", other.send("HGET", "k", "f"));
      awaitKept("k");
      elsewhere.send("SELECT", "1");
      assertNull(elsewhere.send("HGET", "k", "f"));
    }
  }

  @Test
  void manyClientsThatAskAtOnceAskTheServerOnceAWorker() {
    direct.send("HSET", "k", "f", "v", "g", "w");
    awaitKept("k-nothing"); // so what the server says may be kept
    long before = asked();
    redis.freeze();
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      clients.add(proxy.connect());
      clients.get(i).write(RawClient.request("HGET", "k", i % 2 == 0 ? "f" : "g"));
    }
    Await.until(
        "all have asked", () -> proxy.metric("cashew_requests_in_flight{pool=\"test\"}") == 20);
    redis.thaw();
    for (int i = 0; i < 20; i++) {
      assertEquals(i % 2 == 0 ? "v" : "w", clients.get(i).read());
    }
    assertEquals(before + 2, asked());
    clients.forEach(RawClient::close);
  }

  @Test
  void whileItsServerCannotAnswerAHashIsGivenThatNobodyHasWrittenSince() {
    start(100, Rules.staleOnError("k*", 50, LONG));
    direct.send("HSET", "k", "f", "v");
    direct.send("HSET", "k:written", "f", "v");
    awaitKept("k");
    awaitKept("k:written");
    redis.freeze();
    assertTrue(client.send("HSET", "k:written", "f", "w") instanceof RawClient.ErrorReply);
    for (int i = 0; i < 20; i++) {
      assertEquals("v", client.send("HGET", "k", "f"));
      assertEquals(List.of("f", "v"), client.send("HGETALL", "k"));
    }
    assertTrue(client.send("HGET", "k:written", "f") instanceof RawClient.ErrorReply);
    assertTrue(client.send("GET", "k") instanceof RawClient.ErrorReply);
    assertTrue(proxy.metric("cashew_cache_stale_on_error_total" + RULE) > 0);
    redis.thaw();
    Await.until("it serves again", () -> "v".equals(client.send("HGET", "k", "f")));
  }

  @Test
  void whatIsGivenAndKeptIsCounted() {
    direct.send("HSET", "k", "f", "x".repeat(1000));
    awaitKept("k");
    assertTrue(proxy.metric("cashew_cache_hits_total" + RULE) > 0);
    assertTrue(proxy.metric("cashew_cache_misses_total" + RULE) > 0);
    Await.until("it is counted", () -> proxy.metric("cashew_cache_entries" + RULE) == 1);
    assertTrue(proxy.metric("cashew_cache_bytes" + RULE) > 1000);
  }

  // ---------------------------------------------------------------- leases

  private List<RawClient> waiters(String... requests) {
    double before = proxy.metric("cashew_cache_lease_waits_total" + RULE);
    List<RawClient> waiters = new ArrayList<>();
    for (String request : requests) {
      waiters.add(proxy.connect());
      waiters.get(waiters.size() - 1).write(RawClient.request(request.split(" ")));
    }
    Await.until(
        "all wait",
        () -> proxy.metric("cashew_cache_lease_waits_total" + RULE) == before + requests.length);
    return waiters;
  }

  @ParameterizedTest
  @ValueSource(strings = {"HGET k f", "HMGET k f g", "HGETALL k", "GET k"})
  void oneLoadsAndAllOthersHaveWhatItWrites(String first) {
    for (long nearMillis : new long[] {LONG, 0}) {
      start(Rules.lease("k*", nearMillis, LONG));
      direct.send("DEL", "k");
      Object nothing = direct.send(first.split(" "));
      assertEquals(nothing, client.send(first.split(" ")));
      assertEquals(nothing, client.send(first.split(" ")));
      List<RawClient> waiters = waiters("HGET k f", "HMGET k g f", "HGETALL k", "HGET k g");
      client.send("HSET", "k", "f", "v", "g", "w");
      assertEquals("v", waiters.get(0).read());
      assertEquals(List.of("w", "v"), waiters.get(1).read());
      assertEquals(List.of("f", "v", "g", "w"), waiters.get(2).read());
      assertEquals("w", waiters.get(3).read());
      waiters.forEach(RawClient::close);
    }
  }

  @Test
  void ofThoseThatAskAtOnceOneLoads() {
    for (long nearMillis : new long[] {LONG, 0}) {
      start(Rules.lease("k*", nearMillis, LONG));
      direct.send("DEL", "k");
      redis.freeze();
      List<RawClient> all = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        all.add(proxy.connect());
        all.get(i).write(RawClient.request("HGET", "k", "f"));
      }
      Await.until(
          "all have asked", () -> proxy.metric("cashew_requests_in_flight{pool=\"test\"}") == 20);
      redis.thaw();
      Await.until(
          "all others wait", () -> proxy.metric("cashew_cache_lease_waits_total" + RULE) == 19);
      direct.send("HSET", "k", "f", "v");
      assertEquals(1, all.stream().map(RawClient::read).filter(reply -> reply == null).count());
      all.forEach(RawClient::close);
    }
  }

  /**
   * Half of them ask for one field and half for all. What is asked once is asked by each worker,
   * and once more where that hears of the write while it lets them go: what is asked before that
   * may be older, and not be joined.
   */
  @Test
  void allThatWaitAskItsServerOnceWhenItIsThere() {
    String[] many = new String[40];
    Arrays.setAll(many, i -> i % 2 == 0 ? "HGET k f" : "HGETALL k");
    for (long nearMillis : new long[] {LONG, 0}) {
      for (int fields : new int[] {2, 200}) { // the latter are no small hash
        start(Rules.lease("k*", nearMillis, LONG));
        direct.send("DEL", "k");
        assertNull(client.send("HGET", "k", "f"));
        List<RawClient> waiters = waiters(many);
        long before = asked();
        client.send(hash(fields));
        for (int i = 0; i < many.length; i++) {
          Object reply = waiters.get(i).read();
          assertEquals(
              i % 2 == 0 ? "v" : 2 * fields, reply instanceof List<?> l ? l.size() : reply);
        }
        boolean whole = nearMillis > 0 && fields == 2;
        int most = whole ? 2 : 4;
        assertTrue(asked() - before <= 2L * most, () -> asked() - before + " times");
        waiters.forEach(RawClient::close);
      }
    }
  }

  private static String[] hash(int fields) {
    List<String> all = new ArrayList<>(List.of("HSET", "k", "f", "v"));
    for (int i = 1; i < fields; i++) {
      all.addAll(List.of("f" + i, "v"));
    }
    return all.toArray(String[]::new);
  }

  @Test
  void aFieldThatIsNotThereOfAKeyThatIsLeasesNothing() {
    for (long nearMillis : new long[] {LONG, 0}) {
      start(Rules.lease("k*", nearMillis, LONG));
      direct.send("HSET", "k", "f", "v");
      try (RawClient other = proxy.connect()) {
        for (RawClient each : List.of(client, other)) {
          assertNull(each.send("HGET", "k", "none"));
          assertEquals(Arrays.asList(null, null), each.send("HMGET", "k", "none", "no"));
        }
      }
      assertEquals(0, proxy.metric("cashew_cache_lease_waits_total" + RULE));
    }
  }

  @Test
  void aLeaseEndsWithItsTime() {
    for (long nearMillis : new long[] {LONG, 0}) {
      start(Rules.lease("k*", nearMillis, 300));
      direct.send("DEL", "k");
      assertNull(client.send("HGET", "k", "f"));
      try (RawClient waiter = proxy.connect()) {
        assertEquals(List.of(), waiter.send("HGETALL", "k"));
      }
    }
  }
}
