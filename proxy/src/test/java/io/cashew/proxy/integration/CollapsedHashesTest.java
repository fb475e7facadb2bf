package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.CacheSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.Rules;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Equal reads of hashes under way are one request of a worker, though nothing is kept. */
@ExtendWith(LeakCheck.class)
final class CollapsedHashesTest {
  private static final List<String> READS =
      List.of("HGET k f", "HGET k none", "HMGET k f none g", "HGETALL k", "HGET string f");

  private final RealRedis redis = RealRedis.start();
  private final RawClient direct = redis.connect();
  private final List<RawClient> clients = new ArrayList<>();
  private final TestProxy proxy = start(30_000);

  private TestProxy start(long timeoutMillis) {
    return new TestProxy.Builder()
        .timeoutMillis(timeoutMillis)
        .with(CacheSettings.RULES, List.of(Rules.collapse("*")))
        .node(redis.port())
        .start();
  }

  @AfterEach
  void stop() {
    clients.forEach(RawClient::close);
    proxy.close();
    direct.close();
    redis.close();
  }

  private RawClient connect(TestProxy to, int version) {
    RawClient client = to.connect();
    clients.add(client);
    hello(client, version);
    return client;
  }

  private static void hello(RawClient client, int version) {
    client.write(RawClient.request("HELLO", "" + version));
    bytes(client);
  }

  /** What comes until the next reply to a PING, which is sent. */
  private static String bytes(RawClient client) {
    client.write(RawClient.request("PING"));
    return client.readUntil("+PONG\r\n");
  }

  /** One of these clients, behind the others, asks at a server that does not answer. */
  private RawClient ask(String read, int version) {
    RawClient client = connect(proxy, version);
    client.write(RawClient.request(read.split(" ")));
    return client;
  }

  private void awaitInFlight(TestProxy at, int requests) {
    Await.until(
        "all have asked", () -> at.metric("cashew_requests_in_flight{pool=\"test\"}") == requests);
  }

  private String calls() {
    String stats = String.valueOf(direct.send("INFO", "commandstats"));
    List<String> calls = new ArrayList<>();
    for (String command : List.of("hget", "hmget", "hgetall")) {
      String name = "cmdstat_" + command + ":calls=";
      int from = stats.indexOf(name) + name.length();
      calls.add(from < name.length() ? "0" : stats.substring(from, stats.indexOf(',', from)));
    }
    return String.join(" ", calls);
  }

  @Test
  void eachClientHasTheReplyThatItsServerWouldGiveItAndTheServerIsAskedOnce() {
    direct.send("HSET", "k", "f", "v", "g", "_\r\n$-1\r\n", "", "*2\r\n");
    direct.send("SET", "string", "v");
    List<RawClient> asking = new ArrayList<>();
    redis.freeze();
    for (String read : READS) {
      for (int version : new int[] {2, 3, 2, 3}) {
        asking.add(ask(read, version));
      }
    }
    awaitInFlight(proxy, asking.size());
    redis.thaw();
    List<String> replies = asking.stream().map(CollapsedHashesTest::bytes).toList();
    assertEquals("3 1 1", calls());
    List<String> expected = new ArrayList<>();
    for (String read : READS) {
      for (int version : new int[] {2, 3, 2, 3}) {
        try (RawClient server = redis.connect()) {
          hello(server, version);
          server.write(RawClient.request(read.split(" ")));
          expected.add(bytes(server));
        }
      }
    }
    assertEquals(expected, replies);
  }

  @Test
  void whatIsAskedBehindAWriteIsNotAnsweredByWhatWasAskedBeforeIt() {
    direct.send("HSET", "k", "f", "v");
    redis.freeze();
    RawClient before = ask("HGET k f", 2);
    awaitInFlight(proxy, 1);
    RawClient writer = ask("HSET k f w", 2);
    awaitInFlight(proxy, 2);
    writer.write(RawClient.request("HGET", "k", "f"));
    RawClient behind = ask("HGET k f", 2);
    awaitInFlight(proxy, 4);
    redis.thaw();
    assertEquals("v", before.read());
    assertEquals(0L, writer.read());
    assertEquals("w", writer.read());
    assertEquals("w", behind.read());
  }

  @Test
  void whoAskedFirstMayLeave() {
    direct.send("HSET", "k", "f", "v");
    redis.freeze();
    RawClient first = ask("HGET k f", 2);
    awaitInFlight(proxy, 1);
    RawClient second = ask("HGET k f", 3);
    awaitInFlight(proxy, 2);
    first.reset();
    Await.until("it has left", () -> proxy.metric("cashew_clients{pool=\"test\"}") == 1);
    redis.thaw();
    assertEquals("v", second.read());
  }

  @Test
  void aReplyTooLongToBeHeldIsAskedForByEach() {
    String value = "x".repeat(200_000);
    direct.send("HSET", "k", "f", value);
    redis.freeze();
    RawClient first = ask("HGET k f", 2);
    awaitInFlight(proxy, 1);
    List<RawClient> others = List.of(ask("HGET k f", 2), ask("HGET k f", 2));
    awaitInFlight(proxy, 3);
    redis.thaw();
    assertEquals(value, first.read());
    others.forEach(each -> assertEquals(value, each.read()));
  }

  @Test
  void allFailWhenTheServerDoesNotAnswer() {
    direct.send("HSET", "k", "f", "v");
    try (TestProxy hasty = start(200)) {
      RawClient first = connect(hasty, 2);
      RawClient second = connect(hasty, 2);
      redis.freeze();
      first.write(RawClient.request("HGET", "k", "f"));
      second.write(RawClient.request("HGET", "k", "f"));
      assertTrue(first.read() instanceof RawClient.ErrorReply);
      assertTrue(second.read() instanceof RawClient.ErrorReply);
      redis.thaw();
      Await.until("it serves again", () -> "v".equals(second.send("HGET", "k", "f")));
    }
  }
}
