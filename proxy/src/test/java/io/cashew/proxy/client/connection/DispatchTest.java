package io.cashew.proxy.client.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.TwoServers;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each request goes to the handler of its kind: seen by which servers hear of it, and how. */
final class DispatchTest extends TwoServers {
  private String reply(String request) {
    client.send(request);
    return client.received();
  }

  private void heard(List<String> byAlpha, List<String> byBeta) {
    assertEquals(byAlpha, alpha.requests());
    assertEquals(byBeta, beta.requests());
  }

  @Test
  void aRequestOfOneKeyGoesToItsNodeAsItIs() {
    client.send("set " + b + " 1");
    heard(List.of(), List.of("set " + b + " 1"));
  }

  @Test
  void oneOfSeveralKeysIsSplit() {
    alpha.answer(request -> ":1\r\n");
    beta.answer(request -> ":1\r\n");
    assertEquals(":2", reply("DEL " + a + " " + b));
    heard(List.of("DEL " + a), List.of("DEL " + b));
  }

  @Test
  void oneOverAllKeysGoesToAllNodes() {
    alpha.answer(request -> ":3\r\n");
    beta.answer(request -> ":4\r\n");
    assertEquals(":7", reply("DBSIZE"));
    heard(List.of("DBSIZE"), List.of("DBSIZE"));
  }

  @Test
  void whatTheProxyKnowsItAnswersItself() {
    assertEquals("+PONG", reply("PING"));
    assertEquals("$2 hi", reply("ECHO hi"));
    heard(List.of(), List.of());
    assertEquals(2, pool.recorder().localReplies);
  }

  @Test
  void whatItDoesNotCarryOutIsRefusedAndCounted() {
    assertTrue(reply("MIGRATE h 1 k 0 1").startsWith("-ERR"));
    assertTrue(reply("NOSUCH x").startsWith("-ERR unknown command 'NOSUCH'"));
    assertTrue(reply("CLIENT NOSUCH").startsWith("-ERR unknown subcommand 'NOSUCH'"));
    heard(List.of(), List.of());
    assertEquals(3, pool.recorder().requests);
    assertEquals("+PONG", reply("PING"));
  }

  @Test
  void aBlockingRequestHasAConnectionOfItsOwn() {
    client.send("GET " + a, "BLPOP " + a + " 1");
    alpha.say(0, "$-1\r\n");
    assertTrue(alpha.requests().contains("BLPOP " + a + " 1"), alpha.requests().toString());
    assertEquals(2, alpha.connections());
  }

  @Test
  void aTransactionAndASubscriptionHaveConnectionsOfTheirOwn() {
    client.send("GET " + a, "MULTI", "GET " + a);
    alpha.say("$-1\r\n");
    assertEquals(2, alpha.connections());
    var other = pool.connect();
    other.send("SUBSCRIBE news");
    assertTrue(
        alpha.requests().contains("subscribe news") || beta.requests().contains("subscribe news"),
        () -> alpha.requests() + " " + beta.requests());
    other.leave();
  }

  @Test
  void repliesComeInTheOrderOfTheRequestsWhateverTheirKind() {
    client.send("GET " + a, "PING", "GET " + b, "NOSUCH");
    beta.say("$1\r\n2\r\n");
    assertEquals("", client.received());
    alpha.say("$1\r\n1\r\n");
    String all = client.received();
    assertTrue(all.startsWith("$1 1 +PONG $1 2 -ERR unknown command 'NOSUCH'"), all);
  }
}
