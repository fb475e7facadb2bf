package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A value whose key has ended is given to all but one, who loads the next one. */
@ExtendWith(LeakCheck.class)
final class StaleValuesTest {
  private static final long LONG = 600_000;
  private static final String RULE = "{pool=\"test\",rule=\"k*\"}";

  private final RealRedis redis = RealRedis.start();
  private final RawClient direct = redis.connect();
  private final List<RawClient> clients = new ArrayList<>();
  private TestProxy proxy = start(Rules.stale("k*", LONG, LONG));
  private RawClient client = connect();

  private TestProxy start(CacheRule rule) {
    return new TestProxy.Builder()
        .workers(2)
        .timeoutMillis(30_000)
        .with(CacheSettings.RULES, List.of(rule))
        .node(redis.port())
        .start();
  }

  private void restart(CacheRule rule) {
    proxy.close();
    proxy = start(rule);
    client = connect();
  }

  @AfterEach
  void stop() {
    clients.forEach(RawClient::close);
    proxy.close();
    direct.close();
    redis.close();
  }

  private RawClient connect() {
    RawClient connected = proxy.connect();
    clients.add(connected);
    return connected;
  }

  private double given() {
    return proxy.metric("cashew_cache_stale_total" + RULE);
  }

  private long gets() {
    String stats = String.valueOf(direct.send("INFO", "commandstats"));
    int at = stats.indexOf("cmdstat_get:calls=");
    return at < 0 ? 0 : Long.parseLong(stats.substring(at + 18, stats.indexOf(',', at)));
  }

  /** Has a value kept that was set at the server. */
  private void keep(String key, String value, String... options) {
    List<String> set = new ArrayList<>(List.of("SET", key, value));
    set.addAll(List.of(options));
    direct.send(set.toArray(String[]::new));
    Await.until(
        key + " is kept",
        () -> {
          long before = gets();
          return value.equals(client.send("GET", key)) && gets() == before;
        });
  }

  /** What so many clients of both workers are told that ask at once. */
  private List<String> askAtOnce(int count, String key) {
    return askAtOnce(connect(count), key);
  }

