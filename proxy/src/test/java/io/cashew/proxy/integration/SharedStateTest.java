package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.Keys;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Commands that change what a node remembers of a connection, or a node itself: whoever sends them,
 * others on the same connections keep their database, their protocol, their replies and their pace.
 */
@ExtendWith(LeakCheck.class)
final class SharedStateTest {
  private static final Keys KEYS = Keys.over(2);
  private static final List<String> BOTH = List.of(KEYS.on(0), KEYS.on(1));

  private static RealRedis one;
  private static RealRedis two;
  private static TestProxy proxy;
  private static RawClient bystander;

  @BeforeAll
  static void start() {
    one = RealRedis.start();
    two = RealRedis.start();
    proxy = TestProxy.of(one, two);
    bystander = proxy.connect();
    BOTH.forEach(key -> assertEquals("OK", bystander.send("SET", key, "value of " + key)));
  }

  @AfterAll
  static void stop() {
    bystander.close();
    proxy.close();
    one.close();
    two.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 1",
        "SELECT 15",
        "MULTI",
        "MULTI;SET own{KEY} x",
        "MULTI;SET own{KEY} x;EXEC;MULTI",
        "WATCH KEY",
        "WATCH KEY;MULTI;GET KEY",
        "EXEC",
        "DISCARD",
        "UNWATCH",
        "SUBSCRIBE KEY",
        "PSUBSCRIBE *",
        "SSUBSCRIBE KEY",
        "UNSUBSCRIBE",
        "MONITOR",
        "BLPOP none{KEY} 0",
        "BRPOP none{KEY} 0",
        "BLMOVE none{KEY} other{KEY} LEFT RIGHT 0",
        "BRPOPLPUSH none{KEY} other{KEY} 0",
        "BZPOPMIN none{KEY} 0",
        "XREAD BLOCK 0 STREAMS none{KEY} $",
        "WAIT 1 0",
        "HELLO 3",
        "HELLO 3;GET KEY;SELECT 2;GET KEY",
        "CLIENT REPLY OFF",
        "CLIENT REPLY SKIP;GET KEY",
        "CLIENT SETNAME owned",
        "CLIENT NO-EVICT ON",
        "CLIENT TRACKING ON",
        "CLIENT CACHING YES",
        "CLIENT PAUSE 1",
        "CLIENT UNBLOCK 1",
        "AUTH x",
        "AUTH default x",
        "RESET",
        "QUIT",
        "ASKING",
        "READONLY",
        "READWRITE",
        "SHUTDOWN",
        "SHUTDOWN NOSAVE NOW FORCE",
        "DEBUG SLEEP 60",
        "DEBUG SEGFAULT",
        "CONFIG SET maxclients 1",
        "CONFIG SET requirepass owned",
        "CONFIG RESETSTAT",
        "REPLICAOF 127.0.0.1 1",
        "SLAVEOF 127.0.0.1 1",
        "FAILOVER",
        "SYNC",
        "PSYNC ? -1",
        "REPLCONF listening-port 1",
        "CLUSTER RESET",
        "SCRIPT KILL",
        "SCRIPT DEBUG YES",
        "FUNCTION KILL",
        "MIGRATE 127.0.0.1 1 KEY 0 100",
        "MODULE LOAD /nothing",
        "ACL SETUSER default off",
        "SAVE",
        "BGREWRITEAOF",
        "PFSELFTEST",
        "LATENCY RESET",
        "SLOWLOG RESET"
      })
  void othersDoNotNotice(String requests) {
    try (RawClient offender = proxy.connect()) {
      for (String request : requests.split(";")) {
        offender.write(RawClient.request(request.replace("KEY", KEYS.on(0)).split(" ")));
      }
      // The offender stays; whatever it has set in motion is under way when it has been read.
      othersGetWhatIsTheirs();
    }
    Await.until("it is gone", () -> proxy.metric("cashew_clients{") == 1);
    othersGetWhatIsTheirs();
    for (String node : List.of("n0", "n1")) {
      assertEquals(proxy.failures(node, "abandoned"), proxy.failures(node));
    }
  }

  private static void othersGetWhatIsTheirs() {
    for (int i = 0; i < 5; i++) {
      for (String key : BOTH) {
        assertEquals("value of " + key, bystander.send("GET", key));
      }
      assertEquals(
          BOTH.stream().map(key -> "value of " + key).toList(),
          bystander.send("MGET", BOTH.get(0), BOTH.get(1)));
    }
    // A map of RESP3 would be a list of RESP2 with another first byte.
    assertEquals(1L, bystander.send("HSET", "h{" + BOTH.get(0) + "}", "f", "v"));
    assertEquals(List.of("f", "v"), bystander.send("HGETALL", "h{" + BOTH.get(0) + "}"));
    assertEquals(1L, bystander.send("DEL", "h{" + BOTH.get(0) + "}"));
    try (RawClient late = proxy.connect()) {
      assertEquals("value of " + BOTH.get(0), late.send("GET", BOTH.get(0)));
      assertTrue(late.send("PING").equals("PONG"), "a client that came later");
    }
  }
}
