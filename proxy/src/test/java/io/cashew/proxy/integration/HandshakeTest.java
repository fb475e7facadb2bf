package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.MisbehavingNode.Connection;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a new connection to a node says before the first request, and what happens if it may not.
 */
@ExtendWith(LeakCheck.class)
final class HandshakeTest {
  private static final List<List<String>> HANDSHAKE =
      List.of(
          List.of("AUTH", "secret"),
          List.of("SELECT", "3"),
          List.of("CLIENT", "SETNAME", "cashew"));

  private static TestProxy.Builder builder() {
    return new TestProxy.Builder().timeoutMillis(5000).nodePassword("secret").database(3);
  }

  @Test
  void authThenSelectThenNameThenRequests() {
    try (MisbehavingNode node = MisbehavingNode.start();
        TestProxy proxy = builder().node(node.port()).start();
        RawClient client = proxy.connect()) {
      assertEquals("OK", client.send("SET", "k", "v"));
      assertEquals("v", client.send("GET", "k"));
      assertEquals(HANDSHAKE, node.requests().subList(0, 3));
      assertEquals(List.of("SET", "k", "v"), node.requests().get(3));
      assertEquals(5, node.requests().size());
    }
  }

  @Test
  void overAUnixSocketToo(@TempDir Path directory) {
    Path socket = directory.resolve("node");
    try (MisbehavingNode node = MisbehavingNode.start(socket);
        TestProxy proxy = builder().node("n0", new Address.Unix(socket.toString(), 0)).start();
        RawClient client = proxy.connect()) {
      assertEquals("OK", client.send("SET", "k", "v"));
      assertEquals(HANDSHAKE, node.requests().subList(0, 3));
      node.stop();
      Await.until("the end is noticed", () -> proxy.node("n0", "connections") == 0);
      for (int i = 0; i < 3; i++) {
        assertInstanceOf(ErrorReply.class, client.send("GET", "k"));
      }
      proxy.awaitCircuit("n0", true); // the metric follows the circuit
      node.restart();
      proxy.awaitCircuit("n0", false);
      assertEquals("v", client.send("GET", "k"));
    }
  }

  @Test
  void noRequestLeavesBeforeTheHandshakeIsAnswered() throws IOException {
    AtomicReference<Connection> held = new AtomicReference<>();
    try (MisbehavingNode node = MisbehavingNode.start();
        TestProxy proxy = builder().node(node.port()).start();
        RawClient client = proxy.connect()) {
      node.behave(
          (connection, request) -> {
            if (request.get(0).equals("CLIENT")) {
              held.set(connection);
            } else {
              node.honestly(connection, request);
            }
          });
      client.write(RawClient.request("SET", "k", "v"));
      client.write(RawClient.request("GET", "k"));
      Await.until("only the last answer is missing", () -> held.get() != null);
      Await.until("the requests wait", () -> proxy.metric("cashew_requests_in_flight") == 2);
      assertEquals(HANDSHAKE, node.requests());
      held.get().reply("+OK\r\n");
      assertEquals("OK", client.read());
      assertEquals("v", client.read());
    }
  }

  @Test
  void aRefusedPasswordIsAClearErrorAndNothingIsSent() {
    try (MisbehavingNode node = MisbehavingNode.start();
        TestProxy proxy = builder().node(node.port()).start();
        RawClient client = proxy.connect()) {
      node.behave(
          (connection, request) ->
              connection.reply("-WRONGPASS invalid username-password pair\r\n"));
      for (int i = 0; i < 20; i++) {
        String error = assertInstanceOf(ErrorReply.class, client.send("GET", "k")).text();
        assertTrue(error.startsWith("ERR The node refused AUTH (WRONGPASS"), error);
        assertTrue(!error.contains("secret"), error);
        assertTrue(!error.contains("executed"), error);
      }
      assertEquals(0, node.count("GET"));
      // Of the request that opened the connection, unless the circuit was open when it failed.
      assertTrue(proxy.failures("n0", "handshake") <= 1);
      assertEquals(20, proxy.failures("n0"), "each request failed once, in one way or another");
      assertEquals(1, proxy.node("n0", "circuit_open"));
      node.recover();
      proxy.awaitCircuit("n0", false);
      assertEquals("OK", client.send("SET", "k", "v"));
    }
  }

  @Test
  void aHandshakeThatIsNotAnsweredTimesOut() {
    try (MisbehavingNode node = MisbehavingNode.start();
        TestProxy proxy = builder().timeoutMillis(200).node(node.port()).start();
        RawClient client = proxy.connect()) {
      node.behave(MisbehavingNode.SILENT);
      String error = assertInstanceOf(ErrorReply.class, client.send("GET", "k")).text();
      assertTrue(error.startsWith("ERR Connection timed out (connecting) after 200 ms"), error);
      assertTrue(!error.contains("executed"), error);
      assertEquals(0, node.count("GET"));
      assertEquals(1, proxy.failures("n0", "timeout"));
    }
  }

  @Test
  void aRealNodeWithAPasswordServesItsDatabaseToLargeRequestsToo() {
    try (RealRedis node = RealRedis.start("--requirepass", "secret");
        TestProxy proxy = builder().node(node.port()).start();
        RawClient client = proxy.connect();
        RawClient direct = node.connect()) {
      String large = "v".repeat(1 << 20);
      assertEquals("OK", client.send("SET", "large", large));
      assertEquals("OK", client.send("SET", "small", "v"));
      assertTrue(large.equals(client.send("GET", "large")), "the large value");
      assertEquals("OK", direct.send("AUTH", "secret"));
      assertEquals(0L, direct.send("DBSIZE"));
      assertEquals("OK", direct.send("SELECT", "3"));
      assertEquals(2L, direct.send("DBSIZE"));
    }
  }
}
