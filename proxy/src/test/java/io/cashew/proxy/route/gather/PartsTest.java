package io.cashew.proxy.route.gather;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.TwoServers;
import io.cashew.proxy.testing.VirtualPool;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The parts of a request for several nodes go to another server one by one, as whole requests do:
 * in the order in which they were sent, and nothing is executed twice.
 */
final class PartsTest extends TwoServers {
  private static final String READONLY =
      "-READONLY You can't write against a read only replica.\r\n";

  private final InMemoryServer former = alpha;
  private final InMemoryServer promoted = new InMemoryServer(worker, "alpha");

  @BeforeEach
  void follow() {
    pool.failoverWait(1000);
  }

  @Test
  void aRefusedPartGoesToTheServerThatTakesThePlaceAndTheOthersStand() {
    client.send("MSET " + a + " 1 " + b + " 2 " + a + " 3");
    beta.say("+OK\r\n");
    former.say(READONLY);
    assertEquals("", client.received());
    pool.failOver(former, promoted);
    assertEquals(List.of("MSET " + a + " 1 " + a + " 3"), promoted.requests());
    promoted.say("+OK\r\n");
    assertEquals("+OK", client.received());
    assertEquals(List.of("MSET " + b + " 2"), beta.requests());
  }

  @Test
  void repliesOfPartsThatWereSentAgainAreMergedInOrder() {
    client.send("MGET " + b + " " + a + " " + b);
    former.say("-LOADING Redis is loading the dataset in memory\r\n");
    beta.say("*2\r\n:1\r\n:3\r\n");
    pool.failOver(former, promoted);
    promoted.say("*1\r\n:2\r\n");
    assertEquals("*3 :1 :2 :3", client.received());
  }

  @Test
  void whatAClientSendsNextWaitsBehindARefusedPart() {
    client.send("MSET " + a + " 1 " + b + " 1");
    beta.say("+OK\r\n");
    former.say(READONLY);
    client.send("SET " + a + " 2", "MGET " + a + " " + b);
    assertEquals(1, former.requests().size());
    pool.failOver(former, promoted);
    assertEquals(List.of("MSET " + a + " 1"), promoted.requests());
    promoted.say("+OK\r\n");
    assertEquals(List.of("MSET " + a + " 1", "SET " + a + " 2", "MGET " + a), promoted.requests());
    beta.say("*1\r\n:1\r\n");
    promoted.say("+OK\r\n*1\r\n:2\r\n");
    assertEquals("+OK +OK *2 :2 :1", client.received());
  }

  @Test
  void whatIsRefusedBehindARefusedPartFollowsIt() {
    client.send("MSET " + a + " 1 " + b + " 1", "INCR " + a);
    beta.say("+OK\r\n");
    former.say(READONLY);
    pool.failOver(former, promoted);
    assertEquals(List.of(), promoted.requests(), "one is still in flight at the former");
    former.say(READONLY);
    assertEquals(List.of("MSET " + a + " 1", "INCR " + a), promoted.requests());
    promoted.say("+OK\r\n:2\r\n");
    assertEquals("+OK :2", client.received());
  }

  @Test
  void aPartThatIsRefusedBehindARefusedRequestFollowsIt() {
    client.send("SET " + a + " 1", "MSET " + a + " 2 " + b + " 2");
    beta.say("+OK\r\n");
    former.say(READONLY);
    pool.failOver(former, promoted);
    assertEquals(List.of(), promoted.requests(), "the part is still in flight at the former");
    former.say(READONLY);
    assertEquals(List.of("SET " + a + " 1", "MSET " + a + " 2"), promoted.requests());
    promoted.say("+OK\r\n+OK\r\n");
    assertEquals("+OK +OK", client.received());
  }

  @Test
  void aPartThatReadsIsAskedAgainBehindARefusedWrite() {
    client.send("SET " + a + " new", "MGET " + a + " " + b);
    beta.say("*1\r\n:7\r\n");
    former.say(READONLY + "*1\r\n$3\r\nold\r\n");
    pool.failOver(former, promoted);
    promoted.say("+OK\r\n");
    worker.settle();
    assertEquals(List.of("SET " + a + " new", "MGET " + a), promoted.requests());
    promoted.say("*1\r\n$3\r\nnew\r\n");
    assertEquals("+OK *2 $3 new :7", client.received());
  }

  @Test
  void aPartThatWasExecutedBehindARefusedWriteFailsThatOne() {
    client.send("SET " + a + " 1", "MSET " + a + " 2 " + b + " 2");
    beta.say("+OK\r\n");
    former.say(READONLY + "+OK\r\n");
    assertTrue(client.received().matches("-READONLY .* \\+OK"));
  }