  private List<RawClient> connect(int count) {
    List<RawClient> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(connect());
    }
    return all;
  }

  private static List<String> askAtOnce(List<RawClient> asking, String key) {
    asking.forEach(each -> each.write(RawClient.request("GET", key)));
    List<String> replies = new ArrayList<>();
    asking.forEach(each -> replies.add(String.valueOf(each.read())));
    replies.sort(null);
    return replies;
  }

  private static List<String> oneNil(int count, String value) {
    List<String> all = new ArrayList<>(Collections.nCopies(count - 1, value));
    all.add("null");
    all.sort(null);
    return all;
  }

  @ParameterizedTest
  @ValueSource(strings = {"DEL k", "UNLINK k", "GETDEL k", "DEL k other k2"})
  void ofThoseThatAskAfterADeletionOneIsToldNil(String deletion) {
    keep("k", "v");
    client.send(deletion.split(" "));
    assertEquals(oneNil(20, "v"), askAtOnce(20, "k"));
    assertEquals(19, given());
    assertEquals(Collections.nCopies(20, "v"), askAtOnce(20, "k"));
  }

  @Test
  void soItIsWhenOthersDelete() {
    keep("k", "v");
    direct.send("DEL", "k");
    Await.until("the deletion is seen", () -> client.send("GET", "k") == null);
    assertEquals(Collections.nCopies(20, "v"), askAtOnce(20, "k"));
    assertNull(client.send("GET", "k"));
  }

  @Test
  void soItIsWhenTheKeyExpires() {
    keep("k", "v", "PX", "600");
    Await.until("the key has expired", () -> client.send("GET", "k") == null);
    assertEquals(Collections.nCopies(20, "v"), askAtOnce(20, "k"));
    assertNull(client.send("GET", "k"));
  }

  @Test
  void manyThatAskWhileAKeyExpiresAreToldNilOnce() {
    keep("k", "v", "PX", "700");
    int nils = 0;
    List<RawClient> asking = connect(10);
    while (nils == 0) {
      for (String each : askAtOnce(asking, "k")) {
        nils += each.equals("null") ? 1 : 0;
      }
    }
    assertEquals(1, nils);
    assertEquals(Collections.nCopies(10, "v"), askAtOnce(10, "k"));
  }

  @Test
  void whatIsNotGivenFromMemoryWhileItsKeyLivesIsWhenItHasEnded() {
    restart(Rules.stale("k*", 0, LONG));
    direct.send("SET", "k", "v");
    Await.until("the server is heard", () -> kept() == 1);
    for (int i = 0; i < 3; i++) {
      long before = gets();
      assertEquals("v", client.send("GET", "k"));
      assertEquals(before + 1, gets());
    }
    client.send("DEL", "k");
    assertEquals(oneNil(20, "v"), askAtOnce(20, "k"));
  }

  private double kept() {
    client.send("GET", "k");
    return proxy.metric("cashew_cache_entries" + RULE);
  }

  @Test
  void whoLoadsEndsIt() {
    keep("k", "v");
    client.send("DEL", "k");
    assertNull(client.send("GET", "k"));
    assertEquals("v", connect().send("GET", "k"));
    client.send("SET", "k", "w");
    assertEquals(Collections.nCopies(10, "w"), askAtOnce(10, "k"));
  }

  @Test
  void ifTheLoadersConnectionEndsTheNextIsToldNil() {
    keep("k", "v");
    RawClient loader = connect();
    loader.send("DEL", "k");
    assertNull(loader.send("GET", "k"));
    assertEquals("v", client.send("GET", "k"));
    loader.close();
    Await.until("the next is told nil", () -> client.send("GET", "k") == null);
    assertEquals("v", connect().send("GET", "k"));
    assertNull(client.send("GET", "k"));
  }

  @Test
  void itIsGivenForItsTimeOnly() {
    restart(Rules.stale("k*", LONG, 300));
    keep("k", "v");
    client.send("DEL", "k");
    assertNull(client.send("GET", "k"));
    RawClient other = connect();
    Await.until("its time is over", () -> other.send("GET", "k") == null);
    assertNull(other.send("GET", "k"));
    assertNull(connect().send("GET", "k"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SET k w",
        "SET k w|DEL k",
        "APPEND k w",
        "EXPIRE k 100",
        "RENAME k other",
        "MSET k w",
        "COPY from k REPLACE",
        "EVAL redis.call('DEL',KEYS[1]) 1 k",
        "MULTI|DEL k|EXEC",
        "FLUSHALL",
        "FLUSHDB",
        "SWAPDB 0 1"
      })
  void whatElseIsDoneToAKeyEndsItBeforeAndAfterItsDeletion(String requests) {
    direct.send("SET", "from", "x");
    keep("k", "v");
    for (String request : requests.split("\\|", -1)) {
      client.send(request.split(" "));
    }
    client.send("DEL", "k");
    assertEquals(Collections.nCopies(10, "null"), askAtOnce(10, "k"));
    keep("k", "v2");
    client.send("DEL", "k");
    assertNull(client.send("GET", "k"));
    assertEquals("v2", connect().send("GET", "k"));
    direct.send("SET", "from", "x");
    for (String request : requests.split("\\|", -1)) {
      client.send(request.split(" "));
    }
    direct.send("DEL", "k");
    RawClient other = connect();
    assertNotEquals("v2", other.send("GET", "k"));
  }

  @Test
  void whatOthersWriteEndsIt() {
    keep("k", "v");
    client.send("DEL", "k");
    assertNull(client.send("GET", "k"));
    RawClient other = connect();
    assertEquals("v", other.send("GET", "k"));
    direct.send("SET", "k", "w");
    Await.until("the write is seen", () -> "w".equals(other.send("GET", "k")));
    direct.send("DEL", "k");
    direct.send("SET", "k", "x");
    Await.until("the next is seen", () -> "x".equals(other.send("GET", "k")));
  }

  @Test
  void aValueThatOthersHaveOverwrittenIsNotGivenAfterItsDeletion() {
    keep("k", "v");
    direct.send("SET", "k", "w");
    direct.send("DEL", "k");
    Await.until("the deletion is seen", () -> client.send("GET", "k") == null);
    for (int i = 0; i < 3; i++) {
      assertEquals(Collections.nCopies(5, "null"), askAtOnce(5, "k"));
    }
    assertEquals(0, given());
  }

  /** Both are in one turn of the server's loop, which tells of them once. */
  @Test
  void soItIsIfTheDeletionComesRightBehind() {
    keep("k", "v");
    redis.freeze();
    direct.write(RawClient.request("SET", "k", "w"));
    client.write(RawClient.request("DEL", "k"));
    Await.until("it is sent", () -> proxy.metric("cashew_requests_in_flight{pool=\"test\"}") == 1);
    redis.thaw();
    assertEquals("OK", direct.read());
    assertEquals(1L, client.read());
    for (int i = 0; i < 3; i++) {
      assertEquals(Collections.nCopies(5, "null"), askAtOnce(5, "k"));
    }
  }

  @Test
  void soItIsIfTheNextValueComesRightBehindTheDeletion() {
    keep("k", "v");
    redis.freeze();
    client.write(RawClient.request("DEL", "k"));
    Await.until("it is sent", () -> proxy.metric("cashew_requests_in_flight{pool=\"test\"}") == 1);
    direct.write(RawClient.request("SET", "k", "w"));
    redis.thaw();
    assertEquals("OK", direct.read());
    assertEquals(1L, client.read());
    for (int i = 0; i < 3; i++) {
      assertEquals(Collections.nCopies(5, "w"), askAtOnce(5, "k"));
    }
  }

  @Test
  void itEndsWithTheConnectionThatHears() {
    keep("k", "v");
    client.send("DEL", "k");
    assertNull(client.send("GET", "k"));
    RawClient other = connect();
    assertEquals("v", other.send("GET", "k"));
    String.valueOf(direct.send("CLIENT", "LIST"))
        .lines()
        .filter(line -> line.contains(" flags=tB"))
        .map(line -> line.substring("id=".length(), line.indexOf(' ')))
        .forEach(id -> direct.send("CLIENT", "KILL", "ID", id));
    Await.until("it is not given", () -> other.send("GET", "k") == null);
    assertNull(other.send("GET", "k"));
  }

  @Test
  void otherCommandsAreAnsweredFromItToo() {
    keep("k", "hello");
    keep("k2", "there");
    RawClient other = connect();
    client.send("DEL", "k");
    assertNull(client.send("GET", "k"));
    assertEquals("hello", other.send("GET", "k"));
    assertEquals(5L, other.send("STRLEN", "k"));
    assertEquals("ell", other.send("GETRANGE", "k", "1", "3"));
    assertEquals(Arrays.asList("hello", "there"), other.send("MGET", "k", "k2"));
    assertEquals(Arrays.asList(null, "there"), client.send("MGET", "k", "k2"));
    assertEquals(0L, client.send("STRLEN", "k"));
    assertEquals(4, given());
  }

  @Test
  void aClientThatHasSeenTheNextValueIsNotGivenTheOneBefore() {
    keep("k", "v");
    client.send("DEL", "k");
    assertNull(client.send("GET", "k"));
    RawClient other = connect();
    assertEquals("v", other.send("GET", "k"));
    direct.write(RawClient.request("SET", "k", "longer"));
    Await.until(
        "it is there", () -> "6".equals("" + other.send("TOUCH", "k", "k", "k", "k", "k", "k")));
    assertEquals("longer", other.send("GET", "k"));
    assertEquals("OK", direct.read());
  }

  @Test
  void nothingIsGivenInATransactionWithTrackingOrInAnotherDatabase() {
    keep("k", "v");
    client.send("DEL", "k");
    assertNull(client.send("GET", "k"));
    RawClient other = connect();
    assertEquals("v", other.send("GET", "k"));
    other.send("WATCH", "k");
    assertNull(other.send("GET", "k"));
    other.send("UNWATCH");
    other.send("SELECT", "1");
    assertNull(other.send("GET", "k"));
    other.send("SELECT", "0");
    other.send("CLIENT", "CACHING", "NO");
    assertNull(other.send("GET", "k"));
    other.send("CLIENT", "CACHING", "YES");
    Await.until("it is given again", () -> "v".equals(other.send("GET", "k")));
  }

  @Test
  void whereNilIsKeptAndALeaseIsTakenTheValueBeforeComesFirst() {
    restart(Rules.stale("k*", LONG, LONG, LONG, LONG));
    keep("k", "v");
    client.send("DEL", "k");
    assertEquals(oneNil(20, "v"), askAtOnce(20, "k"));
    assertEquals(Collections.nCopies(20, "v"), askAtOnce(20, "k"));
    assertTrue(proxy.metric("cashew_cache_lease_waits_total" + RULE) == 0);
  }
}
