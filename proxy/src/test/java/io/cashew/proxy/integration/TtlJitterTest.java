package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Times to live that get longer by rules, through the proxy to a real node. */
@ExtendWith(LeakCheck.class)
final class TtlJitterTest {
  /** So long that what a test takes does not count: 10 % of it is more than a day. */
  private static final long TTL = 1_000_000;

  private static RealRedis node;

  @TempDir Path directory;
  private FileProxy proxy;
  private RawClient client;
  private RawClient direct;

  @BeforeAll
  static void startNode() {
    node = RealRedis.startInstalled().orElseGet(RealRedis::start);
  }

  @AfterAll
  static void stopNode() {
    node.close();
  }

  @BeforeEach
  void start() {
    int port = FreePorts.next();
    String file =
        """
        cashew {
          admin.listen = off
          pools.p {
            listen = "127.0.0.1:%d"
            nodes = [ "127.0.0.1:%d a" ]
            auth.users {
              default { rules = "on nopass ~* &* +@all" }
              exempt { rules = "on >e ~* +@all", cache = off }
            }
            cache.rules = [ { match = "j:*", ttl-jitter = 20%% } ]
          }
        }
        """
            .formatted(port, node.port());
    proxy = FileProxy.start(directory.resolve("cashew.conf"), file);
    client = new RawClient(port);
    direct = new RawClient(node.port());
  }

  @AfterEach
  void stop() {
    client.close();
    direct.close();
    proxy.close();
  }

  private static String text(@Nullable Object reply) {
    return reply instanceof ErrorReply error ? error.text() : String.valueOf(reply);
  }

  /** How much longer than {@link #TTL} a key lives, in seconds. */
  private double more(String key) {
    return Long.parseLong(text(direct.send("PTTL", key))) / 1e3 - TTL;
  }

  private void assertLonger(String key) {
    double more = more(key);
    // One in fifty million is shorter than what a test may take.
    assertTrue(more > -60 && more <= 0.2 * TTL, key + " lives " + more + " s more");
    assertTrue(more > 1, key + " lives " + more + " s more");
  }

  private void assertAsIs(String key) {
    assertTrue(Math.abs(more(key)) < 60, key + " lives " + more(key) + " s more");
  }

  @Test
  void tenThousandKeysOfOneTimeExpireSpreadEvenly() {
    int keys = 10_000;
    for (int from = 0; from < keys; from += 500) {
      ByteArrayOutputStream requests = new ByteArrayOutputStream();
      for (int i = from; i < from + 500; i++) {
        requests.writeBytes(RawClient.request("SET", "j:" + i, "v", "EX", "" + TTL));
      }
      client.write(requests.toByteArray());
      for (int i = 0; i < 500; i++) {
        assertEquals("OK", text(client.read()));
      }
    }
    int[] counts = new int[20];
    for (int i = 0; i < keys; i++) {
      double more = more("j:" + i);
      assertTrue(more > -60 && more <= 0.2 * TTL, i + ": " + more);
      counts[(int) Math.max(0, Math.min(19, more / (0.2 * TTL) * 20))]++;
    }
    for (int count : counts) { // of 500 each; the deviation is 22
      assertTrue(count > 350 && count < 650, Arrays.toString(counts));
    }
  }

  @Test
  void everyCommandThatSetsATimeIsSeenTo() {
    String at = "" + (System.currentTimeMillis() / 1000 + TTL);
    for (List<String> request :
        List.of(
            List.of("SET", "j:k", "v", "EX", "" + TTL),
            List.of("SET", "j:k", "v", "PX", TTL + "000"),
            List.of("SET", "j:k", "v", "EXAT", at),
            List.of("SET", "j:k", "v", "PXAT", at + "000"),
            List.of("SETEX", "j:k", "" + TTL, "v"),
            List.of("PSETEX", "j:k", TTL + "000", "v"),
            List.of("GETEX", "j:k", "EX", "" + TTL),
            List.of("GETEX", "j:k", "PXAT", at + "000"),
            List.of("EXPIRE", "j:k", "" + TTL),
            List.of("PEXPIRE", "j:k", TTL + "000"),
            List.of("EXPIREAT", "j:k", at),
            List.of("PEXPIREAT", "j:k", at + "000"))) {
      direct.send("SET", "j:k", "v", "EX", "10");
      String reply = text(client.send(request.toArray(String[]::new)));
      assertTrue(List.of("OK", "v", "1").contains(reply), request + ": " + reply);
      assertLonger("j:k");
    }
  }

