package io.cashew.proxy.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.testing.TwoServers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * A client has one mode at a time, which decides before anything else what becomes of a request.
 */
final class ModeTest extends TwoServers {
  private String reply(String request) {
    client.send(request);
    return client.received();
  }

  @Test
  void usuallyNothingIsTakenAndNobodyWaits() {
    var get = CommandTable.standard().find("get");
    assertFalse(Mode.NORMAL.takes(Objects.requireNonNull(get), new RequestFrame()));
    assertFalse(Mode.NORMAL.inTransaction());
    List<Boolean> told = new ArrayList<>();
    Mode.NORMAL.unblock(true, told::add);
    assertEquals(List.of(false), told);
  }

  @Test
  void whoListensMaySendFewCommandsAndMoreWhenItListensNoMore() {
    alpha.answer(request -> confirmation(request));
    beta.answer(request -> confirmation(request));
    client.send("SUBSCRIBE news");
    assertTrue(client.received().contains("subscribe"), "subscribed");
    String refused = reply("GET " + a);
    assertTrue(refused.startsWith("-ERR Can't execute 'get'"), refused);
    assertEquals("*2 $4 pong $0", reply("PING"));
    reply("UNSUBSCRIBE news");
    assertEquals("+PONG", reply("PING"));
  }

  private static String confirmation(String request) {
    String[] words = request.toLowerCase(Locale.ROOT).split(" ", -1);
    return words.length < 2
        ? "+OK\r\n"
        : "*3\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n:1\r\n"
            .formatted(words[0].length(), words[0], words[1].length(), words[1]);
  }

  @Test
  void whoIsInATransactionQueuesAlsoWhatWouldBlock() {
    client.send("MULTI", "BLPOP " + a + " 0", "PING");
    alpha.say("+OK\r\n+QUEUED\r\n+QUEUED\r\n");
    assertEquals("+OK +QUEUED +QUEUED", client.received());
    assertEquals("+OK", reply("RESET").replace("+RESET", "+OK"));
    assertEquals("+PONG", reply("PING"));
  }

  @Test
  void whoIsBlockedWaitsWithAllThatFollows() {
    alpha.answer(request -> request.equals("CLIENT ID") ? ":1\r\n" : null);
    client.send("BLPOP " + a + " 0", "PING", "GET " + b);
    assertEquals(List.of(), beta.requests());
    assertEquals("", client.received());
    assertEquals(List.of("CLIENT ID", "BLPOP " + a + " 0"), alpha.requests());
    alpha.say("*2\r\n$1\r\nk\r\n$1\r\nv\r\n");
    assertEquals("*2 $1 k $1 v +PONG", client.received());
    assertEquals(List.of("GET " + b), beta.requests());
  }
}
