package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.Opened;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Who comes by routes meets the cache rules of the pool that has the key, as at its own port. */
@ExtendWith(LeakCheck.class)
final class RoutesCacheTest {
  /** Of the pools users, pages and locks. */
  private static final List<RealRedis> SERVERS = new ArrayList<>();

  private static final String RULES =
      """
      { match = "user:near:*", near = 60s, missing = 60s }
      { match = "user:lease:*", lease = 20s }
      { match = "user:stale:*", near = 60s, stale = 60s }
      { match = "user:error:*", near = 1ms, stale-on-error = 60s }
      { match = "user:guard:*", guard = existing }
      { match = "user:rate:*", rate = 3/s }
      { match = "user:key:*", rate-per-key = 3/s }
      { match = "user:client:*", rate-per-client = 3/s }
      { match = "user:long:*", ttl-jitter = 100% }
      { match = "*:twice:*", redelete = [300ms] }
      """;

  private final int port = FreePorts.next();
  private final int ownPort = FreePorts.next();
  private final Opened open = new Opened();
  private FileProxy proxy;
  private RawClient front;
  private RawClient own;

  @TempDir private Path directory;

  @BeforeAll
  static void startServers() {
    for (int i = 0; i < 3; i++) {
      SERVERS.add(RealRedis.startInstalled().orElseGet(RealRedis::start));
    }
  }

  @AfterAll
  static void stopServers() {
    SERVERS.forEach(RealRedis::close);
  }

  @BeforeEach
  void start() {
    SERVERS.forEach(each -> directly(each, "FLUSHALL"));
    proxy = FileProxy.start(directory.resolve("cashew.conf"), config(RULES, ""));
    front = open.connect(port);
    own = open.connect(ownPort);
  }

  @AfterEach
  void stop() throws Exception {
    open.close();
    proxy.close();
  }

  private static Object directly(RealRedis server, String... request) {
    try (RawClient direct = server.connect()) {
      Object reply = direct.send(request);
      return reply == null ? "nil" : reply;
    }
  }

  private String config(String rules, String ofFront) {
    return """
    cashew {
      workers = 2
      clients-together = 1
      admin.listen = off
      pools.front {
        listen = "127.0.0.1:%d"
        routes = [
          { keys = "user:*", pool = users }
          { keys = "page:*", pool = pages }
          { keys = "*", pool = locks }
        ]
        %s
      }
      pools.users { listen = "127.0.0.1:%d", nodes = [ "%s a" ], cache.rules = [ %s ] }
      pools.pages { nodes = [ "%s a" ], cache.rules = [ { match = "page:*", near = 60s } ] }
      pools.locks { nodes = [ "%s a" ] }
    }
    """
        .formatted(
            port,
            ofFront,
            ownPort,
            SERVERS.get(0).address(),
            rules,
            SERVERS.get(1).address(),
            SERVERS.get(2).address());
  }

  private double counted(String name, String pool, String rule) {
    return proxy.metric(name + "{pool=\"" + pool + "\",rule=\"" + rule + "\"");
  }

  private double hits(String pool, String rule) {
    return counted("cashew_cache_hits_total", pool, rule);
  }

  /** Asks until memory answers. */
  private void keep(RawClient by, String pool, String rule, String... get) {
    double before = hits(pool, rule);
    Await.until(
        () -> Arrays.toString(get) + " is kept",
        () -> {
          by.send(get);
          return hits(pool, rule) > before;
        });
  }

  // ---------------------------------------------------------------- what is kept

  @Test
  void theMemoryIsOneWithThatOfTheOwnPort() {
    String rule = "user:near:*";
    own.send("SET", "user:near:1", "one");
    keep(own, "users", rule, "GET", "user:near:1");
    double before = hits("users", rule);
    assertEquals("one", front.send("GET", "user:near:1"));
    assertEquals(before + 1, hits("users", rule));
    front.send("SET", "user:near:1", "two");
    assertEquals("two", own.send("GET", "user:near:1"));
    keep(front, "users", rule, "GET", "user:near:1");
    double then = hits("users", rule);
    assertEquals("two", own.send("GET", "user:near:1"));
    assertEquals(3L, own.send("STRLEN", "user:near:1"));
    assertEquals(then + 2, hits("users", rule));
  }

  @Test
  void everyKindOfWriteByRoutesEndsWhatIsKept() {
    String key = "user:near:1";
    List<String[]> writes =
        List.of(
            new String[] {"SET", key, "v"},
            new String[] {"MSET", "page:1", "x", key, "w"},
            new String[] {"APPEND", key, "!"},
            new String[] {"EVAL", "return redis.call('SET',KEYS[1],'s')", "1", key},
            new String[] {"GETDEL", key},
            new String[] {"SET", key, "y".repeat(1 << 20)},
            new String[] {"DEL", "lock", key, "page:1"},
            new String[] {"RENAME", key, "user:near:2"},
            new String[] {"FLUSHALL"});
    for (String[] write : writes) {
      own.send("SET", key, "before");
      keepOrMiss(key);
      front.send(write);
      assertEquals(directly(SERVERS.get(0), "GET", key), orNil(own.send("GET", key)), write[0]);
    }
  }

