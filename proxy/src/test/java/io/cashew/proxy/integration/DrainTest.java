package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.control.Drain;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
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
      Await.end(stopper);
    }
  }

  private static boolean isBlocked(RealRedis redis) {
    try (RawClient direct = redis.connect()) {
      return String.valueOf(direct.send("INFO", "clients")).contains("blocked_clients:1");
    }
  }

  private static Thread draining(TestProxy proxy, Drain how) {
    Thread drainer = new Thread(() -> proxy.drain(how));
    drainer.start();
    return drainer;
  }

  @Test
  void untilItIsKnownThatItIsNotReadyItServesNewClientsToo() throws InterruptedException {
    try (MisbehavingNode node = MisbehavingNode.start();
        TestProxy proxy =
            new TestProxy.Builder().node(node.port()).drain(3_600_000, 5000).start()) {
      int port = proxy.port();
      RawClient before = proxy.connect();
      assertEquals("OK", before.send("SET", "k", "v"));
      assertTrue(proxy.readyForClients());
      Thread drainer = draining(proxy, Drain.GENTLE);
      Await.until("it is not ready", () -> !proxy.readyForClients());
      assertEquals("OK", before.send("SET", "k", "w"));
      try (RawClient late = new RawClient(port)) {
        assertEquals("w", late.send("GET", "k"));
      }
      drainer.interrupt(); // the delay is over
      assertTrue(before.ends());
      before.close();
      awaitRefusal(port);
      Await.end(drainer);
    }
  }

  @Test
  void aProxyThatNobodyUsesNorAsksEndsWithoutTheDelay() {
    try (MisbehavingNode node = MisbehavingNode.start();
        TestProxy proxy = new TestProxy.Builder().node(node.port()).drain(3_600_000, 0).start()) {
      assertTimeoutPreemptively(Duration.ofMinutes(1), () -> proxy.drain(Drain.GENTLE));
    }
  }

  @Test
  void whoHasAskedWhetherItIsReadyIsToldBeforeThePortCloses() throws InterruptedException {
    try (MisbehavingNode node = MisbehavingNode.start();
        TestProxy proxy =
            new TestProxy.Builder().node(node.port()).drain(3_600_000, 5000).start()) {
      int port = proxy.port();
      assertTrue(proxy.readyForClients());
      Thread drainer = draining(proxy, Drain.GENTLE);
      Await.until("it is not ready", () -> !proxy.readyForClients());
      try (RawClient late = new RawClient(port)) {
        assertEquals("PONG", late.send("PING"));
      }
      drainer.interrupt();
      Await.end(drainer);
    }
  }

  @Test
  void aBlockedClientIsToldAndLeaves() throws InterruptedException {
    try (RealRedis redis = RealRedis.start();
        TestProxy proxy =
            new TestProxy.Builder().node(redis.port()).drain(0, 3000).timeoutMillis(0).start()) {
      RawClient blocked = proxy.connect();
      blocked.write(RawClient.request("BLPOP", "q", "0"));
      Await.until("it waits", () -> isBlocked(redis));
      Thread drainer = draining(proxy, Drain.GENTLE);
      assertEquals(
          new RawClient.ErrorReply("UNBLOCKED client unblocked via CLIENT UNBLOCK"),
          blocked.read());
      assertTrue(blocked.ends());
      blocked.close();
      Await.end(drainer);
      try (RawClient direct = redis.connect()) {
        assertEquals(1L, direct.send("RPUSH", "q", "kept"));
        assertEquals(1L, direct.send("LLEN", "q"));
      }
    }
  }

  /** Its turn comes before that of the other one, which leaves first all the same. */
  @Test
  void aTransactionIsFinishedBeforeItsClientLeaves() throws InterruptedException {
    try (RealRedis redis = RealRedis.start();
        TestProxy proxy = new TestProxy.Builder().node(redis.port()).drain(0, 12_000).start()) {
      RawClient inTransaction = proxy.connect();
      assertEquals("OK", inTransaction.send("MULTI"));
      RawClient watching = proxy.connect();
      assertEquals("OK", watching.send("WATCH", "k"));
      RawClient idle = proxy.connect();
      assertEquals("PONG", idle.send("PING"));
      Thread drainer = draining(proxy, Drain.GENTLE);
      assertTrue(idle.ends());
      idle.close();
      assertEquals("QUEUED", inTransaction.send("SET", "k", "v"));
      assertEquals(List.of("OK"), inTransaction.send("EXEC"));
      assertTrue(inTransaction.ends());
      inTransaction.close();
      assertEquals("OK", watching.send("MULTI"));
      assertNull(watching.send("EXEC"));
      assertTrue(watching.ends());
      watching.close();
      Await.end(drainer);
    }
  }

  @Test
  void aSubscriberLeavesBetweenMessages() throws InterruptedException {
    try (RealRedis redis = RealRedis.start();
        TestProxy proxy = new TestProxy.Builder().node(redis.port()).drain(0, 3000).start()) {
      RawClient subscriber = proxy.connect();
      assertEquals(List.of("subscribe", "news", 1L), subscriber.send("SUBSCRIBE", "news"));
      Thread drainer = draining(proxy, Drain.GENTLE);
      assertTrue(subscriber.ends());
      subscriber.close();
      Await.end(drainer);
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
      Await.end(stopper);
      assertEquals(2 << 20, String.valueOf(node.value("large")).length());
    }
  }
}
