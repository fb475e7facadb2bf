package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** Commands that somebody types, and other protocols that look like them. */
@ExtendWith(LeakCheck.class)
final class InlineCommandsTest {
  private static RealRedis redis;
  private static RealRedis direct;
  private static RealRedis second;
  private static TestProxy proxy;

  @BeforeAll
  static void start() {
    redis = RealRedis.start();
    second = RealRedis.start();
    direct = RealRedis.start();
    proxy = TestProxy.of(redis, second);
  }

  @AfterAll
  static void stop() {
    proxy.close();
    redis.close();
    second.close();
    direct.close();
  }

  private static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Each runs on a connection of its own, in one and in many pieces. */
  private static final List<String> TYPED =
      List.of(
          "PING\r\n",
          "ping\n",
          "PING hello\r\nECHO \"a b\"\r\n",
          "\r\n\r\n\nPING\r\n",
          "SET inline \"a b\"\nGET inline\n",
          "SET inline 'it\\'s'\r\nGET inline\r\nSTRLEN inline\r\n",
          "SET bytes \"\\x00\\xff\\r\\n\"\r\nGET bytes\r\n",
          "MSET a 1 b 2 c 3 d 4\r\nMGET a b c d e\r\nDEL a b c d\r\n",
          "*1\r\n$4\r\nPING\r\nPING\r\n*2\r\n$4\r\nECHO\r\n$1\r\nx\r\n",
          "*0\r\nPING\r\n",
          "SET {t}a 1\nMULTI\nSET '{t}a' 2\nGET {t}a\nEXEC\nGET {t}a\nDEL {t}a\n",
          "RPUSH {t}l x\nGET {t}m\nBLPOP {t}l 1\nBLPOP {t}l 0.01\nGET {t}m\n",
          "GET\r\nPING\r\n",
          "GET \"a\r\nPING\r\n",
          "SET a 'b'c\r\nPING\r\n",
          "SET never \"\r\n",
          "ECHO " + "x".repeat(60_000) + "\r\nPING\r\n",
          "PING\r\n*1\r\n:4\r\n",
          "PING\r\n*1\r\n$-1\r\n",
          "PING\r\n*" + "9".repeat(20) + "\r\n",
          "PING\r\n*1\r\n$" + "9".repeat(20) + "\r\n",
          "PING\r\n*1\r\n$536870913\r\n",
          "PING\r\n*2147483648\r\n");

  @TestFactory
  Stream<DynamicTest> repliesAreThoseOfRedis() {
    return TYPED.stream()
        .map(
            typed ->
                DynamicTest.dynamicTest(
                    typed.substring(0, Math.min(50, typed.length())).replaceAll("\\s+", " "),
                    () -> {
                      byte[] bytes = latin1(typed + "QUIT\r\n");
                      String expected;
                      try (RawClient client = direct.connect()) {
                        client.write(bytes);
                        expected = client.readToEnd();
                      }
                      assertTrue(expected.endsWith("\r\n"), expected);
                      for (int pieces : new int[] {1, 2, 7}) {
                        assertEquals(expected, inPieces(bytes, pieces), typed);
                      }
                    }));
  }

  private static String inPieces(byte[] bytes, int pieces) {
    try (RawClient client = proxy.connect()) {
      write(client, bytes, pieces);
      return client.readToEnd();
    }
  }

  private static void write(RawClient client, byte[] bytes, int pieces) {
    int from = 0;
    for (int i = 1; i <= pieces; i++) {
      int to = bytes.length * i / pieces;
      try {
        client.write(Arrays.copyOfRange(bytes, from, to));
      } catch (UncheckedIOException e) {
        return; // refused and closed meanwhile
      }
      from = to;
    }
  }

