package io.cashew.proxy.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.VirtualPool;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The laws of requests whose slot goes from one server to another. */
final class SlotOrderTest extends SlotServers {
  private static final String TRYAGAIN =
      "-TRYAGAIN Multiple keys request during rehashing of slot\r\n";

  /** Keys of the same slot, and a key of another of beta. */
  private final String a2 = "{" + a + "}2";

  private final String a3 = "{" + a + "}3";
  private final String b = pool.keyOf(beta);

  private String ask(InMemoryServer to) {
    return "-ASK " + slot + " " + to.text() + "\r\n";
  }

  // ---------------------------------------------------------------- each verdict

  @Test
  void whatHasMovedGoesAtOnceToTheServerThatIsNamed() {
    client.send("SET " + a + " 1");
    alpha.say(moved(beta));
    assertEquals(List.of("SET " + a + " 1"), beta.requests());
    beta.say("+OK\r\n");
    assertEquals("+OK", client.received());
  }

  @Test
  void whatIsAskedForElsewhereGoesBehindAskingAndItsReplyIsTheClients() {
    client.send("GET " + a, "GET " + b);
    alpha.say(ask(beta));
    assertEquals(List.of("GET " + b, "ASKING", "GET " + a), beta.requests());
    beta.say("$1\r\nb\r\n+OK\r\n$1\r\na\r\n");
    assertEquals("$1 a $1 b", client.received());
    worker.advance(20);
    client.send("GET " + a);
    assertEquals(2, alpha.requests().size(), "nothing is remembered");
  }

  @Test
  void manyMayBeAskedForElsewhereAtOneTime() {
    client.send("GET " + a, "GET " + a2, "GET " + a3);
    alpha.say(ask(beta) + ask(beta) + ask(beta));
    assertEquals(
        List.of("ASKING", "GET " + a, "ASKING", "GET " + a2, "ASKING", "GET " + a3),
        beta.requests());
    beta.say("+OK\r\n$1\r\n1\r\n+OK\r\n$1\r\n2\r\n+OK\r\n$1\r\n3\r\n");
    assertEquals("$1 1 $1 2 $1 3", client.received());
  }

  @Test
  void aServerThatNamesNoHostMeansItsOwn() {
    InMemoryServer other = new InMemoryServer(worker, "alpha");
    client.send("GET " + a);
    alpha.say("-MOVED " + slot + " :6379\r\n");
    assertEquals(2, alpha.requests().size(), "it is at alpha:6379 itself");
    alpha.say("$1\r\n1\r\n");
    assertEquals("$1 1", client.received());
    assertEquals(0, other.requests().size());
  }

  @Test
  void keysThatAreAtTwoServersAreAskedForAgainUntilTheTimeOut() {
    client.send("SINTER " + a + " " + a2);
    alpha.answer(request -> TRYAGAIN);
    alpha.say(TRYAGAIN);
    worker.advance(400);
    assertEquals("", client.received());
    int asked = alpha.requests().size();
    assertTrue(asked >= 5 && asked <= 20, "spaced: " + asked);
    alpha.answer(request -> "*2\r\n$1\r\n1\r\n$1\r\n2\r\n");
    worker.advance(60);
    assertEquals("*2 $1 1 $1 2", client.received());
  }

  @Test
  void keysThatAreAtTwoServersForTooLongAreAnErrorThatSaysSo() {
    client.send("SINTER " + a + " " + a2);
    alpha.answer(request -> TRYAGAIN);
    alpha.say(TRYAGAIN);
    worker.advance(1100);
    assertEquals(
        "-CLUSTERDOWN The request was not executed: the keys of slot "
            + slot
            + " of pool 'test' were at two servers until the time-out",
        client.received());
    client.send("PING");
    assertEquals("+PONG", client.received());
  }

  @Test
  void aSlotThatNobodyServesIsWaitedForAndThenTheServersErrorIsTheClients() {
    String down = "-CLUSTERDOWN Hash slot not served\r\n";
    client.send("GET " + a);
    alpha.answer(request -> down);
    alpha.say(down);
    worker.advance(400);
    assertEquals("", client.received());
    worker.advance(200);
    assertEquals(down.strip(), client.received());
  }

  @Test
  void aServerThatIsNotKnownYetIsWaitedFor() {
    client.send("SET " + a + " 1");
    String elsewhere = "-MOVED " + slot + " new:6379\r\n";
    alpha.answer(request -> elsewhere);
    alpha.say(elsewhere);
    worker.advance(300);
    assertEquals("", client.received());
    pool.slotMoves(slot, gamma);
    assertEquals(List.of("SET " + a + " 1"), gamma.requests());
    gamma.say("+OK\r\n");
    assertEquals("+OK", client.received());
  }

