package io.cashew.proxy.client.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.TwoServers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a node says to a request without a key, which it is asked to queue on trial. */
final class QueueTrialTest extends TwoServers {
  private static String served(String request) {
    return switch (request.split(" ", -1)[0]) {
      case "MULTI", "DISCARD" -> "+OK\r\n";
      case "EXEC" -> "*2\r\n:1\r\n:2\r\n";
      default -> "+QUEUED\r\n";
    };
  }

  private void refuse(String error) {
    alpha.answer(request -> request.startsWith("EVAL") ? error : served(request));
    beta.answer(QueueTrialTest::served);
  }

  @ParameterizedTest
  @ValueSource(strings = {"LOADING Redis is loading", "MASTERDOWN Link with MASTER is down"})
  void aNodeThatTakesNothingAtTheMomentRefusesNothing(String words) {
    refuse("-" + words + "\r\n");
    client.send("MULTI", "EVAL x 0", "GET " + b, "EXEC");
    assertEquals("+OK +QUEUED +QUEUED *2 :1 :2", client.received());
  }

  @Test
  void ifTheNodeOfTheKeyTakesNothingTheTransactionIsDiscarded() {
    refuse("-LOADING Redis is loading\r\n");
    client.send("MULTI", "EVAL x 0", "GET " + a);
    assertEquals("+OK +QUEUED +QUEUED", client.received());
    client.send("EXEC");
    String received = client.received();
    assertTrue(received.startsWith("-EXECABORT "), received);
    assertTrue(received.contains("LOADING"), received);
  }

  @Test
  void whatItRefusesIsItsClients() {
    refuse("-ERR no\r\n");
    client.send("MULTI", "EVAL x 0", "GET " + b);
    assertEquals("+OK -ERR no +QUEUED", client.received());
    client.send("EXEC");
    String received = client.received();
    assertTrue(received.startsWith("-EXECABORT "), received);
  }
}