  private void keepOrMiss(String key) {
    double before = given();
    Await.until(
        () -> key + " is given from memory",
        () -> {
          own.send("GET", key);
          return given() > before;
        });
  }

  private double given() {
    return hits("users", "user:near:*")
        + counted("cashew_cache_missing_hits_total", "users", "user:near:*");
  }

  private static Object orNil(Object reply) {
    return reply == null ? "nil" : reply;
  }

  @Test
  void transactionsAndScriptsInThemEndWhatIsKept() {
    own.send("SET", "user:near:1", "0");
    own.send("SET", "user:near:2", "0");
    keep(own, "users", "user:near:*", "GET", "user:near:1");
    keep(own, "users", "user:near:*", "GET", "user:near:2");
    assertEquals("OK", front.send("MULTI"));
    assertEquals("QUEUED", front.send("INCR", "user:near:1"));
    assertEquals(
        "QUEUED", front.send("EVAL", "return redis.call('INCR',KEYS[1])", "1", "user:near:2"));
    assertEquals(List.of(1L, 1L), front.send("EXEC"));
    assertEquals("1", own.send("GET", "user:near:1"));
    assertEquals("1", own.send("GET", "user:near:2"));
    front.send("MULTI");
    front.send("INCR", "user:near:1");
    front.send("DISCARD");
    front.send("MULTI");
    assertInstanceOf(ErrorReply.class, queuedBoth());
    assertInstanceOf(ErrorReply.class, front.send("EXEC"));
    assertEquals("1", front.send("GET", "user:near:1"));
  }

  private Object queuedBoth() {
    front.send("INCR", "user:near:1");
    return front.send("INCR", "page:1");
  }

  @Test
  void hashesAreKeptByRoutesToo() {
    front.send("HSET", "user:near:h", "f", "1");
    keep(front, "users", "user:near:*", "HGET", "user:near:h", "f");
    own.send("HSET", "user:near:h", "f", "2");
    assertEquals("2", front.send("HGET", "user:near:h", "f"));
    assertEquals(List.of("f", "2"), front.send("HGETALL", "user:near:h"));
  }

  @Test
  void keysOfSeveralPoolsAreAnsweredFromTheMemoryOfEach() {
    front.send("MSET", "user:near:1", "u", "page:1", "p", "lock", "l");
    keep(front, "users", "user:near:*", "GET", "user:near:1");
    keep(front, "pages", "page:*", "GET", "page:1");
    double users = hits("users", "user:near:*");
    double pages = hits("pages", "page:*");
    assertEquals(List.of("p", "u"), front.send("MGET", "page:1", "user:near:1"));
    assertEquals(users + 1, hits("users", "user:near:*"));
    assertEquals(pages + 1, hits("pages", "page:*"));
    assertEquals(List.of("l", "p", "u"), front.send("MGET", "lock", "page:1", "user:near:1"));
    assertEquals("OK", front.send("MSET", "page:1", "q", "user:near:1", "v"));
    assertEquals(List.of("q", "v"), front.send("MGET", "page:1", "user:near:1"));
    assertEquals("v", own.send("GET", "user:near:1"));
  }

  @Test
  void anMgetOfSeveralPoolsFillsTheMemoryOfEach() {
    front.send("MSET", "user:near:1", "u", "page:1", "p");
    keep(front, "pages", "page:*", "MGET", "page:1", "user:near:1");
    double users = hits("users", "user:near:*");
    assertEquals("u", own.send("GET", "user:near:1"));
    assertEquals(users + 1, hits("users", "user:near:*"));
  }

  @Test
  void whatDoesNotExistIsKeptToo() {
    Await.until(
        () -> "memory knows that there is none",
        () -> {
          assertNull(front.send("GET", "user:near:none"));
          return counted("cashew_cache_missing_hits_total", "users", "user:near:*") > 0;
        });
    assertEquals("OK", own.send("SET", "user:near:none", "v"));
    assertEquals("v", front.send("GET", "user:near:none"));
  }

  @Test
  void aPoolWithoutRulesKeepsNothing() {
    front.send("SET", "lock", "1");
    front.send("GET", "lock");
    directly(SERVERS.get(2), "SET", "lock", "2");
    assertEquals("2", front.send("GET", "lock"));
    assertEquals("2", front.send("GET", "lock"));
  }

  // ---------------------------------------------------------------- loading

