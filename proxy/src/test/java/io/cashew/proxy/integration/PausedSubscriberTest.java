package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who listens, and is held by {@code CLIENT PAUSE}, is read all the same: it may leave. */
final class PausedSubscriberTest {
  private static final int ROUNDS = 20;

  private static int clients(RawClient client) {
    return String.valueOf(client.send("CLIENT", "LIST")).split("\n", -1).length - 1;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void itsLeavingIsSeenWhileThePauseLasts(int workers) {
    try (RealRedis node = RealRedis.start();
        TestProxy proxy =
            new TestProxy.Builder()
                .node(node.port())
                .workers(workers)
                .adminCommandsToAllNodes()
                .start();
        RawClient other = proxy.connect()) {
      for (int i = 0; i < ROUNDS; i++) {
        try (RawClient subscriber = proxy.connect()) {
          subscriber.write(RawClient.request("HELLO", "3"));
          subscriber.readUntil("modules\r\n*0\r\n");
          subscriber.write(RawClient.request("SUBSCRIBE", "news"));
          subscriber.readUntil(":1\r\n");
          assertEquals(1L, other.send("PUBLISH", "news", "hello"));
          subscriber.readUntil("hello\r\n");
          assertEquals("OK", other.send("CLIENT", "PAUSE", "100000", "WRITE"));
          subscriber.write(RawClient.request("SET", "k", "v"));
          Await.until(
              "it is held",
              () -> String.valueOf(other.send("INFO", "clients")).contains("blocked_clients:1\r"));
        }
        Await.until("it has left", () -> clients(other) == 1);
        assertEquals("OK", other.send("CLIENT", "UNPAUSE"));
        assertEquals(0L, other.send("PUBLISH", "news", "nobody"));
      }
    }
  }
}