  private static List<String> foreignRequests() {
    List<String> requests = new ArrayList<>();
    String body = "SET wrapped yes\r\n*3\r\n$3\r\nSET\r\n$7\r\nwrapped\r\n$3\r\nyes\r\n";
    for (String method :
        List.of("PUT", "OPTIONS", "POST", "GET", "HEAD", "DELETE", "PATCH", "TRACE", "SET", "x")) {
      for (String target : List.of("/", "/key", "*", "http://redis:6379/a?b=c")) {
        requests.add(method + " " + target + " HTTP/1.1\r\nHost: x\r\n\r\n" + body);
        requests.add(method + " " + target + " HTTP/1.0\r\n\r\n" + body);
        requests.add(
            method + " " + target + " HTTP/1.1\nContent-Length: 17\nAccept: */*\n\n" + body);
      }
    }
    requests.add("POST\r\n" + body);
    requests.add("Host: redis\r\n" + body);
    requests.add("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + body);
    requests.add("CONNECT redis:6379 HTTP/1.1\r\n\r\n" + body);
    requests.add("\r\n\r\nPUT / HTTP/1.1\r\n\r\n" + body);
    requests.add("\026\003\001\002\000\001\000\001\374\003\003\r\n" + body);
    requests.add("SSH-2.0-OpenSSH_9.2p1\r\n" + body);
    requests.add("PROXY TCP4 10.0.0.1 10.0.0.2 5000 6379\r\n" + body);
    requests.add("\r\n\r\n\000\r\nQUIT\n\041\021\000\014" + body);
    requests.add("\000\000\000\010\004\322\026\057\r\n" + body);
    return requests;
  }

  @Test
  void nothingOfAnotherProtocolRuns() {
    for (String request : foreignRequests()) {
      byte[] bytes = latin1(request);
      int head = request.indexOf("SET wrapped");
      for (int cut : new int[] {bytes.length, 3, head / 2, head - 1, head, head + 5}) {
        try (RawClient client = proxy.connect();
            RawClient bystander = proxy.connect()) {
          write(client, Arrays.copyOf(bytes, cut), 1);
          if (cut < bytes.length) {
            assertEquals("PONG", bystander.send("PING"));
            write(client, Arrays.copyOfRange(bytes, cut, bytes.length), 1);
          }
          String error = assertInstanceOf(ErrorReply.class, client.read()).text();
          assertTrue(error.startsWith("ERR Protocol error: this port speaks"), error);
          assertTrue(client.ends(), request);
          assertEquals(0L, bystander.send("EXISTS", "wrapped"), request);
        }
      }
    }
  }

  @Test
  void whatWasRightBeforeItIsAnsweredFirst() {
    try (RawClient client = proxy.connect()) {
      client.write(latin1("SET before 1\r\nGET before\r\nGET / HTTP/1.1\r\n\r\nSET before 2\r\n"));
      assertEquals("OK", client.read());
      assertEquals("1", client.read());
      assertInstanceOf(ErrorReply.class, client.read());
      assertTrue(client.ends());
    }
    try (RawClient client = proxy.connect()) {
      assertEquals("1", client.send("GET", "before"));
    }
  }

  @Test
  void littleIsHeldOfALineBeforeThePassword() {
    try (TestProxy guarded = new TestProxy.Builder().node(redis.port()).password("secret").start();
        RawClient client = guarded.connect();
        RawClient other = guarded.connect()) {
      client.write(latin1("PING\r\nAUTH secret\r\nPING\r\n"));
      assertEquals(new ErrorReply("NOAUTH Authentication required."), client.read());
      assertEquals("OK", client.read());
      assertEquals("PONG", client.read());
      other.write(latin1("x".repeat((16 << 10) + 1)));
      assertEquals(new ErrorReply("ERR Protocol error: too big inline request"), other.read());
      assertTrue(other.ends());
      assertEquals(1, (long) guarded.metric("cashew_client_errors_total{kind=\"too_large\""));
      assertEquals(1, (long) guarded.metric("cashew_error_replies_total{kind=\"too_large\""));
    }
  }
}
