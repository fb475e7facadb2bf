package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.Corpus;
import io.cashew.proxy.testing.Corpus.Row;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
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
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What no client should send, in front of a real node: the replies that were owed before it come,
 * then an error, or the end; the node hears nothing of it, and nobody else is harmed.
 */
@ExtendWith(LeakCheck.class)
final class MalformedRequestsTest {
  private static final int OWED = 20;

  private static RealRedis redis;
  private static TestProxy proxy;
  private static RawClient bystander;

  @BeforeAll
  static void start() {
    redis = RealRedis.start();
    proxy = new TestProxy.Builder().node(redis.port()).timeoutMillis(10_000).start();
    bystander = proxy.connect();
    assertEquals("OK", bystander.send("SET", "bystander", "lives"));
  }

  @AfterAll
  static void stop() {
    bystander.close();
    proxy.close();
    redis.close();
  }

  @AfterEach
  void nobodyElseIsHarmed() {
    assertEquals("lives", bystander.send("GET", "bystander"));
    assertEquals(null, bystander.send("GET", "owned"));
    assertEquals(1, proxy.node("n0", "connects_total"), "the node kept its connection");
    assertEquals(0, proxy.failures("n0"));
    assertEquals(0, (long) proxy.metric("cashew_client_errors_total{kind=\"internal\""));
    Await.until("the client is gone", () -> proxy.metric("cashew_clients{") == 1);
    Await.until("nothing is owed", () -> proxy.metric("cashew_requests_in_flight") == 0);
  }

  static List<Row> requests() {
    return Corpus.requests();
  }

  @Test
  void theCorpusHasAsManyAsTheCatalogue() {
    assertTrue(requests().size() >= 86, "requests: " + requests().size());
    assertEquals(15, requests().stream().filter(row -> row.name().startsWith("poison")).count());
  }

  @ParameterizedTest
  @MethodSource("requests")
  void isRefusedBehindTheRepliesOwed(Row row) {
    ByteArrayOutputStream requests = new ByteArrayOutputStream();
    for (int i = 0; i < OWED; i++) {
      requests.writeBytes(RawClient.request("SET", "owed:" + i, "v" + i));
    }
    requests.writeBytes(row.bytes());
    try (RawClient client = proxy.connect()) {
      // Nothing comes behind it: whoever waits for more waits for ever.
      client.write(requests.toByteArray());
      for (int i = 0; i < OWED; i++) {
        assertEquals("OK", client.read());
      }
      String error = assertInstanceOf(ErrorReply.class, client.read()).text();
      assertTrue(error.length() < 300, error);
      if (row.tag().equals("close")) {
        assertTrue(error.startsWith("ERR Protocol error: "), error);
        assertTrue(client.ends());
      } else {
        assertEquals("still here", client.send("ECHO", "still here"));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("requests")
  void isRefusedAByteAtATime(Row row) {
    try (RawClient client = proxy.connect()) {
      byte[] bytes = row.bytes();
      int most = Math.min(bytes.length, 40);
      writeAsFarAsItGoes(client, bytes, most);
      if (row.tag().equals("close")) {
        String end = client.readToEnd();
        assertTrue(end.isEmpty() || end.startsWith("-ERR Protocol error: "), end);
      } else {
        assertInstanceOf(ErrorReply.class, client.read());
      }
    }
  }

  /** The first bytes one by one, then the rest. */
  private static void writeAsFarAsItGoes(RawClient client, byte[] bytes, int single) {
    try {
      for (int i = 0; i < single; i++) {
        client.write(new byte[] {bytes[i]});
      }
      client.write(java.util.Arrays.copyOfRange(bytes, single, bytes.length));
    } catch (UncheckedIOException e) {
      return; // refused before its end
    }
  }

  /** A browser, or a server that can be talked into it, sends what is a command to Redis. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 13\r\n\r\nSET owned 1\r\n",
        "PUT /a HTTP/1.1\r\n\r\n*3\r\n$3\r\nSET\r\n$5\r\nowned\r\n$1\r\n1\r\n",
        "OPTIONS * HTTP/1.1\r\nX:\r\nSET owned 1\r\n",
        "GET / HTTP/1.0\r\nCookie: a\r\nSET owned 1\r\n\r\n",
        "SET /owned HTTP/1.1\r\nSET owned 1\r\n",
        "EVAL \"redis.call('set','owned','1')\" HTTP/1.1\r\nSET owned 1\r\n",
        "X-Header: a\r\nHost: a\r\nSET owned 1\r\n",
        "\r\n\r\nPOST / HTTP/1.1\r\nSET owned 1\r\n",
        "\u0016\u0003\u0001\r\nSET owned 1\r\n",
        "SSH-2.0-a\r\nSET owned 1\r\n",
        "PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\nSET owned 1\r\n",
        "\r\n\r\n\0\r\nQUIT\nSET owned 1\r\n"
      })
  void anotherProtocolRunsNothing(String bytes) {
    try (RawClient client = proxy.connect()) {
      client.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
      String end = client.readToEnd();
      assertTrue(
          end.lines().allMatch(line -> line.startsWith("-ERR ")), "only errors, not: " + end);
    }
  }

  /** Half-sent requests that announce gigabytes need so little that nobody is told of a lack. */
  @Test
  void announcedSizesTakeNoMemory() {
    TestProxy.Builder small = new TestProxy.Builder().node(redis.port()).memoryLimit(8 << 20);
    List<RawClient> clients = new ArrayList<>();
    try (TestProxy limited = small.start();
        RawClient asking = limited.connect()) {
      for (int i = 0; i < 50; i++) {
        RawClient client = limited.connect();
        clients.add(client);
        client.write(
            (i % 2 == 0 ? "*1048576\r\n$3\r\nDEL\r\n" : "*2\r\n$3\r\nGET\r\n$536870912\r\nk")
                .getBytes(StandardCharsets.ISO_8859_1));
      }
      long begin = System.nanoTime();
      Await.until(
          "memory has been looked at",
          () -> {
            assertEquals("lives", asking.send("GET", "bystander"));
            return System.nanoTime() - begin > 500_000_000L;
          });
    }
    clients.forEach(RawClient::close);
  }
}
