package io.cashew.proxy.client.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.TwoServers;
import io.cashew.proxy.testing.VirtualPool;
import io.cashew.proxy.testing.VirtualWorker;
import org.junit.jupiter.api.Test;

/** What is looked at before a request is carried out, and in which order. */
final class ChecksTest extends TwoServers {
  private void answers(String start, String request) {
    client.send(request);
    String reply = client.received();
    assertTrue(reply.startsWith(start), reply);
  }

  @Test
  void whatIsRefusedAtOnceWaitsForNothing() {
    client.send("GET " + a, "WATCH", "NOSUCH");
    alpha.say("+first\r\n");
    String all = client.received();
    assertTrue(all.startsWith("+first -ERR wrong number of arguments for 'watch' command"), all);
    assertTrue(all.contains("-ERR unknown command 'NOSUCH'"), all);
    assertEquals(3, pool.recorder().requests);
  }

  @Test
  void arityComesBeforeTheMode() {
    answers("+OK", "MULTI");
    answers("-ERR wrong number of arguments for 'get' command", "GET");
    answers("-EXECABORT", "EXEC");
  }

  @Test
  void inATransactionRequestsAreQueuedAndDoNotWait() {
    client.send("MULTI", "GET " + a, "BLPOP " + a + " 0");
    alpha.say("+OK\r\n+QUEUED\r\n+QUEUED\r\n");
    assertEquals("+OK +QUEUED +QUEUED", client.received());
  }

  @Test
  void afterATransactionTheModeIsThatOfBefore() {
    answers("+OK", "MULTI");
    answers("+OK", "DISCARD");
    answers("-ERR EXEC without MULTI", "EXEC");
    answers("+PONG", "PING");
  }

  @Test
  void aboveTheMemoryLimitWhatNeedsANodeIsRefusedAndNothingElse() {
    try (VirtualWorker full = new VirtualWorker(0)) {
      VirtualPool ofFull = new VirtualPool(full, new InMemoryServer(full));
      VirtualPool.Client asking = ofFull.connect();
      full.advance(100);
      asking.send("GET " + a, "PING");
      assertEquals(
          "-ERR The proxy is short of memory (memory-limit), the request was not sent +PONG",
          asking.received());
      asking.leave();
    }
  }

  @Test
  void aRequestWithAMergedReplyWaitsWhileOneIsOwed() {
    client.send("MGET " + a + " " + b, "MGET " + b + " " + a, "GET " + a);
    assertEquals(1, pool.recorder().requests, "what comes behind waits with it");
    alpha.say("*1\r\n$1\r\n1\r\n");
    beta.say("*1\r\n$1\r\n2\r\n");
    assertEquals("*2 $1 1 $1 2", client.received());
    assertEquals(3, pool.recorder().requests);
  }
}