  @Test
  void whoComesByRoutesWaitsForALoaderOfTheOwnPort() {
    Await.until(() -> "the server is heard", () -> proxy.metric("cashew_node_cache_unheard") == 0);
    assertNull(own.send("GET", "user:lease:1"));
    front.write(RawClient.request("GET", "user:lease:1"));
    Await.until(
        () -> "it waits",
        () -> counted("cashew_cache_lease_waits_total", "users", "user:lease:*") == 1);
    own.send("SET", "user:lease:1", "loaded");
    assertEquals("loaded", front.read());
  }

  @Test
  void whoComesByRoutesLoads() {
    Await.until(() -> "the server is heard", () -> proxy.metric("cashew_node_cache_unheard") == 0);
    assertNull(front.send("GET", "user:lease:1"));
    own.write(RawClient.request("GET", "user:lease:1"));
    Await.until(
        () -> "it waits",
        () -> counted("cashew_cache_lease_waits_total", "users", "user:lease:*") == 1);
    front.send("SET", "user:lease:1", "loaded");
    assertEquals("loaded", own.read());
  }

  @Test
  void aValueThatWasDeletedByRoutesIsGivenWhileAnotherIsLoaded() {
    own.send("SET", "user:stale:1", "old");
    keep(own, "users", "user:stale:*", "GET", "user:stale:1");
    assertEquals(1L, front.send("DEL", "user:stale:1", "page:1"));
    assertNull(front.send("GET", "user:stale:1"));
    assertEquals("old", own.send("GET", "user:stale:1"));
    front.send("SET", "user:stale:1", "new");
    assertEquals("new", own.send("GET", "user:stale:1"));
  }

  @Test
  void whatWasKeptIsGivenByRoutesWhileItsServerIsAway() {
    RealRedis away = RealRedis.start();
    proxy.take(config(RULES, "").replace(SERVERS.get(0).address(), away.address()));
    front.send("SET", "user:error:1", "v");
    front.send("GET", "user:error:1");
    Await.until(
        () -> "it is kept",
        () -> {
          front.send("GET", "user:error:1");
          return counted("cashew_cache_entries", "users", "user:error:*") > 0;
        });
    away.close();
    assertEquals("v", front.send("GET", "user:error:1"));
    assertEquals("v", own.send("GET", "user:error:1"));
  }

  @Test
  void keysThatDoNotExistAreKeptFromTheServer() {
    front.send("SET", "user:guard:there", "v");
    String rule = "user:guard:*";
    Await.until(
        () -> "the filter answers",
        () -> {
          assertNull(front.send("GET", "user:guard:none"));
          return counted("cashew_cache_guarded_total", "users", rule) > 0;
        });
    double before = counted("cashew_cache_guarded_total", "users", rule);
    assertNull(own.send("GET", "user:guard:none"));
    assertEquals(before + 1, counted("cashew_cache_guarded_total", "users", rule));
    assertEquals("v", front.send("GET", "user:guard:there"));
    front.send("SET", "user:guard:none", "now");
    assertEquals("now", own.send("GET", "user:guard:none"));
    front.send("MULTI");
    front.send("SET", "user:guard:queued", "now");
    front.send("EXEC");
    assertEquals("now", own.send("GET", "user:guard:queued"));
    assertEquals(Arrays.asList(null, "now"), mget("user:guard:x", "user:guard:none"));
    assertEquals(Arrays.asList(null, null), mget("user:guard:x", "page:none"));
  }

  private Object mget(String one, String other) {
    return front.send("MGET", one, other);
  }

  // ---------------------------------------------------------------- rates, lives, deletions

  private static boolean isLimited(Object reply) {
    return reply instanceof ErrorReply error && error.text().startsWith("RATELIMITED");
  }

  @Test
  void ratesAreSharedWithTheOwnPort() {
    for (String rule : List.of("rate", "key")) {
      Await.until(
          () -> "both together are above the rate of " + rule,
          () -> {
            boolean limited = false;
            for (int i = 0; i < 2; i++) {
              limited |= isLimited(front.send("GET", "user:" + rule + ":1"));
              limited |= isLimited(own.send("GET", "user:" + rule + ":1"));
            }
            return limited;
          });
      assertTrue(counted("cashew_cache_rate_limited_total", "users", "user:" + rule + ":*") > 0);
    }
  }

  @Test
  void theRateOfAClientIsItsOwn() {
    Await.until(
        () -> "it is above its rate",
        () -> {
          List<Object> replies = new ArrayList<>();
          for (int i = 0; i < 4; i++) {
            replies.add(front.send("SET", "user:client:1", "v"));
          }
          return replies.stream().anyMatch(RoutesCacheTest::isLimited);
        });
    assertEquals("v", own.send("GET", "user:client:1"));
    assertEquals("OK", front.send("SET", "lock", "v"));
  }

