package io.cashew.proxy.client.blocking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.VirtualPool;
import io.cashew.proxy.testing.VirtualWorker;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The law that a client that waits for keys goes on waiting where they have gone. */
@ExtendWith(LeakCheck.class)
final class BlockedOnKeysTest {
  private final VirtualWorker worker = new VirtualWorker();
  private final InMemoryServer alpha = new InMemoryServer(worker, "alpha");
  private final InMemoryServer beta = new InMemoryServer(worker, "beta");
  private final VirtualPool pool = VirtualPool.ofSlots(worker, 1000, alpha, beta);
  private final VirtualPool.Client client = pool.connect();
  private final String a = pool.keyOf(alpha);
  private final int slot = pool.slotOf(a);

  @BeforeEach
  void follow() {
    pool.failoverWait(500);
    alpha.answer(BlockedOnKeysTest::waits);
    beta.answer(BlockedOnKeysTest::waits);
  }

  private static @Nullable String waits(String request) {
    return request.equals("CLIENT ID") ? ":7\r\n" : request.equals("ASKING") ? "+OK\r\n" : null;
  }

  @AfterEach
  void stop() {
    client.leave();
    worker.close();
  }

  private static String last(InMemoryServer server) {
    List<String> requests = server.requests();
    return requests.get(requests.size() - 1);
  }

  @Test
  void theRestOfTheTimeIsWaitedForAtTheNextServer() {
    client.send("BLPOP " + a + " 10");
    worker.advance(4000);
    alpha.say(0, "-MOVED " + slot + " beta:6379\r\n");
    assertEquals("BLPOP " + a + " 6", last(beta));
    beta.say(0, "*2\r\n$1\r\nk\r\n$1\r\nv\r\n");
    assertEquals("*2 $1 k $1 v", client.received());
    client.send("PING");
    assertEquals("+PONG", client.received());
  }

  @Test
  void aWaitWithoutAnEndStaysOne() {
    client.send("BLPOP " + a + " 0");
    alpha.say(0, "-ASK " + slot + " beta:6379\r\n");
    assertEquals(List.of("CLIENT ID", "ASKING", "BLPOP " + a + " 0"), beta.requests());
    beta.say(0, "*2\r\n$1\r\nk\r\n$1\r\nv\r\n");
    assertEquals("*2 $1 k $1 v", client.received());
  }

  @Test
  void timesInMillisecondsAreInTheMiddleOfTheRequest() {
    client.send("XREAD BLOCK 1000 STREAMS " + a + " $");
    worker.advance(400);
    alpha.say(0, "-MOVED " + slot + " beta:6379\r\n");
    assertEquals("XREAD BLOCK 600 STREAMS " + a + " $", last(beta));
  }

  @Test
  void aServerThatIsNotKnownIsWaitedForAndThenThereIsAnError() {
    String elsewhere = "-MOVED " + slot + " new:6379\r\n";
    alpha.answer(request -> request.startsWith("BLPOP") ? elsewhere : waits(request));
    client.send("BLPOP " + a + " 0");
    worker.advance(500);
    assertEquals("", client.received());
    worker.advance(1000);
    assertTrue(client.received().startsWith("-CLUSTERDOWN The request was not executed"));
    client.send("PING");
    assertEquals("+PONG", client.received());
  }

  @Test
  void aSlotThatMovesAgainAndAgainIsFollowedAsLongAsItDoes() {
    client.send("BLPOP " + a + " 0");
    InMemoryServer at = alpha;
    for (int i = 0; i < 10; i++) {
      InMemoryServer next = at == alpha ? beta : alpha;
      pool.slotMoves(slot, next);
      at.say(0, "-MOVED " + slot + " " + next.text() + "\r\n");
      worker.advance(400);
      assertEquals("BLPOP " + a + " 0", last(next));
      at = next;
    }
    at.say(0, "*2\r\n$1\r\nk\r\n$1\r\nv\r\n");
    assertEquals("*2 $1 k $1 v", client.received());
  }

  @Test
  void serversThatNameEachOtherAreNotAskedForEver() {
    String there = "-MOVED " + slot + " beta:6379\r\n";
    String here = "-MOVED " + slot + " alpha:6379\r\n";
    alpha.answer(request -> request.startsWith("BLPOP") ? there : waits(request));
    beta.answer(request -> request.startsWith("BLPOP") ? here : waits(request));
    client.send("BLPOP " + a + " 0");
    worker.advance(1500);
    assertTrue(client.received().startsWith("-CLUSTERDOWN The request was not executed"));
  }

  @Test
  void aClientThatLeavesMeanwhileIsForgotten() {
    String elsewhere = "-TRYAGAIN Multiple keys request during rehashing of slot\r\n";
    VirtualPool.Client leaver = pool.connect();
    leaver.send("BLPOP " + a + " 0");
    alpha.say(0, elsewhere);
    leaver.leave();
    worker.advance(100);
    assertEquals("BLPOP " + a + " 0", last(alpha));
    assertEquals(1, alpha.requests().stream().filter(each -> each.startsWith("BLPOP")).count());
  }

  @Test
  void whatTheServerEndsItselfIsRedissOwn() {
    client.send("BLPOP " + a + " 0");
    String unblocked = "-UNBLOCKED force unblock from blocking operation\r\n";
    alpha.say(0, unblocked);
    assertEquals(unblocked.strip(), client.received());
  }
}