  @Test
  void conditionsCompareTheLongerLife() {
    assumeTrue(text(direct.send("INFO", "server")).contains("redis_version:7"), "since Redis 7.0");
    direct.send("SET", "j:k", "v", "EX", "" + (TTL / 2));
    assertEquals("0", text(client.send("EXPIRE", "j:k", "" + TTL, "LT")));
    assertEquals("1", text(client.send("EXPIRE", "j:k", "" + TTL, "GT")));
    assertLonger("j:k");
    assertEquals("0", text(client.send("EXPIRE", "j:k", "" + (TTL / 2), "GT")));
    assertEquals("0", text(client.send("EXPIRE", "j:k", "" + TTL, "NX")));
    assertEquals("null", text(client.send("SET", "j:k", "w", "NX", "EX", "5")));
    assertEquals("OK", text(client.send("SET", "j:k", "w", "KEEPTTL")));
    assertLonger("j:k");
  }

  @Test
  void otherKeysExemptUsersTransactionsAndScriptsAreAsTheyAre() {
    client.send("SET", "other", "v", "EX", "" + TTL);
    assertAsIs("other");
    client.send("MULTI");
    client.send("SET", "j:t", "v", "EX", "" + TTL);
    client.send("EXEC");
    assertAsIs("j:t");
    client.send("EVAL", "return redis.call('SETEX', KEYS[1], ARGV[1], 'v')", "1", "j:s", "" + TTL);
    assertAsIs("j:s");
    client.send("AUTH", "exempt", "e");
    client.send("SET", "j:e", "v", "EX", "" + TTL);
    assertAsIs("j:e");
  }

  @Test
  void errorsAreTheNodesOwn() {
    assertEquals(
        text(direct.send("SETEX", "j:k", "0", "v")), text(client.send("SETEX", "j:k", "0", "v")));
    assertEquals(
        "ERR value is not an integer or out of range",
        text(client.send("SET", "j:k", "v", "EX", "ten")));
    assertEquals("ERR syntax error", text(client.send("SET", "j:k", "v", "EX", "1", "PX", "1")));
  }

  /** Wherever the bytes are cut that follow a value too large to be held. */
  @Test
  void largeValuesPassAndLiveLonger() {
    String large = "v".repeat(1 << 20);
    for (List<String> request :
        List.of(
            List.of("SET", "j:k", large, "EX", "" + TTL),
            List.of("SET", "j:k", large, "XX", "PX", TTL + "000", "GET"),
            List.of("SETEX", "j:k", "" + TTL, large),
            List.of("PSETEX", "j:k", TTL + "000", large))) {
      byte[] bytes = RawClient.request(request.toArray(String[]::new));
      int behind = request.get(0).equals("SET") ? 60 : 0;
      for (int cut = bytes.length - behind; cut <= bytes.length; cut += 7) {
        direct.send("SET", "j:k", "before", "EX", "10");
        client.write(Arrays.copyOf(bytes, cut));
        if (cut < bytes.length) {
          client.write(Arrays.copyOfRange(bytes, cut, bytes.length));
        }
        String reply = text(client.read());
        assertTrue(List.of("OK", "before").contains(reply), reply);
        assertLonger("j:k");
        assertEquals("" + large.length(), text(client.send("STRLEN", "j:k")));
      }
    }
  }

  @Test
  void largeValuesWithoutATimeAndWithMuchBehindThemPassAsTheyAre() {
    String large = "v".repeat(1 << 20);
    assertEquals("OK", text(client.send("SET", "j:k", large)));
    assertEquals("-1", text(direct.send("TTL", "j:k")));
    assertEquals("ERR syntax error", text(client.send("SET", "j:k", large, "x".repeat(5000))));
    assertEquals("OK", text(client.send("SET", "other", large, "EX", "" + TTL)));
    assertAsIs("other");
    assertEquals("PONG", text(client.send("PING")));
  }
}
