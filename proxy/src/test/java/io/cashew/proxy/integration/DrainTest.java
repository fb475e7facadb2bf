package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.TestProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A planned stop loses no request that was read. */
@ExtendWith(LeakCheck.class)
final class DrainTest {

  private static void awaitRefusal(int port) {
    Await.until(
        "new clients are refused",
        () -> {
          try (RawClient late = new RawClient(port)) {
            return late.ends(); // accepted by the kernel before the listener had closed
          } catch (UncheckedIOException e) {
            return true;
          }
        });
  }

  private static Thread stopping(TestProxy proxy) {
    Thread stopper = new Thread(proxy::close);
    stopper.start();
    return stopper;
  }

  @Test
  void requestsInFlightAreAnsweredAndNewClientsRefused() throws InterruptedException {
    List<Runnable> held = new CopyOnWriteArrayList<>();
    try (MisbehavingNode node = MisbehavingNode.start()) {
      node.behave(
          (connection, request) ->
              held.add(
                  () -> {
                    try {
                      connection.reply(MisbehavingNode.bulk("value of " + request.get(1)));
                    } catch (IOException e) {
                      throw new UncheckedIOException(e);
                    }
                  }));
      TestProxy proxy =
          new TestProxy.Builder().node(node.port()).timeoutMillis(0).workers(2).start();
      int port = proxy.port();
      List<RawClient> clients = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        clients.add(proxy.connect());
      }
      for (int i = 0; i < 20; i++) {
        clients.get(i % 4).write(RawClient.request("GET", "k" + i));
      }
      RawClient idle = proxy.connect();
      assertEquals("PONG", idle.send("PING"));
      Await.until("all are in flight", () -> held.size() == 20);

      Thread stopper = stopping(proxy);
      assertTrue(idle.ends());
      awaitRefusal(port);
      held.forEach(Runnable::run);
      for (int i = 0; i < 20; i++) {
        assertEquals("value of k" + i, clients.get(i % 4).read());
      }
      for (RawClient client : clients) {
        assertTrue(client.ends());
        client.close();
      }
      idle.close();
      stopper.join();
    }
  }

  @Test
  void aLargeRequestThatHasBegunIsTakenWhole() throws InterruptedException {
    try (MisbehavingNode node = MisbehavingNode.start()) {
      TestProxy proxy = new TestProxy.Builder().node(node.port()).timeoutMillis(10_000).start();
      int port = proxy.port();
      RawClient client = proxy.connect();
      byte[] request = RawClient.request("SET", "large", "v".repeat(2 << 20));
      client.write(Arrays.copyOf(request, 1 << 20));
      Await.until("it is on its way", () -> proxy.node("n0", "request_bytes_total") > 256 << 10);
      Thread stopper = stopping(proxy);
      awaitRefusal(port);
      client.write(Arrays.copyOfRange(request, 1 << 20, request.length));
      assertEquals("OK", client.read());
      assertTrue(client.ends());
      client.close();
      stopper.join();
      assertEquals(2 << 20, String.valueOf(node.value("large")).length());
    }
  }
}
