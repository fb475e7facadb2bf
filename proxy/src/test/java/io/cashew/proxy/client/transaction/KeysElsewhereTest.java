package io.cashew.proxy.client.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.VirtualPool;
import io.cashew.proxy.testing.VirtualWorker;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The laws of transactions whose keys are elsewhere than where they were sent. */
@ExtendWith(LeakCheck.class)
final class KeysElsewhereTest {
  private final VirtualWorker worker = new VirtualWorker();
  private final InMemoryServer alpha = new InMemoryServer(worker, "alpha");
  private final InMemoryServer beta = new InMemoryServer(worker, "beta");
  private final VirtualPool pool = VirtualPool.ofSlots(worker, 1000, alpha, beta);
  private final VirtualPool.Client client = pool.connect();
  private final String a = pool.keyOf(alpha);
  private final String a2 = "{" + a + "}2";
  private final int slot = pool.slotOf(a);
  private final String moved = "-MOVED " + slot + " beta:6379\r\n";
  private final String ask = "-ASK " + slot + " beta:6379\r\n";

  @BeforeEach
  void serve() {
    pool.failoverWait(500);
    alpha.answer(request -> served(request));
    beta.answer(request -> served(request));
  }

  @AfterEach
  void stop() {
    client.leave();
    worker.close();
  }

  private static String served(String request) {
    return switch (request.split(" ", -1)[0]) {
      case "MULTI", "ASKING", "WATCH", "UNWATCH", "DISCARD" -> "+OK\r\n";
      case "EXEC" -> "*1\r\n:1\r\n";
      case "GET" -> "$1\r\n1\r\n";
      default -> "+QUEUED\r\n";
    };
  }

  private void refuse(String command, String error) {
    alpha.answer(request -> request.startsWith(command) ? error : served(request));
  }

  @Test
  void aTransactionBeginsAnewWhereItsFirstKeyHasGone() {
    refuse("INCR", moved);
    client.send("MULTI", "INCR " + a, "INCR " + a2, "EXEC");
    assertEquals("+OK +QUEUED +QUEUED *1 :1", client.received());
    assertEquals(List.of("MULTI", "INCR " + a, "DISCARD"), alpha.requests());
    assertEquals(List.of("MULTI", "INCR " + a, "INCR " + a2, "EXEC"), beta.requests());
  }

  @Test
  void whatIsOnItsWayIsAskedForBeforeMulti() {
    refuse("INCR", ask);
    client.send("MULTI", "INCR " + a, "EXEC");
    assertEquals("+OK +QUEUED *1 :1", client.received());
    assertEquals(List.of("ASKING", "MULTI", "INCR " + a, "EXEC"), beta.requests());
  }

  @Test
  void whatWasQueuedBeforeAKeyWasNamedGoesAlong() {
    refuse("INCR", ask);
    client.send("MULTI", "ECHO x", "INCR " + a, "EXEC");
    assertTrue(client.received().startsWith("+OK +QUEUED +QUEUED"));
    assertEquals(List.of("ASKING", "MULTI", "ECHO x", "INCR " + a, "EXEC"), beta.requests());
  }

  @Test
  void whatALaterKeyIsRefusedForEndsWithExecabort() {
    refuse("DECR", "-TRYAGAIN Multiple keys request during rehashing of slot\r\n");
    client.send("MULTI", "INCR " + a);
    client.send("DECR " + a2);
    client.send("EXEC");
    String said = client.received();
    assertTrue(said.startsWith("+OK +QUEUED +QUEUED -EXECABORT Transaction discarded"), said);
    assertEquals("DISCARD", alpha.requests().get(alpha.requests().size() - 1));
    client.send("GET " + a);
    assertEquals("$1 1", client.received());
  }

  @Test
  void anExecThatWasDiscardedIsNotRepeated() {
    refuse("EXEC", moved);
    client.send("MULTI", "INCR " + a, "EXEC", "GET " + a);
    String said = client.received();
    assertTrue(
        said.startsWith("+OK +QUEUED -EXECABORT Transaction discarded because of: the slot"), said);
    assertTrue(said.endsWith("$1 1"), said);
    assertEquals(List.of(), beta.requests());
  }

  @Test
  void whatIsWatchedCountsAsChangedWhenItsSlotHasGone() {
    client.send("WATCH " + a);
    refuse("EXEC", moved);
    client.send("MULTI", "INCR " + a, "EXEC");
    assertEquals("+OK +OK +QUEUED *-1", client.received());
    alpha.answer(
        request ->
            switch (request.split(" ", -1)[0]) {
              case "INCR" -> moved;
              case "EXEC" -> "-EXECABORT Transaction discarded because of previous errors.\r\n";
              default -> served(request);
            });
    client.send("WATCH " + a, "MULTI", "INCR " + a, "EXEC");
    assertEquals("+OK +OK +QUEUED *-1", client.received());
    alpha.answer(KeysElsewhereTest::served);
    client.send("MULTI", "INCR " + a, "EXEC");
    assertEquals("+OK +QUEUED *1 :1", client.received());
    assertEquals(List.of(), beta.requests());
  }

  @Test
  void keysAreWatchedWhereTheyAre() {
    refuse("WATCH", ask);
    client.send("WATCH " + a, "MULTI", "INCR " + a, "EXEC");
    assertEquals("+OK +OK +QUEUED *1 :1", client.received());
    assertEquals(
        List.of("ASKING", "WATCH " + a, "ASKING", "MULTI", "INCR " + a, "EXEC"), beta.requests());
  }

  @ParameterizedTest
  @ValueSource(strings = {"CLUSTERDOWN The cluster is down", "LOADING Redis is loading"})
  void keysThatNoServerWatchesCountAsChanged(String error) {
    refuse("WATCH", "-" + error + "\r\n");
    client.send("WATCH " + a, "GET " + a, "MULTI", "INCR " + a, "EXEC");
    assertEquals("+OK $1 1 +OK +QUEUED *-1", client.received());
    assertEquals(List.of("WATCH " + a, "GET " + a), alpha.requests());
    alpha.answer(KeysElsewhereTest::served);
    client.send("WATCH " + a, "MULTI", "INCR " + a, "EXEC");
    assertEquals("+OK +OK +QUEUED *1 :1", client.received());
  }

  @Test
  void keysOfTwoSlotsOfOneServerAreRefused() {
    String other = "";
    for (int i = 0; other.isEmpty(); i++) {
      String key = "o" + i;
      other = pool.slotOf(key) != slot && pool.slotOf(key) % 2 == slot % 2 ? key : "";
    }
    client.send("MULTI", "INCR " + a, "INCR " + other, "EXEC");
    String said = client.received();
    assertTrue(said.startsWith("+OK +QUEUED -CROSSSLOT"), said);
    assertTrue(said.contains("-EXECABORT"), said);
  }

  @Test
  void aServerThatHasBecomeAReplicaEndsATransactionWithExecabort() {
    refuse("INCR", "-READONLY You can't write against a read only replica.\r\n");
    client.send("MULTI", "INCR " + a, "EXEC");
    String said = client.received();
    assertTrue(said.startsWith("+OK +QUEUED -EXECABORT Transaction discarded"), said);
  }
}
