package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.ClientConnections;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** How many connections clients may have, and how long they may do nothing with them. */
@ExtendWith(LeakCheck.class)
final class ConnectionLimitsTest {
  private static RealRedis node;

  @BeforeAll
  static void start() {
    node = RealRedis.start();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static TestProxy proxy(int perAddress, long idleMillis, long slowMillis) {
    return new TestProxy.Builder()
        .node(node.port())
        .clients(
            ClientConnections.DEFAULT
                .with(ClientConnections.PER_ADDRESS, perAddress)
                .with(ClientConnections.IDLE, idleMillis)
                .with(ClientConnections.SLOW_REQUEST, slowMillis)
                .with(ClientConnections.FAILED_AUTHENTICATION_DELAY, 0L))
        .start();
  }

  private static double errors(TestProxy proxy, String kind) {
    return proxy.metric("cashew_client_errors_total{kind=\"" + kind + "\"");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void oneMoreClientOfAnAddressIsRefusedUntilOneLeaves() {
    try (TestProxy proxy = proxy(2, 0, 0);
        RawClient first = proxy.connect()) {
      assertEquals("PONG", first.send("PING"));
      try (RawClient second = proxy.connect();
          RawClient third = proxy.connect()) {
        assertEquals(
            new ErrorReply("ERR max number of clients of this address reached"), third.read());
        assertTrue(third.ends());
        assertEquals("PONG", second.send("PING"));
      }
      assertEquals(1, proxy.metric("cashew_clients_refused_total"));
      Await.until("it has left", () -> proxy.metric("cashew_clients{") == 1);
      try (RawClient fourth = proxy.connect()) {
        assertEquals("PONG", fourth.send("PING"));
      }
    }
  }

  @Test
  void idleClientIsClosed() {
    try (TestProxy proxy = proxy(0, 500, 0);
        RawClient client = proxy.connect()) {
      assertEquals("PONG", client.send("PING"));
      assertTrue(client.ends());
      assertEquals(1, errors(proxy, "idle"));
    }
  }

  @Test
  void clientThatWaitsForAReplyIsNotIdle() {
    try (TestProxy proxy = proxy(0, 300, 0);
        RawClient client = proxy.connect()) {
      client.write(RawClient.request("BLPOP", "nothing", "3"));
      assertEquals(null, client.read());
      assertEquals(0, errors(proxy, "idle"));
    }
  }

  @Test
  void requestThatDoesNotEndClosesItsClientAfterItsReplies() {
    try (TestProxy proxy = proxy(0, 0, 500);
        RawClient client = proxy.connect();
        RawClient other = proxy.connect()) {
      client.write(bytes("*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$5\r\nab"));
      assertEquals("PONG", client.read());
      ErrorReply error = (ErrorReply) client.read();
      assertTrue(error.text().contains("took too long to arrive"), error.text());
      assertTrue(client.ends());
      assertEquals(1, errors(proxy, "slow_request"));
      assertEquals("PONG", other.send("PING"), "who sends nothing is not slow");
    }
  }

  @Test
  void dribbledRequestIsNotComplete() throws Exception {
    try (TestProxy proxy = proxy(0, 0, 500);
        RawClient client = proxy.connect()) {
      Thread dribble =
          new Thread(
              () -> {
                try {
                  client.write(bytes("*2\r\n$3\r\nGET\r\n$1000\r\n"));
                  for (int i = 0; i < 300; i++) {
                    client.write(bytes("x"));
                    Thread.sleep(20);
                  }
                } catch (java.io.UncheckedIOException | InterruptedException closed) {
                  return; // what the test is about
                }
              });
      dribble.start();
      assertTrue(client.read() instanceof ErrorReply);
      Await.end(dribble);
      assertEquals(1, errors(proxy, "slow_request"));
    }
  }

  @Test
  void uploadThatStandsStillIsGivenUp() {
    try (TestProxy proxy = proxy(0, 0, 500);
        RawClient client = proxy.connect();
        RawClient other = proxy.connect()) {
      client.write(bytes("*3\r\n$3\r\nSET\r\n$4\r\nhalf\r\n$2000000\r\n" + "x".repeat(1_000_000)));
      assertTrue(client.read() instanceof ErrorReply);
      assertTrue(client.ends());
      assertEquals(null, other.send("GET", "half"));
      assertEquals(1, errors(proxy, "slow_request"));
    }
  }

  @Test
  void timeInWhichAClientIsNotReadIsNotItsOwn(@TempDir Path directory) {
    try (RealRedis slow = RealRedis.start();
        TestProxy proxy =
            new TestProxy.Builder()
                .node(slow.port())
                .timeoutMillis(3000)
                .clients(
                    ClientConnections.DEFAULT
                        .with(ClientConnections.IDLE, 300L)
                        .with(ClientConnections.SLOW_REQUEST, 300L)
                        .with(ClientConnections.FAILED_AUTHENTICATION_DELAY, 0L))
                .start();
        RawClient client = proxy.connect()) {
      assertEquals("OK", client.send("SET", "k", "v"));
      slow.freeze();
      // The second request comes in two pieces; the first is not answered for a second.
      client.write(bytes("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"));
      client.write(bytes("*3\r\n$4\r\nEVAL\r\n$8\r\nreturn 1\r\n$1\r\n0\r\n"));
      Await.until("both are in flight", () -> proxy.metric("cashew_requests_in_flight{") == 2);
      long begin = System.nanoTime();
      Await.until("a second passes", () -> System.nanoTime() - begin > 1_500_000_000L);
      slow.thaw();
      assertEquals("v", client.read());
      assertEquals(1L, client.read());
    }
  }

  @Test
  void liveUnixSocketIsNotTakenAway(@TempDir Path directory) throws Exception {
    Path socket = directory.resolve("cashew.sock");
    Address address = new Address.Unix(socket.toString(), 0);
    try (TestProxy running = new TestProxy.Builder().node(node.port()).listen(address).start()) {
      IllegalStateException refused =
          assertThrows(
              IllegalStateException.class,
              () -> new TestProxy.Builder().node(node.port()).listen(address).start().close());
      assertTrue(String.valueOf(refused.getMessage()).contains("another program does"));
      assertTrue(Files.exists(socket), "it is still there");
      assertEquals(0, running.metric("cashew_clients_refused_total"));
    }
  }
}