  @Test
  void aRefusedPartFailsRatherThanRunLate() {
    client.send("MSET " + a + " 1 " + b + " 1", "SET " + a + " 2");
    beta.say("+OK\r\n");
    former.say(READONLY + "+OK\r\n");
    assertTrue(client.received().matches("-READONLY .* \\+OK"));
    pool.failOver(former, promoted);
    assertEquals(List.of(), promoted.requests());
  }

  @Test
  void theServersOwnWordsEndTheWait() {
    client.send("MSET " + a + " 1 " + b + " 1");
    beta.say("+OK\r\n");
    former.answer(request -> READONLY);
    former.say(READONLY);
    worker.advance(900);
    assertEquals("", client.received());
    worker.advance(300);
    assertEquals(READONLY.strip(), client.received());
    client.send("PING");
    assertEquals("+PONG", client.received());
  }

  @Test
  void aPartThatHasNotLeftWaitsForAnotherServer() {
    client.send("GET " + a);
    former.say("+1\r\n");
    former.refuse();
    former.hangUp();
    client.received();
    client.send("MSET " + b + " 1 " + a + " 1");
    beta.say("+OK\r\n");
    assertEquals("", client.received());
    pool.failOver(former, promoted);
    promoted.say("+OK\r\n");
    assertEquals("+OK", client.received());
  }

  @Test
  void howManyListenIsAskedOfTheServerThatTakesThePlace() {
    InMemoryServer next = new InMemoryServer(worker, "beta");
    beta.refuse();
    client.send("PUBSUB NUMSUB " + a + " " + b + " " + a);
    alpha.say("*4\r\n$2\r\n%s\r\n:2\r\n$2\r\n%s\r\n:2\r\n".formatted(a, a));
    assertEquals("", client.received());
    pool.failOver(beta, next);
    assertEquals(List.of("PUBSUB NUMSUB " + b), next.requests());
    next.say("*2\r\n$2\r\n%s\r\n:1\r\n".formatted(b));
    assertEquals("*6 $2 %s :2 $2 %s :1 $2 %s :2".formatted(a, b, a), client.received());
    assertEquals(1, alpha.requests().size());
  }

  @Test
  void aPartThatMayHaveBeenExecutedIsNotSentAgain() {
    client.send("DEL " + a + " " + b);
    beta.say(":1\r\n");
    former.refuse();
    former.hangUp();
    assertTrue(client.received().contains("the request may have been executed"));
    pool.failOver(former, promoted);
    assertEquals(List.of(), promoted.requests());
  }

  @Test
  void aPartThatReadsIsSentOnceMoreIfItsConnectionEnds() {
    pool.retryReads();
    client.send("GET " + a);
    former.say("$-1\r\n"); // it serves: its circuit does not open
    client.received();
    client.send("MGET " + a + " " + b);
    former.hangUp();
    beta.say("*1\r\n:2\r\n");
    worker.advance(200);
    assertEquals(List.of("GET " + a, "MGET " + a, "MGET " + a), former.requests());
    former.say("*1\r\n:1\r\n");
    assertEquals("*2 :1 :2", client.received());
  }

  @Test
  void aPartThatReadsIsNotSentAgainBeforeAWriteBehindIt() {
    pool.retryReads();
    client.send("MGET " + a + " " + b, "SET " + a + " 1");
    beta.say("*1\r\n:2\r\n");
    former.hangUp();
    worker.settle();
    assertEquals(2, former.requests().size());
    assertTrue(client.received().contains("the request may have been executed"));
  }

  @Test
  void aPartOfSomeKilobytesIsCutAgain() {
    String value = "v".repeat(3000);
    client.send("MSET " + a + " " + value + " " + b + " " + value + " " + a + "{" + a + "} x");
    beta.say("+OK\r\n");
    former.say(READONLY);
    pool.failOver(former, promoted);
    assertEquals(former.requests(), promoted.requests());
    promoted.say("+OK\r\n");
    assertEquals("+OK", client.received());
  }

  @Test
  void keysOfOneNodeGoToAnotherServerTogether() {
    client.send("MSET " + a + " 1 " + a + " 2");
    former.say(READONLY);
    pool.failOver(former, promoted);
    assertEquals(List.of("MSET " + a + " 1 " + a + " 2"), promoted.requests());
    promoted.say("+OK\r\n");
    assertEquals("+OK", client.received());
  }

  @Test
  void nothingIsSentForAClientThatHasLeft() {
    VirtualPool.Client leaver = pool.connect();
    leaver.send("MSET " + a + " 1 " + b + " 1");
    former.say(READONLY);
    leaver.leave();
    pool.failOver(former, promoted);
    beta.say("+OK\r\n");
    assertEquals(List.of(), promoted.requests());
  }

  @Test
  void aNodeOfOneServerSaysSoItself() {
    pool.failoverWait(0);
    client.send("MSET " + a + " 1 " + b + " 1");
    beta.say("+OK\r\n");
    former.say(READONLY);
    assertEquals(READONLY.strip(), client.received());
  }
}
