package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Requests above a rate, through a proxy of two workers to two real nodes. */
@ExtendWith(LeakCheck.class)
final class RequestRatesTest {
  private static final List<RealRedis> NODES = new ArrayList<>();

  @TempDir Path directory;
  private final int port = FreePorts.next();

  @BeforeAll
  static void start() {
    NODES.add(RealRedis.start());
    NODES.add(RealRedis.start());
  }

  @AfterAll
  static void stop() {
    NODES.forEach(RealRedis::close);
  }

  private String file(String lines) {
    return FileProxy.config(port, 2, NODES, lines);
  }

  private FileProxy proxy(String lines) {
    return FileProxy.start(directory.resolve("cashew.conf"), file(lines));
  }

  /** What became of requests that were sent at once. */
  private record Outcome(int passed, int refused, long nanos) {
    /** As many pass as a second brings, and no more than have come since. */
    void assertRate(int perSecond) {
      assertTrue(passed >= perSecond, this + " at " + perSecond);
      assertTrue(passed <= perSecond + perSecond * nanos / 1e9 + 1, this + " at " + perSecond);
      assertTrue(refused > 0, this::toString);
    }
  }

  private static Outcome sendAtOnce(RawClient client, int count, String... request) {
    long start = System.nanoTime();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      all.writeBytes(RawClient.request(request));
    }
    client.write(all.toByteArray());
    int refused = 0;
    for (int i = 0; i < count; i++) {
      if (isLimited(client.read())) {
        refused++;
      }
    }
    return new Outcome(count - refused, refused, System.nanoTime() - start);
  }

  private static boolean isLimited(@Nullable Object reply) {
    return reply instanceof ErrorReply error && error.text().startsWith("RATELIMITED ");
  }

  private static String text(@Nullable Object reply) {
    return reply instanceof ErrorReply error ? error.text() : String.valueOf(reply);
  }

  @Test
  void aRuleLetsAsManyRequestsPassAsItsRateSaysOverAllWorkers() {
    try (FileProxy proxy = proxy("cache.rules = [ { match = \"sale:*\", rate = 20/s } ]");
        RawClient one = new RawClient(port);
        RawClient two = new RawClient(port)) {
      long start = System.nanoTime();
      Outcome first = sendAtOnce(one, 100, "GET", "sale:1");
      Outcome second = sendAtOnce(two, 100, "GET", "sale:2");
      new Outcome(
              first.passed + second.passed,
              first.refused + second.refused,
              System.nanoTime() - start)
          .assertRate(20);
      assertEquals(0, sendAtOnce(one, 100, "GET", "other").refused);
      assertEquals(
          first.refused + second.refused,
          proxy.metric("cashew_cache_rate_limited_total{pool=\"p\",rule=\"sale:*\"}"));
      assertEquals(
          first.refused + second.refused,
          proxy.metric("cashew_error_replies_total{kind=\"rate_limited\",pool=\"p\"}"));
    }
  }

  @Test
  void theErrorSaysWhatTheRateIs() {
    try (FileProxy proxy = proxy("cache.rules = [ { match = \"sale:*\", rate = 1/s } ]");
        RawClient client = new RawClient(port)) {
      client.write(RawClient.request("MGET", "sale:1", "sale:2"));
      assertEquals(
          "RATELIMITED Too many requests for keys of 'sale:*': more than 1 in a second, try again"
              + " later",
          text(client.read()));
      assertEquals(0, proxy.metric("cashew_cache_rate_limited_total{pool=\"q\""));
    }
  }

  @Test
  void everyKeyOfARequestCountsAndARefusedOneTakesNothing() {
    try (FileProxy proxy = proxy("cache.rules = [ { match = \"sale:*\", rate = 3/s } ]");
        RawClient client = new RawClient(port)) {
      ByteArrayOutputStream requests = new ByteArrayOutputStream();
      requests.writeBytes(RawClient.request("MGET", "sale:1", "sale:2", "sale:3", "sale:4"));
      requests.writeBytes(RawClient.request("MSET", "sale:1", "a", "x", "a", "sale:2", "b"));
      requests.writeBytes(RawClient.request("EXISTS", "x", "sale:2"));
      requests.writeBytes(RawClient.request("EVAL", "return 7", "2", "{x}", "sale:{x}"));
      requests.writeBytes(RawClient.request("GET", "x"));
      client.write(requests.toByteArray());
      assertTrue(isLimited(client.read()));
      assertEquals("OK", text(client.read()));
      assertEquals("2", text(client.read()));
      assertTrue(isLimited(client.read()));
      assertEquals("a", text(client.read()));
      assertEquals(2, proxy.metric("cashew_cache_rate_limited_total"));
    }
  }

  @Test
  void eachKeyAndEachClientHasARateOfItsOwn() {
    String rules =
        """
        cache.rules = [
          { match = "key:*", rate-per-key = 5/s }
          { match = "client:*", rate-per-client = 5/s }
        ]
        """;
    try (FileProxy proxy = proxy(rules);
        RawClient one = new RawClient(port);
        RawClient two = new RawClient(port)) {
      sendAtOnce(one, 50, "GET", "key:1").assertRate(5);
      sendAtOnce(one, 50, "GET", "key:2").assertRate(5);
      sendAtOnce(one, 50, "GET", "client:1").assertRate(5);
      sendAtOnce(two, 50, "GET", "client:2").assertRate(5);
      assertTrue(proxy.metric("cashew_cache_rate_limited_total") > 100);
    }
  }

  @Test
  void aRefusalInATransactionAbortsIt() {
    try (FileProxy proxy = proxy("cache.rules = [ { match = \"sale:*\", rate = 1/s } ]");
        RawClient client = new RawClient(port)) {
      ByteArrayOutputStream requests = new ByteArrayOutputStream();
      requests.writeBytes(RawClient.request("MULTI"));
      requests.writeBytes(RawClient.request("SET", "{t}x", "before"));
      requests.writeBytes(RawClient.request("MSET", "sale:{t}1", "1", "sale:{t}2", "2"));
      requests.writeBytes(RawClient.request("EXEC"));
      requests.writeBytes(RawClient.request("EXISTS", "{t}x"));
      client.write(requests.toByteArray());
      assertEquals("OK", text(client.read()));
      assertEquals("QUEUED", text(client.read()));
      assertTrue(isLimited(client.read()));
      assertTrue(text(client.read()).startsWith("EXECABORT "));
      assertEquals("0", text(client.read()));
      assertEquals(1, proxy.metric("cashew_cache_rate_limited_total"));
    }
  }

  @Test
  void aLargeValueIsRefusedAsItBegins() {
    String large = "v".repeat(2 << 20);
    try (FileProxy proxy = proxy("cache.rules = [ { match = \"sale:*\", rate = 1/s } ]");
        RawClient client = new RawClient(port)) {
      int refused = 0;
      for (int i = 0; i < 50 && refused == 0; i++) {
        client.write(RawClient.request("GET", "sale:1"));
        client.write(RawClient.request("SET", "sale:1", large));
        client.write(RawClient.request("SET", "other", large));
        client.read();
        refused += isLimited(client.read()) ? 1 : 0;
        assertEquals("OK", text(client.read()));
      }
      assertEquals(1, refused);
      assertEquals("PONG", text(client.send("PING")));
      assertTrue(proxy.metric("cashew_cache_rate_limited_total") > 0);
    }
  }

  @Test
  void aPoolAUserAndAnAddressHaveLimits() {
    String users =
        """
        auth.users {
          default { rules = "on nopass ~* &* +@all" }
          bob { rules = "on >b ~* +@all", requests-per-second = 7 }
        }
        """;
    try (FileProxy proxy = proxy("limits.requests-per-second = 10");
        RawClient client = new RawClient(port)) {
      sendAtOnce(client, 100, "GET", "k").assertRate(10);
      assertTrue(text(client.send("AUTH", "x")).startsWith("ERR AUTH"), "AUTH is never refused");
      proxy.take(file("limits.requests-per-second-per-address = 20"));
      sendAtOnce(client, 100, "PING").assertRate(20);
      proxy.take(file("limits.requests-per-second-per-user = 30, " + users));
      sendAtOnce(client, 100, "GET", "k").assertRate(30);
      client.send("AUTH", "bob", "b");
      sendAtOnce(client, 100, "GET", "k").assertRate(7);
      proxy.take(file(""));
      try (RawClient free = new RawClient(port)) {
        assertEquals(0, sendAtOnce(free, 200, "GET", "k").refused);
      }
    }
  }

  @Test
  void aUserThatIsExemptAndOneThatMayNotReadTheKeyTakeNothing() {
    String lines =
        """
        auth.users {
          free { rules = "on >f ~* +@all", cache = off }
          none { rules = "on >n ~other* +@all" }
        }
        cache.rules = [ { match = "sale:*", rate = 2/s } ]
        """;
    try (FileProxy proxy = proxy(lines);
        RawClient free = new RawClient(port);
        RawClient none = new RawClient(port)) {
      free.send("AUTH", "free", "f");
      none.send("AUTH", "none", "n");
      assertEquals(0, sendAtOnce(free, 50, "GET", "sale:1").refused);
      assertEquals(0, sendAtOnce(none, 50, "GET", "sale:1").refused);
      try (RawClient other = new RawClient(port)) {
        sendAtOnce(other, 50, "GET", "sale:1").assertRate(2);
      }
      assertTrue(proxy.metric("cashew_cache_rate_limited_total") > 0);
    }
  }

  @Test
  void aReloadThatChangesSomethingElseGivesNoTokens() {
    String rules = "cache.rules = [ { match = \"sale:*\", rate = 40/s } ]";
    try (FileProxy proxy = proxy(rules);
        RawClient client = new RawClient(port)) {
      long start = System.nanoTime();
      int passed = sendAtOnce(client, 100, "GET", "sale:1").passed;
      proxy.take(file(rules + ", timeout = 7s"));
      Outcome after = sendAtOnce(client, 100, "GET", "sale:1");
      new Outcome(passed + after.passed, 1, System.nanoTime() - start).assertRate(40);
    }
  }
}
