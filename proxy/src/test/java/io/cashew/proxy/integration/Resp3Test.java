package io.cashew.proxy.integration;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clients of RESP3 beside clients of RESP2: each gets the very bytes that a node would send it. */
@ExtendWith(LeakCheck.class)
final class Resp3Test {
  private static final List<RealRedis> NODES = new ArrayList<>();

  @BeforeAll
  static void start() {
    for (int i = 0; i < 2; i++) {
      NODES.add(RealRedis.start());
    }
  }

  @AfterAll
  static void stop() {
    NODES.forEach(RealRedis::close);
  }

  /** Requests on one key, whose replies have every type that a server sends without being asked. */
  private static final List<List<String>> REQUESTS =
      List.of(
          List.of("SET", "{k}s", "text"),
          List.of("GET", "{k}s"),
          List.of("GET", "{k}nothing"),
          List.of("HSET", "{k}h", "a", "1", "b", "2"),
          List.of("HGETALL", "{k}h"),
          List.of("HGETALL", "{k}nothing"),
          List.of("SADD", "{k}set", "x"),
          List.of("SMEMBERS", "{k}set"),
          List.of("ZADD", "{k}z", "1.5", "m"),
          List.of("ZSCORE", "{k}z", "m"),
          List.of("ZRANGE", "{k}z", "0", "-1", "WITHSCORES"),
          List.of("ZINCRBY", "{k}z", "0.25", "m"),
          List.of("EVAL", "redis.setresp(3); return {double=3.25}", "1", "{k}s"),
          List.of("EVAL", "redis.setresp(3); return {map={a=1}}", "1", "{k}s"),
          List.of("EVAL", "redis.setresp(3); return true", "1", "{k}s"),
          List.of("EVAL", "return redis.error_reply('MY error')", "1", "{k}s"),
          List.of("LPUSH", "{k}s", "wrong"),
          List.of("GEOADD", "{k}g", "13.361389", "38.115556", "Palermo"),
          List.of("GEOPOS", "{k}g", "Palermo", "nowhere"),
          List.of("XADD", "{k}x", "1-1", "f", "v"),
          List.of("XRANGE", "{k}x", "-", "+"),
          List.of("XREAD", "STREAMS", "{k}x", "0"),
          List.of("MGET", "{k}s", "{k}nothing", "{k}h"),
          List.of("OBJECT", "ENCODING", "{k}s"),
          List.of("INCR", "{k}n"));

  private static byte[] pipeline(boolean resp3) {
    StringBuilder bytes = new StringBuilder();
    if (resp3) {
      bytes.append("*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n");
    }
    for (List<String> request : REQUESTS) {
      bytes.append(new String(RawClient.request(request.toArray(String[]::new)), ISO_8859_1));
    }
    bytes.append("*2\r\n$4\r\nECHO\r\n$4\r\ndone\r\n");
    return bytes.toString().getBytes(ISO_8859_1);
  }

  /** What follows the answer to HELLO, as sent, up to the answer to the last ECHO. */
  private static String answers(RawClient client, boolean resp3) {
    client.write(pipeline(resp3));
    String all = client.readUntil("$4\r\ndone\r\n");
    if (!resp3) {
      return all;
    }
    assertTrue(all.startsWith("%7\r\n"), all);
    return all.substring(all.indexOf("modules\r\n*0\r\n") + "modules\r\n*0\r\n".length());
  }

  private static String straight(boolean resp3) {
    try (RealRedis alone = RealRedis.start();
        RawClient client = alone.connect()) {
      return answers(client, resp3);
    }
  }

  @Test
  void repliesAreThoseOfANodeInEitherProtocol() {
    try (TestProxy proxy = TestProxy.of(NODES.toArray(RealRedis[]::new))) {
      for (boolean resp3 : new boolean[] {true, false}) {
        try (RawClient client = proxy.connect()) {
          client.send("FLUSHALL");
          assertEquals(straight(resp3), answers(client, resp3));
        }
      }
    }
  }

  @Test
  void clientsOfBothProtocolsShareAProxy() {
    try (TestProxy proxy = TestProxy.of(NODES.toArray(RealRedis[]::new));
        RawClient two = proxy.connect();
        RawClient three = proxy.connect()) {
      three.write(RawClient.request("HELLO", "3"));
      assertEquals("%7\r\n$", three.readBytes(5));
      three.readUntil("*0\r\n");
      for (int i = 0; i < 100; i++) {
        two.send("HSET", "h" + i, "f", "v" + i);
        assertEquals(List.of("f", "v" + i), two.send("HGETALL", "h" + i));
        String expected = "%1\r\n$1\r\nf\r\n$" + ("v" + i).length() + "\r\nv" + i + "\r\n";
        three.write(RawClient.request("HGETALL", "h" + i));
        assertEquals(expected, three.readBytes(expected.length()));
      }
      String split = "*3\r\n_\r\n_\r\n_\r\n";
      three.write(RawClient.request("MGET", "no1", "no2", "no3"));
      assertEquals(split, three.readBytes(split.length()));
    }
  }

  @Test
  void aChangeOfProtocolInAPipelineKeepsTheOrder() {
    try (TestProxy proxy = TestProxy.of(NODES.toArray(RealRedis[]::new));
        RawClient client = proxy.connect()) {
      client.send("FLUSHALL");
      StringBuilder requests = new StringBuilder();
      StringBuilder expected = new StringBuilder();
      for (int i = 0; i < 200; i++) {
        requests.append("*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n");
        expected.append(":").append(i + 1).append("\r\n");
        if (i % 20 == 10) {
          requests.append("*1\r\n$5\r\nRESET\r\n");
          expected.append("+RESET\r\n");
        }
        if (i % 20 == 0) {
          // Its answer, which varies, is cut out of what is read.
          requests.append("*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n");
        }
      }
      requests.append("*2\r\n$4\r\nECHO\r\n$4\r\ndone\r\n");
      client.write(requests.toString().getBytes(ISO_8859_1));
      String all = client.readUntil("$4\r\ndone\r\n");
      String seen = all.replaceAll("(?s)%7\r\n.*?modules\r\n\\*0\r\n", "");
      assertEquals(expected + "$4\r\ndone\r\n", seen);
    }
  }

  @Test
  void aLargeRequestOfResp3IsStreamedToo() {
    try (TestProxy proxy = TestProxy.of(NODES.toArray(RealRedis[]::new));
        RawClient client = proxy.connect()) {
      String value = "x".repeat(1_000_000);
      client.write(RawClient.request("HELLO", "3"));
      client.write(RawClient.request("SET", "large", value));
      client.write(RawClient.request("STRLEN", "large"));
      client.readUntil("+OK\r\n:1000000\r\n");
    }
  }
}
