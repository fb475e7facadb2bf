package io.cashew.proxy.client.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.TwoServers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a client sends becomes requests, each of them once, whatever its packets are. */
final class IntakeTest extends TwoServers {
  private static String bytes(String... request) {
    return new String(RawClient.request(request), StandardCharsets.ISO_8859_1);
  }

  @Test
  void requestsAreTheSameWhereverTheirBytesAreCut() {
    String both = bytes("SET", a, "one two") + "GET " + a + "\r\n" + bytes("GET", b);
    alpha.answer(request -> "+OK\r\n");
    beta.answer(request -> "+OK\r\n");
    for (int cut = 1; cut < both.length(); cut++) {
      client.sendBytes(both.substring(0, cut));
      client.sendBytes(both.substring(cut));
    }
    int times = both.length() - 1;
    List<String> asked = alpha.requests();
    assertEquals(2 * times, asked.size());
    for (int i = 0; i < asked.size(); i += 2) {
      assertEquals("SET " + a + " one two", asked.get(i));
      assertEquals("GET " + a, asked.get(i + 1));
    }
    assertEquals(times, beta.requests().size());
  }

  @Test
  void aByteAtATimeIsOneRequest() {
    for (char each : bytes("SET", a, "x".repeat(100)).toCharArray()) {
      client.sendBytes(String.valueOf(each));
    }
    assertEquals(List.of("SET " + a + " " + "x".repeat(100)), alpha.requests());
  }

  @Test
  void whatComesWhileTheGateIsShutIsTakenWhenItOpensAndOnce() {
    client.send("WATCH " + a, "GET " + b);
    client.send("GET " + b);
    assertEquals(List.of("WATCH " + a), alpha.requests());
    assertEquals(List.of(), beta.requests());
    alpha.say("+OK\r\n");
    assertEquals(List.of("GET " + b, "GET " + b), beta.requests());
  }

  @Test
  void nothingIsTakenBehindWhatIsNoRequestAndWhatIsOwedComesFirst() {
    client.sendBytes(bytes("GET", a) + "*1\r\n+no\r\n" + bytes("SET", b, "1"));
    assertFalse(client.ended());
    alpha.say("$1\r\n1\r\n");
    assertEquals("$1 1 -ERR Protocol error: expected '$', got '+'", client.received());
    assertTrue(client.ended());
    assertEquals(List.of(), beta.requests());
    assertEquals(List.of("GET " + a), alpha.requests());
  }

  @Test
  void anEmptyRequestIsNone() {
    client.sendBytes("\r\n*0\r\n" + bytes("PING"));
    assertEquals("+PONG", client.received());
    assertEquals(1, pool.recorder().requests);
  }

  @Test
  void aClientThatLeavesInTheMiddleOfARequestHasNotSentIt() {
    String request = bytes("SET", a, "value");
    var other = pool.connect();
    other.sendBytes(bytes("SET", a, "whole") + request.substring(0, request.length() - 1));
    other.leave();
    assertEquals(List.of("SET " + a + " whole"), alpha.requests());
  }
}