  @Test
  void timesToLiveAreLongerByRoutes() {
    long longest = 0;
    for (int i = 0; i < 20; i++) {
      front.send("SET", "user:long:" + i, "v", "EX", "1000");
      longest = Math.max(longest, (Long) front.send("TTL", "user:long:" + i));
    }
    assertTrue(longest > 1000, "" + longest);
    front.send("SETEX", "lock", "1000", "v");
    assertTrue((Long) front.send("TTL", "lock") <= 1000);
  }

  @Test
  void deletionsByRoutesAreRepeated() {
    front.send("MSET", "user:twice:1", "v", "page:twice:1", "v");
    assertEquals(2L, front.send("DEL", "page:twice:1", "user:twice:1"));
    directly(SERVERS.get(0), "SET", "user:twice:1", "old row");
    directly(SERVERS.get(1), "SET", "page:twice:1", "v");
    Await.until(
        () -> "it is deleted again",
        () -> directly(SERVERS.get(0), "GET", "user:twice:1").equals("nil"));
    Await.until(
        () -> "it is counted",
        () -> counted("cashew_cache_redeleted_total", "users", "*:twice:*") == 1);
    assertEquals("v", directly(SERVERS.get(1), "GET", "page:twice:1"));
  }

  // ---------------------------------------------------------------- users

  @Test
  void whatIsKeptIsGivenToNobodyWhoMayNotReadIt() {
    proxy.take(
        config(
            RULES,
            """
            auth.users {
              default { rules = "on nopass ~* &* +@all" }
              pages { rules = "on >pw ~page:* +@all" }
              exempt { rules = "on >pw ~* +@all", cache = off }
            }
            """));
    front.send("SET", "user:near:1", "v");
    keep(front, "users", "user:near:*", "GET", "user:near:1");
    RawClient pages = open.connect(port);
    pages.send("AUTH", "pages", "pw");
    assertTrue(
        assertInstanceOf(ErrorReply.class, pages.send("GET", "user:near:1"))
            .text()
            .startsWith("NOPERM"));
    RawClient exempt = open.connect(port);
    exempt.send("AUTH", "exempt", "pw");
    double before = hits("users", "user:near:*");
    assertEquals("v", exempt.send("GET", "user:near:1"));
    assertEquals("v", exempt.send("GET", "user:near:1"));
    assertEquals(before, hits("users", "user:near:*"));
    exempt.send("SET", "user:near:1", "w");
    assertEquals("w", own.send("GET", "user:near:1"));
  }

  @Test
  void aUsersKeysAreKeptWhereTheyBelong() {
    proxy.take(
        config(RULES, "auth.users.reports { rules = \"on >pw ~* +@all\" }")
            .replace("routes = [", "routes = [ { user = reports, pool = pages }"));
    RawClient reports = open.connect(port);
    reports.send("AUTH", "reports", "pw");
    front.send("SET", "user:near:1", "everybody's");
    reports.send("SET", "page:1", "p");
    reports.send("SET", "user:near:1", "reports'");
    keep(front, "users", "user:near:*", "GET", "user:near:1");
    keep(reports, "pages", "page:*", "GET", "page:1");
    assertEquals("reports'", reports.send("GET", "user:near:1"));
    assertEquals("everybody's", front.send("GET", "user:near:1"));
    String large = "x".repeat(1 << 20);
    reports.send("SET", "page:1", large);
    assertEquals(large, front.send("GET", "page:1"));
    reports.send("SET", "user:near:1", large);
    assertEquals("everybody's", front.send("GET", "user:near:1"));
  }

  // ---------------------------------------------------------------- changes

  @Test
  void rulesOfATargetMayChangeWhileItsFrontServes() {
    front.send("SET", "user:other", "v");
    front.send("GET", "user:other");
    proxy.take(config(RULES + " { match = \"user:other\", near = 60s }", ""));
    keep(front, "users", "user:other", "GET", "user:other");
    own.send("SET", "user:other", "w");
    assertEquals("w", front.send("GET", "user:other"));
    proxy.take(config("{ match = nothing }", ""));
    directly(SERVERS.get(0), "SET", "user:other", "x");
    assertEquals("x", front.send("GET", "user:other"));
    assertFalse(
        isLimited(front.send("MGET", "user:rate:1", "user:rate:2", "user:rate:3", "user:rate:4")));
  }

  @Test
  void aRouteMayLeadFromOneMemoryToAnother() {
    front.send("SET", "page:1", "in pages");
    keep(front, "pages", "page:*", "GET", "page:1");
    proxy.take(
        config(RULES, "")
            .replace("keys = \"page:*\", pool = pages", "keys = \"page:x\", pool = pages"));
    assertNull(front.send("GET", "page:1"));
    front.send("SET", "page:1", "in locks");
    proxy.take(config(RULES, ""));
    assertEquals("in pages", front.send("GET", "page:1"));
  }
}