  @Test
  void serversThatNameEachOtherAreAskedInTurnsAndNotForEver() {
    client.send("SET " + a + " 1");
    alpha.answer(request -> moved(beta));
    beta.answer(request -> moved(alpha));
    alpha.say(moved(beta));
    assertEquals(1, beta.requests().size(), "the next turn comes after a pause");
    worker.advance(1000);
    assertEquals(3, alpha.requests().size());
    assertEquals(3, beta.requests().size());
    assertEquals(
        "-CLUSTERDOWN The request was not executed: no server was found in time that has slot "
            + slot
            + " of pool 'test'",
        client.received());
  }

  @Test
  void aSlotThatMovesAgainAndAgainIsFollowedToAnyNumberOfServers() {
    client.send("SET " + a + " 1");
    InMemoryServer at = alpha;
    for (int i = 0; i < 3 * Redirects.MAX_HOPS; i++) {
      InMemoryServer next = at == alpha ? beta : at == beta ? gamma : alpha;
      int before = next.requests().size();
      at.say(moved(next));
      assertEquals(before + 1, next.requests().size());
      pool.slotMoves(slot, next);
      at = next;
    }
    at.say("+OK\r\n");
    assertEquals("+OK", client.received());
  }

  /** Of two that name each other nothing is learnt but that. */
  private void goRound() {
    client.send("SET " + a + " 1");
    alpha.answer(request -> moved(beta));
    beta.answer(request -> moved(alpha));
    alpha.say(moved(beta));
    worker.advance(300);
    assertEquals(6, alpha.requests().size() + beta.requests().size());
    assertEquals("", client.received());
  }

  @Test
  void behindTheLastServerARequestWaitsUntilItIsLearntWhoHasItsSlot() {
    goRound();
    pool.slotMoves(slot, gamma);
    assertEquals(List.of("SET " + a + " 1"), gamma.requests());
    gamma.say("+OK\r\n");
    assertEquals("+OK", client.received());
  }

  @Test
  void aSlotThatHasGoneAndComeBackIsNewsToo() {
    goRound();
    alpha.answer(request -> "+OK\r\n");
    pool.slotMoves(slot, alpha);
    assertEquals("+OK", client.received());
  }

  @Test
  void whatIsLearntOfOtherSlotsIsNoNews() {
    goRound();
    pool.slotMoves(pool.slotOf(b), gamma);
    worker.advance(300);
    assertEquals(6, alpha.requests().size() + beta.requests().size());
    worker.advance(400);
    assertTrue(
        client.received().startsWith("-CLUSTERDOWN The request was not executed: no server"));
  }

  // ---------------------------------------------------------------- order

  @Test
  void whatIsRefusedBehindARefusedRequestFollowsItInOrder() {
    client.send("SET " + a + " 1", "APPEND " + a + " 2", "INCR " + a);
    alpha.say(moved(beta));
    alpha.say(moved(beta) + moved(beta));
    assertEquals(List.of("SET " + a + " 1", "APPEND " + a + " 2", "INCR " + a), beta.requests());
    beta.say("+OK\r\n:2\r\n:13\r\n");
    assertEquals("+OK :2 :13", client.received());
  }

  @Test
  void whatComesBackWaitsForARequestBeforeItThatIsElsewhere() {
    client.send("SET " + a + " 1", "SET " + a + " 2");
    alpha.say(moved(beta));
    beta.say(moved(gamma));
    alpha.say(moved(beta));
    assertEquals(List.of("SET " + a + " 1"), beta.requests());
    assertEquals(List.of("SET " + a + " 1"), gamma.requests());
    gamma.say("+OK\r\n");
    assertEquals(List.of("SET " + a + " 1", "SET " + a + " 2"), beta.requests());
    beta.say(moved(gamma));
    gamma.say("+OK\r\n");
    assertEquals("+OK +OK", client.received());
  }

  @Test
  void whatComesNextForTheSlotWaitsUntilTheRequestIsOver() {
    client.send("SET " + a + " 1", "SET " + a + " 2");
    alpha.say(moved(beta));
    pool.slotMoves(slot, beta);
    client.send("SET " + a + " 3");
    assertEquals(List.of("SET " + a + " 1"), beta.requests());
    beta.say("+OK\r\n");
    assertEquals(List.of("SET " + a + " 1"), beta.requests(), "the second is still at alpha");
    alpha.say(moved(beta));
    beta.say("+OK\r\n");
    assertEquals(List.of("SET " + a + " 1", "SET " + a + " 2", "SET " + a + " 3"), beta.requests());
  }

  @Test
  void whatComesNextForASlotThatHasMovedWaitsForWhatIsAtItsFormerServer() {
    client.send("SET " + a + " 1");
    pool.slotMoves(slot, beta);
    client.send("SET " + a + " 2");
    assertEquals(List.of(), beta.requests());
    alpha.say(moved(beta));
    beta.say("+OK\r\n");
    assertEquals(List.of("SET " + a + " 1", "SET " + a + " 2"), beta.requests());
  }

