package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.LimitSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Requests of more than 256 KB, which are sent on as they come, and what may interrupt them. */
@ExtendWith(LeakCheck.class)
final class LargeRequestsTest {
  private static final String VALUE = "v".repeat(20 << 20);
  private static RealRedis redis;

  @BeforeAll
  static void startRedis() {
    redis = RealRedis.start();
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  private static TestProxy.Builder builder() {
    return new TestProxy.Builder().node(redis.port()).timeoutMillis(10_000);
  }

  private static String errorOf(Object reply) {
    return assertInstanceOf(ErrorReply.class, reply).text();
  }

  /** The first half of a request, and what is needed to be sure that it is on its way. */
  private static void writeHalf(TestProxy proxy, RawClient client, byte[] request) {
    long before = proxy.node("n0", "requests_total");
    client.write(Arrays.copyOf(request, request.length / 2));
    Await.until("it has begun", () -> proxy.node("n0", "requests_total") == before + 1);
    Await.until(
        "it is on its way",
        () -> proxy.node("n0", "request_bytes_total") > Math.min(1 << 20, request.length / 4));
  }

  private static byte[] secondHalf(byte[] request) {
    return Arrays.copyOfRange(request, request.length / 2, request.length);
  }

  @Test
  void whatMustBeHeldWholeIsRefusedAtItsLimit() {
    LimitSettings limits = LimitSettings.DEFAULT.with(LimitSettings.GATHERED_REQUEST, 1L << 20);
    try (TestProxy proxy = builder().limits(limits).start();
        RawClient client = proxy.connect()) {
      assertEquals("OK", client.send("MSET", "first", "1", "second", VALUE.substring(0, 900_000)));
      byte[] request = RawClient.request("MSET", "first", "2", "second", VALUE);
      client.write(Arrays.copyOf(request, 2 << 20)); // and the rest never comes
      assertTrue(errorOf(client.read()).contains("too big request: more than 1048576 bytes"));
      client.awaitEnd();
      try (RawClient another = proxy.connect()) {
        assertEquals("1", another.send("GET", "first"));
      }
    }
  }

  @Test
  void aClientThatLeavesInTheMiddleWritesNothing() {
    try (TestProxy proxy = builder().start();
        RawClient bystander = proxy.connect()) {
      for (int size : new int[] {600_000, 2 << 20, VALUE.length()}) {
        assertEquals("OK", bystander.send("SET", "large", "before"));
        byte[] request = RawClient.request("SET", "large", VALUE.substring(0, size));
        for (boolean reset : new boolean[] {true, false}) {
          RawClient client = proxy.connect();
          writeHalf(proxy, client, request);
          if (reset) {
            client.reset();
          } else {
            client.close();
          }
          Await.until("it is gone", () -> proxy.metric("cashew_clients{") == 1);
          Await.until("nothing is owed", () -> proxy.node("n0", "requests_in_flight") == 0);
          assertEquals("before", bystander.send("GET", "large"));
        }
      }
      assertEquals(6, proxy.failures("n0", "abandoned"));
      assertEquals(0, proxy.node("n0", "circuit_openings_total"));
      Await.until("only the shared connection stays", () -> proxy.node("n0", "connections") == 1);
    }
  }

  @Test
  void aBreachOfTheProtocolInTheMiddleIsAnsweredOnceAndWritesNothing() {
    try (TestProxy proxy = builder().start();
        RawClient client = proxy.connect();
        RawClient bystander = proxy.connect()) {
      byte[] request = RawClient.request("SET", "breach", VALUE.substring(0, 600_000), "EX", "9");
      int valueEnd = request.length - "\r\n$2\r\nEX\r\n$1\r\n9\r\n".length();
      request[valueEnd] = 'x';
      // Not a byte more than what tells: nobody must wait for another one.
      client.write(Arrays.copyOf(request, valueEnd + 1));
      String error = errorOf(client.read());
      assertTrue(error.startsWith("ERR Protocol error: "), error);
      assertTrue(client.ends());
      assertEquals(null, bystander.send("GET", "breach"));
      assertEquals(1, (long) proxy.metric("cashew_client_errors_total{kind=\"protocol\""));
    }
  }

  @Test
  void requestsBeforeAndBehindKeepTheirOrder() {
    try (TestProxy proxy = builder().start();
        RawClient client = proxy.connect()) {
      Thread writer =
          new Thread(
              () -> {
                for (int i = 0; i < 5; i++) {
                  client.write(RawClient.request("SET", "order", "small " + i));
                  client.write(RawClient.request("GET", "order"));
                  client.write(RawClient.request("SET", "order", VALUE.substring(i)));
                  client.write(RawClient.request("STRLEN", "order"));
                }
              });
      writer.start();
      for (int i = 0; i < 5; i++) {
        assertEquals("OK", client.read());
        assertEquals("small " + i, client.read());
        assertEquals("OK", client.read());
        assertEquals((long) VALUE.length() - i, client.read());
      }
    }
  }

  @Test
  void aNodeThatHangsCostsAnErrorAndTheClientGoesOn() {
    try (MisbehavingNode node = MisbehavingNode.start();
        TestProxy proxy = new TestProxy.Builder().node(node.port()).timeoutMillis(400).start();
        RawClient client = proxy.connect()) {
      node.reading(false);
      client.write(RawClient.request("SET", "large", VALUE));
      String error = errorOf(client.read());
      assertTrue(error.startsWith("ERR Connection timed out after 400 ms"), error);
      assertEquals(1, proxy.failures("n0", "timeout"));
      node.recover();
      Await.until("it goes on", () -> "OK".equals(client.send("SET", "small", "v")));
      assertEquals(null, node.value("large"));
    }
  }

  @Test
  void aNodeThatClosesInTheMiddleCostsAnErrorAndTheClientGoesOn() {
    try (MisbehavingNode node = MisbehavingNode.start();
        TestProxy proxy = new TestProxy.Builder().node(node.port()).timeoutMillis(10_000).start();
        RawClient client = proxy.connect()) {
      byte[] request = RawClient.request("SET", "large", VALUE);
      writeHalf(proxy, client, request);
      node.dropConnections();
      assertTrue(errorOf(client.read()).contains("by the node"));
      assertEquals(0, proxy.node("n0", "circuit_openings_total"));
      client.write(secondHalf(request));
      assertEquals("PONG", client.send("PING"));
      Await.until("it goes on", () -> "OK".equals(client.send("SET", "small", "v")));
      assertEquals(null, node.value("large"));
    }
  }

  @Test
  void aNodeThatIsDownCostsAnErrorAndTheClientGoesOn() {
    try (MisbehavingNode node = MisbehavingNode.start();
        TestProxy proxy = new TestProxy.Builder().node(node.port()).timeoutMillis(10_000).start();
        RawClient client = proxy.connect()) {
      node.stop();
      for (int i = 0; i < 3; i++) {
        assertTrue(errorOf(client.send("SET", "large", VALUE)).contains("Connection refused"));
        assertEquals("PONG", client.send("PING"));
      }
    }
  }

  @Test
  void aSlowSenderIsNotLateAndHoldsUpNobody() {
    try (TestProxy proxy = builder().timeoutMillis(200).failureLimit(1000).start();
        RawClient client = proxy.connect();
        RawClient bystander = proxy.connect()) {
      byte[] request = RawClient.request("SET", "slow", VALUE.substring(0, 1 << 20));
      writeHalf(proxy, client, request);
      long begin = System.nanoTime();
      Await.until(
          "far more than the time-out has passed",
          () -> {
            bystander.send("GET", "other");
            return System.nanoTime() - begin > 1_000_000_000L;
          });
      client.write(secondHalf(request));
      assertEquals("OK", client.read());
      assertEquals((long) (1 << 20), client.send("STRLEN", "slow"));
    }
  }
}
