package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.config.CacheSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.Keys;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.Opened;
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

/**
 * MGET of keys whose values come from memory, since they have ended or their node is away, and of
 * keys that their nodes have: each by its own rule, in the order asked.
 */
@ExtendWith(LeakCheck.class)
final class MixedReadsTest {
  private static final long LONG = 600_000;
  private static final int NODES = 3;
  private static final int KEYS = 8;

  /** "key:" has what is kept for errors, "ended:" what is given after its end, others nothing. */
  private static final List<CacheRule> RULES =
      List.of(Rules.staleOnError("key:*", 0, LONG), Rules.stale("ended:*", 0, LONG).at(1));

  private final Opened opened = new Opened();
  private final List<RealRedis> servers = new ArrayList<>();
  private final List<RawClient> direct = new ArrayList<>();
  private final Keys keys = Keys.over(NODES);

  @BeforeEach
  void startServers() {
    for (int i = 0; i < NODES; i++) {
      servers.add(opened.keep(RealRedis.start()));
      direct.add(opened.keep(servers.get(i).connect()));
    }
  }

  private TestProxy start(long timeoutMillis, int nodes) {
    TestProxy.Builder builder =
        new TestProxy.Builder()
            .workers(2)
            .timeoutMillis(timeoutMillis)
            .with(CacheSettings.RULES, RULES);
    for (int i = 0; i < nodes; i++) {
      builder.node(servers.get(i).port());
    }
    return opened.keep(builder.start());
  }

  @AfterEach
  void stop() throws Exception {
    opened.close();
  }

  private RawClient connect(TestProxy to) {
    return opened.keep(to.connect());
  }

  private static Object mget(RawClient client, List<String> of) {
    List<String> request = new ArrayList<>(List.of("MGET"));
    request.addAll(of);
    return client.send(request.toArray(String[]::new));
  }

  private static double kept(TestProxy proxy, String rule) {
    return proxy.metric("cashew_cache_entries{pool=\"test\",rule=\"" + rule + "\"}");
  }

  // ---------------------------------------------------------------- a node is away

  /** Keys of all nodes in turns: of the first what is kept, of the others what they say. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void keysOfANodeThatIsAwayAreGivenAsTheyWereAndOthersAsTheyAre(boolean atOnce) {
    TestProxy proxy = start(300, NODES);
    RawClient client = connect(proxy);
    List<String> asked = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      for (int node = 0; node < NODES; node++) {
        asked.add(keys.on(node, KEYS).get(i));
      }
    }
    asked.forEach(key -> direct.get(keys.nodeOf(key)).send("SET", key, "was " + key));
    Await.until(
        "all are kept",
        () -> {
          mget(client, asked);
          return kept(proxy, "key:*") == asked.size();
        });
    servers.get(0).freeze();
    if (atOnce) { // since the node is known to be away
      String other = otherOf(0);
      Await.until(
          "no request is sent",
          () -> {
            client.send("GET", other);
            return proxy.node("n0", "circuit_open") == 1;
          });
    }
    List<String> expected = new ArrayList<>();
    for (String key : asked) {
      boolean away = keys.nodeOf(key) == 0;
      expected.add((away ? "was " : "is ") + key);
      if (!away) {
        direct.get(keys.nodeOf(key)).send("SET", key, "is " + key);
      }
    }
    for (int i = 0; i < 5; i++) {
      assertEquals(expected, mget(client, asked));
    }
    assertEquals(
        5.0 * KEYS,
        proxy.metric("cashew_cache_stale_on_error_total{pool=\"test\",rule=\"key:*\"}"));
    asked.add(otherOf(0));
    assertTrue(mget(client, asked) instanceof RawClient.ErrorReply);
    asked.remove(asked.size() - 1);
    assertTrue(client.send("SET", asked.get(0), "w") instanceof RawClient.ErrorReply);
    assertTrue(mget(client, asked) instanceof RawClient.ErrorReply);
    servers.get(0).thaw();
    Await.until("it serves again", () -> mget(client, asked) instanceof List<?>);
  }

  /** A key of a node for which there is no rule. */
  private String otherOf(int node) {
    int i = 0;
    while (keys.nodeOf("other:" + i) != node) {
      i++;
    }
    return "other:" + i;
  }

  // ---------------------------------------------------------------- keys have ended

  private static double stale(TestProxy proxy) {
    return proxy.metric("cashew_cache_stale_total{pool=\"test\",rule=\"ended:*\"}");
  }

  /**
   * A GET waits until its server was asked how the key ended; an MGET is told that it is not there.
   */
  private static void awaitGiven(RawClient client, String key, String value) {
    Await.until(key + " is given", () -> value.equals(client.send("GET", key)));
  }

  /** One node, and several: the reply to MGET is merged in both cases. */
  @ParameterizedTest
  @ValueSource(ints = {1, NODES})
  void valuesThatHaveEndedAreGivenBesideThoseOfTheNodes(int nodes) {
    TestProxy proxy = start(30_000, nodes);
    RawClient loader = connect(proxy);
    RawClient other = connect(proxy);
    List<String> asked =
        List.of("ended:1", "other:1", "ended:2", "ended:never", "ended:3", "other:2", "ended:1");
    for (String key : asked) {
      if (!key.equals("ended:never")) {
        loader.send("SET", key, "of " + key);
      }
    }
    Await.until(
        "all are kept",
        () -> {
          mget(loader, asked.subList(0, 6)); // of a key that is asked for twice nothing is kept
          return kept(proxy, "ended:*") == 3;
        });
    loader.send("DEL", "ended:1");
    loader.send("DEL", "ended:3");
    List<String> nils =
        Arrays.asList(null, "of other:1", "of ended:2", null, null, "of other:2", null);
    List<String> values =
        Arrays.asList(
            "of ended:1",
            "of other:1",
            "of ended:2",
            null,
            "of ended:3",
            "of other:2",
            "of ended:1");
    assertEquals(nils, mget(loader, asked)); // it loads both
    awaitGiven(other, "ended:1", "of ended:1");
    awaitGiven(other, "ended:3", "of ended:3");
    double before = stale(proxy);
    assertEquals(values, mget(other, asked));
    assertEquals(nils, mget(loader, asked));
    assertEquals(3, stale(proxy) - before);
    loader.send("SET", "ended:1", "new");
    List<String> next =
        Arrays.asList("new", "of other:1", "of ended:2", null, "of ended:3", "of other:2", "new");
    assertEquals(next, mget(other, asked));
    assertEquals("of ended:3", other.send("GET", "ended:3"));
    loader.close();
    Await.until("it has left", () -> proxy.metric("cashew_clients{pool=\"test\"}") == 1);
    assertNull(other.send("GET", "ended:3"));
  }

  @Test
  void inResp3NilsAndValuesAreGivenSoToo() {
    TestProxy proxy = start(30_000, 1);
    RawClient loader = connect(proxy);
    RawClient other = connect(proxy);
    loader.send("SET", "ended:1", "v");
    Await.until(
        "it is kept",
        () -> {
          loader.send("GET", "ended:1");
          return kept(proxy, "ended:*") == 1;
        });
    loader.send("DEL", "ended:1");
    assertNull(loader.send("GET", "ended:1"));
    awaitGiven(other, "ended:1", "v");
    other.write(RawClient.request("HELLO", "3"));
    other.write(RawClient.request("MGET", "ended:never", "ended:1", "other"));
    other.write(RawClient.request("PING"));
    String all = other.readUntil("+PONG\r\n");
    assertTrue(all.endsWith("*3\r\n_\r\n$1\r\nv\r\n_\r\n+PONG\r\n"), all);
  }
}
