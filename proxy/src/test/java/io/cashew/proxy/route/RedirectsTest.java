package io.cashew.proxy.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.TwoServers;
import io.cashew.proxy.testing.VirtualPool;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The laws of requests that a server has not executed: they go to the one that takes its place, in
 * the order in which they were sent, and nothing is executed twice.
 */
final class RedirectsTest extends TwoServers {
  private static final String READONLY =
      "-READONLY You can't write against a read only replica.\r\n";

  private final InMemoryServer former = alpha;
  private final InMemoryServer promoted = new InMemoryServer(worker, "alpha");

  @BeforeEach
  void follow() {
    pool.failoverWait(1000);
  }

  @Test
  void aRefusedWriteGoesToTheServerThatTakesThePlace() {
    client.send("SET " + a + " 1");
    former.say(READONLY);
    assertEquals("", client.received());
    pool.failOver(former, promoted);
    assertEquals(List.of("SET " + a + " 1"), promoted.requests());
    promoted.say("+OK\r\n");
    assertEquals("+OK", client.received());
  }

  @Test
  void aRefusalThatComesAfterTheFailoverIsFollowedAtOnce() {
    client.send("SET " + a + " 1");
    pool.failOver(former, promoted);
    former.say(READONLY);
    assertEquals(List.of("SET " + a + " 1"), promoted.requests());
    promoted.say("+OK\r\n");
    assertEquals("+OK", client.received());
  }

  @Test
  void whatAClientSendsNextWaitsBehindARefusedRequest() {
    client.send("SET " + a + " 1");
    former.say(READONLY);
    client.send("SET " + a + " 2", "GET " + b);
    assertEquals(1, former.requests().size());
    assertEquals(0, beta.requests().size());
    pool.failOver(former, promoted);
    promoted.say("+OK\r\n");
    assertEquals(List.of("SET " + a + " 1", "SET " + a + " 2"), promoted.requests());
    assertEquals(List.of("GET " + b), beta.requests());
  }

  @Test
  void whatIsRefusedBehindARefusedRequestFollowsItInOrder() {
    client.send("SET " + a + " 1", "APPEND " + a + " 2", "INCR " + a);
    former.say(READONLY);
    pool.failOver(former, promoted);
    assertEquals(List.of(), promoted.requests(), "two are still in flight at the former");
    former.say(READONLY + READONLY);
    assertEquals(
        List.of("SET " + a + " 1", "APPEND " + a + " 2", "INCR " + a), promoted.requests());
    promoted.say("+OK\r\n:2\r\n:13\r\n");
    assertEquals("+OK :2 :13", client.received());
  }

  @Test
  void aReadThatWasAnsweredBehindARefusedWriteIsAskedAgainBehindIt() {
    client.send("SET " + a + " new", "GET " + a);
    former.say(READONLY + "$3\r\nold\r\n");
    assertEquals("", client.received());
    pool.failOver(former, promoted);
    assertEquals(List.of("SET " + a + " new", "GET " + a), promoted.requests());
    promoted.say("+OK\r\n$3\r\nnew\r\n");
    assertEquals("+OK $3 new", client.received());
  }

  /** What is too large to be kept hears of refusals; only a reply's first bytes can be one. */
  @Test
  void aValueThatReadsLikeARefusalInItsMiddleIsAValue() {
    client.send("GETSET " + a + " " + "y".repeat(20_000));
    String middle = "-MOVED 1 elsewhere:1\r\n" + "x".repeat(39_978);
    former.say("$100000\r\n" + "x".repeat(60_000));
    former.say(middle + "\r\n");
    assertEquals("$100000 " + "x".repeat(60_000) + middle.replace("\r\n", " "), client.received());
  }

  @Test
  void aLargeAnswerBehindARefusedWriteIsDroppedWhole() {
    client.send("SET " + a + " new", "GET " + a);
    String large = "$100000\r\n" + "x".repeat(100_000) + "\r\n";
    former.say(READONLY + large.substring(0, 70_000));
    former.say(large.substring(70_000));
    pool.failOver(former, promoted);
    promoted.say("+OK\r\n$3\r\nnew\r\n");
    assertEquals("+OK $3 new", client.received());
  }

  @Test
  void aWriteThatWasExecutedFailsThoseBeforeItRatherThanRunThemLate() {
    client.send("SET " + a + " 1", "SET " + a + " 2");
    former.say(READONLY + "+OK\r\n");
    assertTrue(client.received().matches("-READONLY .* \\+OK"));
    pool.failOver(former, promoted);
    assertEquals(List.of(), promoted.requests());
  }

