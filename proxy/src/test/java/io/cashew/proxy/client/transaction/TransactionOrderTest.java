package io.cashew.proxy.client.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.TwoServers;
import io.cashew.proxy.testing.VirtualPool;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of transactions: where they run, what waits for them, how they end. */
final class TransactionOrderTest extends TwoServers {
  /** Answers as a server does that queues and executes. */
  private static String queueing(String request) {
    return switch (request.split(" ", 2)[0]) {
      case "MULTI", "WATCH", "UNWATCH", "DISCARD" -> "+OK\r\n";
      case "EXEC" -> "*1\r\n+done\r\n";
      default -> "+QUEUED\r\n";
    };
  }

  @Test
  void runsOnTheNodeOfItsFirstKey() {
    beta.answer(TransactionOrderTest::queueing);
    client.send("MULTI", "SET " + b + " 1", "EXEC");
    assertEquals("+OK +QUEUED *1 +done", client.received());
    assertEquals(List.of("MULTI", "SET " + b + " 1", "EXEC"), beta.requests());
    assertEquals(List.of(), alpha.requests());
  }

  @Test
  void aKeyOfAnotherNodeIsRefusedAndExecAborts() {
    beta.answer(TransactionOrderTest::queueing);
    client.send("MULTI", "SET " + b + " 1", "SET " + a + " 1", "EXEC");
    String all = client.received();
    assertTrue(
        all.startsWith("+OK +QUEUED -CROSSSLOT Keys in request don't hash to the same node"), all);
    assertTrue(all.endsWith("-EXECABORT Transaction discarded because of previous errors."), all);
    assertTrue(!beta.requests().contains("EXEC"), beta.requests().toString());
    assertEquals(List.of(), alpha.requests());
  }

  @Test
  void whatFollowsExecIsNotSentBeforeExecIsAnswered() {
    beta.answer(request -> request.equals("EXEC") ? null : queueing(request));
    client.send("MULTI", "SET " + b + " 1", "EXEC", "GET " + a);
    assertEquals(List.of(), alpha.requests());
    beta.say("*1\r\n+done\r\n");
    assertEquals(List.of("GET " + a), alpha.requests());
  }

  @Test
  void aNodeThatEndsItBeforeExecHasItAborted() {
    beta.answer(TransactionOrderTest::queueing);
    client.send("MULTI", "SET " + b + " 1");
    beta.hangUp();
    client.send("EXEC");
    String all = client.received();
    assertTrue(
        all.contains(
            "-EXECABORT Transaction discarded because of: the connection to node 'beta' ("),
        all);
    assertTrue(all.endsWith(") has ended, and with it what was queued there"), all);
  }

  @Test
  void whatExecMayHaveDoneIsNotDoneAgain() {
    beta.answer(request -> request.equals("EXEC") ? null : queueing(request));
    client.send("MULTI", "SET " + b + " 1", "EXEC");
    beta.hangUp();
    String all = client.received();
    assertTrue(all.contains("may have been executed"), all);
    assertEquals(
        1, beta.requests().stream().filter("EXEC"::equals).count(), beta.requests().toString());
  }

  @Test
  void execDoesNothingWhenTheConnectionThatWatchedHasEnded() {
    beta.answer(TransactionOrderTest::queueing);
    client.send("WATCH " + b);
    beta.hangUp();
    client.send("MULTI", "SET " + b + " 1", "EXEC");
    assertEquals("+OK +OK +QUEUED *-1", client.received());
    assertTrue(!beta.requests().contains("EXEC"), beta.requests().toString());
  }

  @Test
  void aClientThatLeavesTakesItsTransactionAlong() {
    beta.answer(TransactionOrderTest::queueing);
    client.send("MULTI", "SET " + b + " 1");
    int before = beta.connections();
    client.leave();
    VirtualPool.Client other = pool.connect();
    other.send("MULTI", "SET " + b + " 2", "EXEC");
    assertEquals("+OK +QUEUED *1 +done", other.received());
    assertEquals(before + 1, beta.connections(), "nobody gets a connection with MULTI said on it");
    other.leave();
  }
}