  @Test
  void whatComesNextForOtherSlotsDoesNotWait() {
    client.send("SET " + a + " 1");
    alpha.say(ask(gamma));
    client.send("GET " + b);
    pool.slotMoves(slot, gamma);
    client.send("GET " + b);
    assertEquals(List.of("GET " + b, "GET " + b), beta.requests());
  }

  @Test
  void whatComesNextForTheSlotDoesNotWaitForOtherClients() {
    client.send("SET " + a + " 1");
    alpha.say(ask(beta));
    VirtualPool.Client other = pool.connect();
    other.send("GET " + a2);
    assertEquals(2, alpha.requests().size());
    other.leave();
  }

  @Test
  void whatWasExecutedForOtherKeysOfTheSlotFailsNothing() {
    client.send("SET " + a + " 1", "SET " + a2 + " 2");
    alpha.say(ask(beta) + "+OK\r\n");
    beta.say("+OK\r\n+OK\r\n");
    assertEquals("+OK +OK", client.received());
  }

  @Test
  void aReadThatWasAnsweredBehindKeysThatAreAtTwoServersIsAskedForAgainBehindThem() {
    String several = "SINTERSTORE " + a + " " + a2;
    client.send(several, "GET " + a);
    alpha.say(TRYAGAIN + "$3\r\nold\r\n");
    assertEquals("", client.received());
    worker.advance(20);
    assertEquals(List.of(several, "GET " + a, several, "GET " + a), alpha.requests());
    alpha.say("+OK\r\n$1\r\n1\r\n");
    assertEquals("+OK $1 1", client.received());
  }

  @Test
  void aReadOfOtherKeysIsNotAskedForAgain() {
    client.send("SINTERSTORE " + a + " " + a2, "GET " + a3);
    alpha.say(TRYAGAIN + "$1\r\n3\r\n");
    worker.advance(20);
    alpha.say("+OK\r\n");
    assertEquals("+OK $1 3", client.received());
  }

  @Test
  void aWriteWaitsForARequestForSeveralKeysOfWhichItHasOne() {
    client.send("SINTERSTORE " + a + " " + a2, "SET " + a + " 3", "GET " + b);
    assertEquals(1, alpha.requests().size());
    assertEquals(0, beta.requests().size());
    alpha.say("+OK\r\n");
    assertEquals(2, alpha.requests().size());
    assertEquals(1, beta.requests().size());
  }

  @Test
  void aWriteDoesNotWaitForARequestForOtherKeysOrIfItHasAllOfThem() {
    client.send(
        "SUNIONSTORE " + a + " " + a2,
        "SET " + a3 + " 3",
        "SUNIONSTORE " + a2 + " " + a,
        "SUNIONSTORE " + a2 + " " + a + " " + a3);
    assertEquals(4, alpha.requests().size());
  }

  @Test
  void whatIsExecutedWhileAnEarlierRequestIsElsewhereKeepsItFromRunningLate() {
    client.send("SET " + a + " 1", "SET " + a + " 2");
    alpha.say(moved(beta)); // and the slot comes back before the second is executed
    alpha.say("+OK\r\n");
    beta.say(moved(alpha));
    worker.advance(100);
    assertEquals(2, alpha.requests().size());
    assertTrue(client.received().startsWith("-CLUSTERDOWN The request was not executed: a later"));
  }

  @Test
  void nothingIsSentForAClientThatHasLeft() {
    VirtualPool.Client leaver = pool.connect();
    leaver.send("SET " + a + " 1", "SINTER " + a + " " + a2);
    leaver.leave();
    alpha.say(moved(beta) + TRYAGAIN);
    worker.advance(100);
    assertEquals(List.of(), beta.requests());
    assertEquals(2, alpha.requests().size());
  }

  @Test
  void whatMayHaveBeenExecutedIsNotSentAgain() {
    client.send("INCR " + a);
    alpha.say(ask(beta));
    beta.hangUp();
    assertTrue(client.received().contains("the request may have been executed"));
    assertEquals(1, alpha.requests().size());
  }

  @Test
  void whoWaitedForAServerHasAllItsTimeWhenTheSlotIsServedAgain() {
    client.send("MGET " + a + " " + a2);
    alpha.say("-CLUSTERDOWN Hash slot not served\r\n");
    worker.advance(400); // of the 500 that it may look for a server
    alpha.answer(request -> "-TRYAGAIN Multiple keys request during rehashing of slot\r\n");
    alpha.say("-TRYAGAIN Multiple keys request during rehashing of slot\r\n");
    worker.advance(400); // of the 1000 of the time-out
    assertEquals("", client.received());
    alpha.answer(request -> "*2\r\n:1\r\n:2\r\n");
    worker.advance(60);
    assertEquals("*2 :1 :2", client.received());
  }
}
