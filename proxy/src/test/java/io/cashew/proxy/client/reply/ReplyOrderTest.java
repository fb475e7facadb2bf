package io.cashew.proxy.client.reply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.TwoServers;
import io.cashew.proxy.testing.VirtualPool;
import org.junit.jupiter.api.Test;

/** The law that a client's replies come in the order of its requests, whoever answers first. */
final class ReplyOrderTest extends TwoServers {
  @Test
  void aReplyThatComesEarlyWaitsForThoseBeforeIt() {
    client.send("GET " + a, "GET " + b, "GET " + b);
    beta.say("+second\r\n+third\r\n");
    assertEquals("", client.received());
    alpha.say("+first\r\n");
    assertEquals("+first +second +third", client.received());
    assertEquals(0, pool.recorder().inFlight);
  }

  @Test
  void aReplyWhoseTurnHasComeIsGivenBeforeItIsWhole() {
    client.send("GET " + a, "GET " + b);
    String large = "$100000\r\n" + "x".repeat(100_000) + "\r\n";
    beta.say("+second\r\n");
    alpha.say(large.substring(0, 70_000));
    assertEquals(70_000, client.received().length() + 1, "the blank is one for two");
    alpha.say(large.substring(70_000));
    assertTrue(client.received().endsWith("x +second"));
  }

  @Test
  void answersOfTheProxysOwnWaitForTheirTurn() {
    client.send("GET " + a, "PING", "ECHO hello", "NOSUCH");
    assertEquals("", client.received());
    alpha.say("+first\r\n");
    String all = client.received();
    assertTrue(all.startsWith("+first +PONG $5 hello -ERR unknown command 'NOSUCH'"), all);
  }

  @Test
  void aNodeThatFailsTakesItsTurnWithAnError() {
    client.send("GET " + a, "GET " + b, "GET " + a);
    alpha.hangUp();
    assertFalse(client.ended());
    String early = client.received();
    assertTrue(early.startsWith("-ERR Connection closed"), early);
    assertFalse(early.contains("+second"), early);
    beta.say("+second\r\n");
    String rest = client.received();
    assertTrue(rest.startsWith("+second -ERR Connection closed"), rest);
  }

  @Test
  void repliesToClientsThatHaveLeftReachNobody() {
    VirtualPool.Client leaver = pool.connect();
    leaver.send("GET " + a);
    client.send("GET " + a);
    leaver.leave();
    alpha.say("+of the one that left\r\n+mine\r\n");
    assertEquals("+mine", client.received());
    assertEquals(1, alpha.connections(), "nobody else's connection is closed for it");
    assertEquals(0, pool.recorder().inFlight);
  }

  @Test
  void whatIsMutedTakesItsTurnWithoutAWord() {
    client.send("CLIENT REPLY SKIP", "GET " + a, "GET " + b);
    beta.say("+second\r\n");
    assertEquals("", client.received());
    alpha.say("+never shown\r\n");
    assertEquals("+second", client.received());
  }

  @Test
  void aMergedReplyTakesTheTurnOfItsRequest() {
    client.send("MGET " + b + " " + a, "GET " + b);
    beta.say("*1\r\n$1\r\n2\r\n+last\r\n");
    assertEquals("", client.received());
    alpha.say("*1\r\n$1\r\n1\r\n");
    assertEquals("*2 $1 2 $1 1 +last", client.received());
  }

  @Test
  void anErrorOfOneNodeIsTheWholeReplyToARequestForSeveral() {
    client.send("MGET " + a + " " + b);
    alpha.say("*1\r\n$1\r\n1\r\n");
    beta.say("-LOADING Redis is loading the dataset in memory\r\n");
    assertEquals("-LOADING Redis is loading the dataset in memory", client.received());
  }

  @Test
  void aRequestThatMustWaitIsCountedWhenItIsTaken() {
    client.send("GET " + a, "WATCH " + a);
    assertEquals(1, pool.recorder().requests);
    alpha.say("+first\r\n");
    assertEquals(2, pool.recorder().requests);
  }
}
