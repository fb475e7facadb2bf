package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.ClientConnections;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nothing reaches a node for a client that has not said the password, whatever it tries. */
@ExtendWith(LeakCheck.class)
final class AuthBypassTest {
  private static final String PASSWORD = "secret";

  private static RealRedis redis;
  private static TestProxy proxy;

  @BeforeAll
  static void start() {
    redis = RealRedis.start("--requirepass", PASSWORD);
    proxy =
        new TestProxy.Builder()
            .node(redis.port())
            .password(PASSWORD)
            .nodePassword(PASSWORD)
            .timeoutMillis(10_000)
            .clients(
                ClientConnections.DEFAULT
                    .with(ClientConnections.SLOW_REQUEST, 0L)
                    .with(ClientConnections.FAILED_AUTHENTICATION_DELAY, 0L))
            .start();
  }

  @AfterAll
  static void stop() {
    proxy.close();
    redis.close();
  }

  @AfterEach
  void nothingWasExecuted() {
    try (RawClient direct = redis.connect()) {
      assertEquals("OK", direct.send("AUTH", PASSWORD));
      assertEquals(0L, direct.send("DBSIZE"));
    }
  }

  private static String line(String... words) {
    return new String(RawClient.request(words), StandardCharsets.ISO_8859_1);
  }

  /** What is tried, each in one segment and on a connection of its own. */
  static List<String> attempts() {
    String set = line("SET", "owned", "1");
    List<String> attempts = new ArrayList<>();
    for (String[] command :
        new String[][] {
          {"SET", "owned", "1"},
          {"set", "owned", "1"},
          {"SeT", "owned", "1"},
          {"MSET", "owned", "1", "b", "2"},
          {"DEL", "owned"},
          {"INCR", "owned"},
          {"EVAL", "return redis.call('set','owned','1')", "1", "owned"},
          {"EVAL", "return redis.call('set','owned','1')", "0"},
          {"FLUSHALL"},
          {"KEYS", "*"},
          {"SCAN", "0"},
          {"DBSIZE"},
          {"RANDOMKEY"},
          {"SELECT", "0"},
          {"MULTI"},
          {"WATCH", "owned"},
          {"EXEC"},
          {"DISCARD"},
          {"SUBSCRIBE", "owned"},
          {"PSUBSCRIBE", "*"},
          {"PUBLISH", "owned", "1"},
          {"BLPOP", "owned", "0"},
          {"SCRIPT", "LOAD", "return 1"},
          {"FUNCTION", "LIST"},
          {"CLIENT", "LIST"},
          {"CLIENT", "KILL", "TYPE", "normal"},
          {"CLIENT", "SETNAME", "a"},
          {"CLIENT", "REPLY", "OFF"},
          {"CLIENT", "PAUSE", "100000"},
          {"ACL", "WHOAMI"},
          {"ACL", "SETUSER", "a", "on", "nopass", "~*", "+@all"},
          {"CONFIG", "SET", "requirepass", ""},
          {"DEBUG", "SLEEP", "1"},
          {"SHUTDOWN", "NOSAVE"},
          {"MONITOR"},
          {"REPLICAOF", "NO", "ONE"},
          {"SYNC"},
          {"MIGRATE", "a", "1", "k", "0", "1"},
          {"PING"},
          {"ECHO", "a"},
          {"TIME"},
          {"INFO"},
          {"COMMAND"},
          {"NOSUCH"},
          {"GET"}
        }) {
      attempts.add(line(command));
    }
    for (String[] auth :
        new String[][] {
          {"AUTH", "wrong"},
          {"AUTH", ""},
          {"AUTH", "secre"},
          {"AUTH", "secrets"},
          {"AUTH", "SECRET"},
          {"AUTH", "secret\0"},
          {"AUTH", "\0secret"},
          {"AUTH", "secret\r\n"},
          {"AUTH", " secret"},
          {"AUTH", "secret "},
          {"AUTH", "admin", "secret"},
          {"AUTH", "", "secret"},
          {"AUTH", "DEFAULT", "secret"},
          {"AUTH", "default\0", "secret"},
          {"AUTH", "default", ""},
          {"AUTH", "default", "wrong"},
          {"AUTH", "default", "secret", "x"},
          {"AUTH"},
          {"HELLO"},
          {"HELLO", "3"},
          {"HELLO", "2"},
          {"HELLO", "3", "AUTH", "default", "wrong"},
          {"HELLO", "2", "AUTH", "default"},
          {"HELLO", "9", "AUTH", "default", "secret"},
          {"HELLO", "x", "AUTH", "default", "secret"},
          {"HELLO", "3", "SETNAME", "a"},
          {"HELLO", "3", "AUTH", "", "secret"},
          {"RESET"}
        }) {
      attempts.add(line(auth) + set);
      attempts.add(line("MULTI") + line(auth) + set + line("EXEC"));
    }
    attempts.add("SET owned 1\r\n");
    attempts.add("AUTH wrong\r\nSET owned 1\r\n");
    attempts.add("AUTH \"wrong\nsecret\"\nSET owned 1\r\n");
    attempts.add("\r\n\r\nSET owned 1\n");
    attempts.add("*0\r\n*-1\r\n" + set);
    attempts.add(line("QUIT") + set);
    attempts.add(line("QUIT") + line("AUTH", PASSWORD) + set);
    // What was said right is undone before the command.
    attempts.add(line("AUTH", PASSWORD) + line("RESET") + set);
    attempts.add(line("HELLO", "3", "AUTH", "default", PASSWORD) + line("RESET") + set);
    attempts.add(line("RESET") + line("RESET") + set);
    // An argument is no command.
    attempts.add(line("ECHO", line("AUTH", PASSWORD)) + set);
    attempts.add(line("GET", line("AUTH", PASSWORD) + set));
    return attempts;
  }

