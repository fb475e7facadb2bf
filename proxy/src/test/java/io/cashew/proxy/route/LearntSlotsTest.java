package io.cashew.proxy.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.VirtualPool;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a server has said of a slot holds until the next topology, and breaks no order. */
final class LearntSlotsTest extends SlotServers {
  private static final int TICK_MILLIS = 20;

  /** Has the slot learnt to be at beta. */
  private void learn() {
    client.send("GET " + a);
    alpha.say(moved(beta));
    beta.say("+1\r\n");
    assertEquals("+1", client.received());
    worker.advance(TICK_MILLIS);
  }

  @Test
  void theNextRequestsGoWhereTheServerHasSaid() {
    learn();
    client.send("GET " + a, "MGET " + a + " " + pool.keyOf(gamma));
    assertEquals(List.of("GET " + a), alpha.requests());
    assertEquals(List.of("GET " + a, "GET " + a, "MGET " + a), beta.requests());
  }

  @Test
  void theNextTopologyCounts() {
    learn();
    pool.slotMoves(slot, alpha);
    client.send("GET " + a);
    assertEquals(2, alpha.requests().size());
    alpha.say("+1\r\n");
    worker.advance(TICK_MILLIS);
    client.send("GET " + a);
    assertEquals(3, alpha.requests().size());
  }

  @Test
  void whatWasSaidBeforeATopologyIsForgottenWithIt() {
    client.send("GET " + a);
    alpha.say(moved(beta));
    beta.say("+1\r\n");
    pool.slotMoves(slot, gamma);
    worker.advance(TICK_MILLIS);
    client.send("GET " + a);
    assertEquals(1, gamma.requests().size());
  }

  @Test
  void aStormGoesTheWrongWayForOneTick() {
    alpha.answer(request -> moved(beta));
    beta.answer(request -> "+1\r\n");
    List<VirtualPool.Client> clients = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      clients.add(pool.connect());
    }
    for (int round = 0; round < 10; round++) {
      for (VirtualPool.Client each : clients) {
        each.send("GET " + a, "SET " + a + " 1", "GET " + a);
        assertEquals("+1 +1 +1", each.received());
      }
      worker.advance(TICK_MILLIS);
    }
    assertTrue(alpha.requests().size() <= 2 * 60, "" + alpha.requests().size());
    assertEquals(600, beta.requests().size());
    clients.forEach(VirtualPool.Client::leave);
  }

  @Test
  void serversThatNameEachOtherDoNotKeepTheWorkerBusy() {
    alpha.answer(request -> moved(beta));
    beta.answer(request -> moved(alpha));
    for (int i = 0; i < 20; i++) {
      client.send("GET " + a);
      worker.advance(1000);
      assertTrue(client.received().startsWith("-CLUSTERDOWN "));
    }
    int asked = alpha.requests().size() + beta.requests().size();
    assertTrue(asked <= 20 * (1 + Redirects.MAX_HOPS), "" + asked);
  }

  @Test
  void whatIsUnderWayOfOtherClientsIsNotOvertaken() {
    VirtualPool.Client other = pool.connect();
    client.send("GET " + a);
    other.send("SET " + a + " 1");
    alpha.say(moved(beta));
    beta.say("+1\r\n");
    worker.advance(TICK_MILLIS);
    other.send("SET " + a + " 2");
    assertEquals(List.of("GET " + a), beta.requests(), "the first write is still at alpha");
    alpha.say(moved(beta));
    beta.say("+OK\r\n");
    assertEquals(List.of("GET " + a, "SET " + a + " 1", "SET " + a + " 2"), beta.requests());
    other.leave();
  }

  @Test
  void onlyTheServerThatTheRequestsGoToIsBelieved() {
    VirtualPool.Client other = pool.connect();
    other.send("GET " + a);
    client.send("GET " + a);
    alpha.say(moved(beta));
    worker.advance(TICK_MILLIS);
    alpha.say(moved(gamma));
    worker.advance(TICK_MILLIS);
    VirtualPool.Client third = pool.connect();
    third.send("SET " + a + " 3");
    assertEquals(List.of("GET " + a, "SET " + a + " 3"), beta.requests());
    assertEquals(List.of("GET " + a), gamma.requests());
    other.leave();
    third.leave();
  }

  @Test
  void whereTheServerCannotBeReachedTheTopologyCounts() {
    learn();
    beta.refuse();
    beta.hangUp();
    client.send("GET " + a);
    worker.advance(TICK_MILLIS);
    assertEquals(2, alpha.requests().size());
    alpha.say("+1\r\n");
    assertEquals("+1", client.received());
  }

  @Test
  void aServerThatIsNotKnownYetIsNotGoneTo() {
    client.send("GET " + a);
    alpha.answer(request -> "-MOVED " + slot + " new:6379\r\n");
    alpha.say("-MOVED " + slot + " new:6379\r\n");
    worker.advance(TICK_MILLIS);
    VirtualPool.Client other = pool.connect();
    other.send("GET " + a);
    assertTrue(alpha.requests().size() >= 2);
    other.leave();
  }
}
