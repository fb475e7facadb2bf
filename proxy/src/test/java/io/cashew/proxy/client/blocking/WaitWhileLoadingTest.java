package io.cashew.proxy.client.blocking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.TwoServers;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code WAIT} to which a server answers that it loads its data: it has not executed it. */
final class WaitWhileLoadingTest extends TwoServers {
  private static final String LOADING = "-LOADING Redis is loading the dataset in memory\r\n";

  private String answer = LOADING;

  @BeforeEach
  void written() {
    pool.failoverWait(1000);
    alpha.answer(request -> request.startsWith("WAIT") ? answer : said(request));
    client.send("SET " + a + " 1");
    assertEquals("+OK", client.received());
  }

  private static String said(String request) {
    return request.equals("CLIENT ID")
        ? ":7\r\n"
        : request.startsWith("SPUBLISH")
            ? ":0\r\n"
            : request.equals("PING") ? "+PONG\r\n" : "+OK\r\n";
  }

  private long asked() {
    return alpha.requests().stream().filter(request -> request.startsWith("WAIT")).count();
  }

  @Test
  void itIsAskedAgainUntilTheServerAnswers() {
    client.send("WAIT 1 0");
    worker.advance(300);
    assertEquals("", client.received());
    assertTrue(asked() > 1, "" + asked());
    answer = ":1\r\n";
    worker.advance(100);
    assertEquals(":1", client.received());
    long before = asked();
    worker.advance(500);
    assertEquals(before, asked());
    assertEquals(List.of(), beta.requests());
  }

  @Test
  void itIsAskedNoLongerThanItWaitsForAPrimary() {
    client.send("WAIT 1 0");
    worker.advance(900);
    assertEquals("", client.received());
    worker.advance(300);
    assertEquals(LOADING.strip(), client.received());
  }

  @Test
  void whereNoOtherServerComesItsErrorIsTheReply() {
    pool.failoverWait(0);
    client.send("WAIT 1 0");
    assertEquals(LOADING.strip(), client.received());
    long before = asked();
    worker.advance(500);
    assertEquals(before, asked());
  }

  @Test
  void whatComesBehindItWaits() {
    client.send("WAIT 1 0", "GET " + a);
    worker.advance(300);
    assertEquals("", client.received());
    answer = ":1\r\n";
    worker.advance(100);
    assertEquals(":1 +OK", client.received());
  }
}