  @ParameterizedTest
  @MethodSource("attempts")
  void nothingIsExecuted(String attempt) {
    long before = proxy.node("n0", "requests_total");
    try (RawClient client = proxy.connect()) {
      client.write(attempt.getBytes(StandardCharsets.ISO_8859_1));
      client.halfClose();
      String replies = client.readToEnd();
      boolean undone = attempt.contains("RESET") || attempt.contains("QUIT");
      boolean errors = replies.lines().allMatch(reply -> reply.startsWith("-"));
      assertTrue(errors || undone, "only errors, not: " + replies);
      if (attempt.endsWith(line("SET", "owned", "1")) && !attempt.startsWith(line("QUIT"))) {
        assertTrue(replies.endsWith("-NOAUTH Authentication required.\r\n"), replies);
      }
    }
    assertEquals(before, proxy.node("n0", "requests_total"));
  }

  @Test
  void thereAreAsManyAttemptsAsInTheCatalogue() {
    assertTrue(attempts().size() >= 55, "attempts: " + attempts().size());
  }

  /** The order within one segment, however it is cut: refused before, executed behind. */
  @Test
  void aPasswordCountsForWhatFollowsItOnly() {
    ByteArrayOutputStream segment = new ByteArrayOutputStream();
    segment.writeBytes(RawClient.request("SET", "before", "1"));
    segment.writeBytes(RawClient.request("AUTH", PASSWORD));
    segment.writeBytes(RawClient.request("SET", "k", "v"));
    segment.writeBytes(RawClient.request("AUTH", "wrong"));
    segment.writeBytes(RawClient.request("DEL", "k", "before"));
    byte[] bytes = segment.toByteArray();
    for (int cut = 0; cut <= bytes.length; cut++) {
      try (RawClient client = proxy.connect()) {
        client.write(java.util.Arrays.copyOf(bytes, cut));
        client.write(java.util.Arrays.copyOfRange(bytes, cut, bytes.length));
        assertTrue(assertInstanceOf(ErrorReply.class, client.read()).text().startsWith("NOAUTH"));
        assertEquals("OK", client.read());
        assertEquals("OK", client.read());
        assertTrue(assertInstanceOf(ErrorReply.class, client.read()).text().startsWith("WRONG"));
        assertEquals(1L, client.read(), "a password that is wrong takes nothing from who was in");
      }
    }
  }

  /** What one connection has proved is not what the next one at its place has. */
  @Test
  void aNewConnectionHasProvedNothing() {
    for (int i = 0; i < 100; i++) {
      try (RawClient client = proxy.connect()) {
        assertTrue(
            assertInstanceOf(ErrorReply.class, client.send("GET", "k")).text().startsWith("NOAUTH"),
            "connection " + i);
        assertEquals("OK", client.send("AUTH", PASSWORD));
        assertEquals(null, client.send("GET", "k"));
        if (i % 2 == 0) {
          client.reset();
        }
      }
    }
  }
}
