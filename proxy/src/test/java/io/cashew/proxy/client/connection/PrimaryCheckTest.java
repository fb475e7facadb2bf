package io.cashew.proxy.client.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.TwoServers;
import io.cashew.proxy.testing.VirtualPool;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The law that a request waits for a node that may get another server, and not for ever. */
final class PrimaryCheckTest extends TwoServers {
  private final InMemoryServer former = alpha;
  private final InMemoryServer promoted = new InMemoryServer(worker, "alpha");

  @BeforeEach
  void alphaIsDown() {
    pool.failoverWait(1000);
    former.refuse();
    VirtualPool.Client first = pool.connect();
    first.send("GET " + a);
    first.leave();
    assertTrue(pool.backends().get(0).node().circuitOpen());
  }

  @Test
  void whatHasComeTogetherWaitsAndGoesToTheNextServerInOrder() {
    client.send("SET " + a + " 1", "LPUSH " + a + " x", "MGET " + a + " " + b);
    worker.advance(900);
    assertEquals("", client.received());
    pool.failOver(former, promoted);
    assertEquals(List.of("SET " + a + " 1", "LPUSH " + a + " x", "MGET " + a), promoted.requests());
    assertEquals(List.of("MGET " + b), beta.requests());
  }

  @Test
  void whatHasComeTogetherFailsTogether() {
    client.send("SET " + a + " 1", "SET " + a + " 2");
    worker.advance(1100);
    String errors = client.received();
    assertTrue(errors.matches("(-ERR node 'alpha' of pool 'test' has no primary: .*){2}"), errors);
  }

  @Test
  void aNodeThatLosesItsServerAfterAllWereFoundWellIsWaitedFor() {
    worker.run(() -> pool.backends().get(0).node().closeCircuit());
    client.send("GET " + b);
    beta.say("+b\r\n");
    assertEquals("+b", client.received());
    client.send("SET " + a + " 1");
    assertTrue(pool.backends().get(0).node().circuitOpen());
    VirtualPool.Client other = pool.connect();
    other.send("SET " + a + " 2");
    worker.advance(500);
    assertEquals("", other.received());
    other.leave();
  }

  @Test
  void otherNodesAreServedMeanwhile() {
    client.send("GET " + b);
    beta.say("+b\r\n");
    assertEquals("+b", client.received());
  }

  @Test
  void whatNeedsNoNodeDoesNotWait() {
    client.send("PING", "MULTI", "DISCARD");
    assertEquals("+PONG +OK +OK", client.received());
  }

  @Test
  void commandsOfEveryKindWait() {
    for (String request :
        List.of(
            "DBSIZE",
            "DEL " + a + " " + b,
            "BLPOP " + a + " 0",
            "WATCH " + a,
            "PUBLISH " + a + " m")) {
      VirtualPool.Client each = pool.connect();
      each.send(request);
      worker.advance(500);
      assertEquals("", each.received(), request);
      each.leave();
    }
    assertEquals(List.of(), beta.requests());
  }

  @Test
  void theServerThatComesBackEndsTheWait() {
    client.send("SET " + a + " 1");
    former.start();
    worker.run(() -> pool.backends().get(0).node().closeCircuit());
    worker.advance(20);
    former.say("+OK\r\n");
    assertEquals("+OK", client.received());
  }

  @Test
  void aNodeOfOneServerFailsAtOnce() {
    pool.failoverWait(0);
    client.send("SET " + a + " 1");
    assertTrue(client.received().startsWith("-ERR "));
  }

  private void betaIsBeingReplaced(boolean is) {
    worker.run(() -> pool.backends().get(1).node().isBeingReplaced(is));
  }

  @Test
  void whatMayWriteWaitsWhereAnotherServerIsAboutToTakeOver() {
    betaIsBeingReplaced(true);
    client.send("GET " + b, "SET " + b + " 1", "GET " + b);
    beta.say("+old\r\n");
    worker.advance(900);
    assertEquals("+old", client.received());
    assertEquals(List.of("GET " + b), beta.requests());
    InMemoryServer next = new InMemoryServer(worker, "beta");
    pool.failOver(beta, next);
    assertEquals(List.of("SET " + b + " 1", "GET " + b), next.requests());
  }

  private void aWriteWaitsForSuccessorOfBeta(long millis) {
    betaIsBeingReplaced(true);
    client.send("SET " + b + " 1");
    worker.advance(millis);
    assertEquals(List.of(), beta.requests());
  }

  @Test
  void whatHasWaitedForIt() {
    aWriteWaitsForSuccessorOfBeta(Node.REPLACEMENT_MILLIS - 100);
    worker.advance(200);
    assertEquals(List.of("SET " + b + " 1"), beta.requests(), "goes to the server that there is");
  }

  @Test
  void whatMayWriteGoesOnWhereNobodyTakesOverAfterAll() {
    aWriteWaitsForSuccessorOfBeta(500);
    betaIsBeingReplaced(false);
    worker.advance(20);
    assertEquals(List.of("SET " + b + " 1"), beta.requests());
  }
}