  @Test
  void otherClientsOfOtherNodesDoNotWait() {
    client.send("SET " + a + " 1");
    former.say(READONLY);
    VirtualPool.Client other = pool.connect();
    other.send("GET " + b);
    beta.say("+b\r\n");
    assertEquals("+b", other.received());
    other.leave();
  }

  @Test
  void theServersOwnWordsEndTheWait() {
    client.send("SET " + a + " 1");
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
  void aServerThatTakesRequestsAgainIsAskedAgain() {
    client.send("SET " + a + " 1");
    former.say("-LOADING Redis is loading the dataset in memory\r\n");
    former.answer(request -> "+OK\r\n");
    worker.advance(200);
    assertEquals("+OK", client.received());
  }

  @Test
  void whatHasNotLeftWaitsForAnotherServer() {
    client.send("GET " + a);
    former.say("+1\r\n");
    former.refuse();
    former.hangUp();
    client.received();
    client.send("SET " + a + " 1");
    assertEquals("", client.received());
    pool.failOver(former, promoted);
    promoted.say("+OK\r\n");
    assertEquals("+OK", client.received());
  }

  @Test
  void whatMayHaveBeenExecutedIsNotSentAgain() {
    client.send("INCR " + a);
    former.refuse();
    former.hangUp();
    assertTrue(client.received().contains("the request may have been executed"));
    pool.failOver(former, promoted);
    assertEquals(List.of(), promoted.requests());
  }

  @Test
  void aRequestOfSomeKilobytesGoesToAnotherServerWhole() {
    String value = "v".repeat(5000);
    client.send("SET " + a + " " + value);
    former.say(READONLY);
    pool.failOver(former, promoted);
    assertEquals(List.of("SET " + a + " " + value), promoted.requests());
    promoted.say("+OK\r\n");
    assertEquals("+OK", client.received());
  }

  @Test
  void nothingIsSentForAClientThatHasLeft() {
    VirtualPool.Client leaver = pool.connect();
    leaver.send("SET " + a + " 1");
    former.say(READONLY);
    leaver.leave();
    pool.failOver(former, promoted);
    assertEquals(List.of(), promoted.requests());
  }

  @Test
  void aClientMayLeaveWhileAnAnswerIsDropped() {
    VirtualPool.Client leaver = pool.connect();
    leaver.send("SET " + a + " new", "GET " + a);
    String large = "$100000\r\n" + "x".repeat(100_000) + "\r\n";
    former.say(READONLY + large.substring(0, 70_000));
    leaver.leave();
    former.say(large.substring(70_000));
    client.send("GET " + a);
    former.say("+1\r\n");
    assertEquals("+1", client.received());
    assertEquals(1, former.connections(), "nothing has gone wrong on it");
  }

  @Test
  void aRequestDoesNotGoRoundForEver() {
    client.send("SET " + a + " 1");
    InMemoryServer at = former;
    former.say(READONLY);
    for (int i = 0; i < Redirects.MAX_HOPS; i++) {
      InMemoryServer next = new InMemoryServer(worker, "alpha");
      pool.failOver(at, next);
      assertEquals(1, next.requests().size());
      next.say(READONLY);
      at = next;
    }
    pool.failOver(at, promoted);
    assertEquals(List.of(), promoted.requests());
    assertEquals(READONLY.strip(), client.received());
  }

  @Test
  void aNodeOfOneServerSaysSoItself() {
    pool.failoverWait(0);
    client.send("SET " + a + " 1");
    former.say(READONLY);
    assertEquals(READONLY.strip(), client.received());
  }

  @Test
  void aMessageThatNeverLeftGoesToTheServerOfItsChannel() {
    former.refuse();
    client.send("PUBLISH " + a + " hello");
    assertEquals("", client.received());
    pool.failOver(former, promoted);
    assertEquals(List.of("PUBLISH " + a + " hello"), promoted.requests());
    promoted.say(":2\r\n");
    assertEquals(":2", client.received());
    beta.refuse();
    InMemoryServer other = new InMemoryServer(worker, "beta");
    client.send("PUBLISH " + b + " hello");
    pool.failOver(beta, other);
    assertEquals(List.of("PUBLISH " + b + " hello"), other.requests());
    other.say(":0\r\n");
    assertEquals(":0", client.received());
  }

  @Test
  void aMessageThatMayHaveBeenPublishedIsNotSentAgain() {
    client.send("PUBLISH " + a + " hello");
    former.hangUp();
    assertTrue(client.received().contains("may have been executed"));
    pool.failOver(former, promoted);
    assertEquals(List.of(), promoted.requests());
  }
}
