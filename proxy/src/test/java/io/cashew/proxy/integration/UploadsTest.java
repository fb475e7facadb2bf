package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.LimitSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many large requests at one time, each with a connection to the node of its own. */
@ExtendWith(LeakCheck.class)
final class UploadsTest {
  private static final int UNSENT_PER_NODE = 1 << 20;
  private static final int CLIENTS = 8;

  /** Of each request that is being received: its share, and one read more. */
  private static final int EACH = (64 << 10) + (80 << 10);

  private static final String VALUE = "v".repeat(16 << 20);

  private static TestProxy.Builder builder(MisbehavingNode node) {
    return new TestProxy.Builder()
        .node(node.port())
        .limits(LimitSettings.DEFAULT.with(LimitSettings.UNSENT_PER_NODE, (long) UNSENT_PER_NODE));
  }

  private static void upload(RawClient client, String key, CountDownLatch over) {
    Thread thread =
        new Thread(
            () -> {
              client.write(RawClient.request("SET", key, VALUE));
              over.countDown();
            },
            "upload");
    thread.setDaemon(true);
    thread.start();
  }

  @Test
  void togetherTheyLeaveNoMoreUnsentThanOneConnectionMay() {
    try (MisbehavingNode node = MisbehavingNode.start();
        TestProxy proxy = builder(node).timeoutMillis(2000).failureLimit(1000).start()) {
      node.reading(false);
      List<RawClient> clients = new ArrayList<>();
      CountDownLatch over = new CountDownLatch(CLIENTS);
      for (int i = 0; i < CLIENTS; i++) {
        RawClient client = proxy.connect();
        clients.add(client);
        upload(client, "large" + i, over);
      }
      long[] most = new long[1];
      Await.until(
          "all were told that the node hangs",
          () -> {
            most[0] = Math.max(most[0], proxy.node("n0", "queue_bytes"));
            return proxy.failures("n0", "timeout") == CLIENTS;
          });
      assertTrue(most[0] > UNSENT_PER_NODE / 2, "unsent: " + most[0]);
      assertTrue(most[0] <= UNSENT_PER_NODE + CLIENTS * EACH, "unsent: " + most[0]);
      for (RawClient client : clients) {
        assertTrue(((ErrorReply) client.read()).text().contains("timed out"));
        client.close();
      }
    }
  }

  @Test
  void eachIsWholeHoweverManyWaitForRoom() {
    try (MisbehavingNode node = MisbehavingNode.start();
        TestProxy proxy = builder(node).timeoutMillis(20_000).start()) {
      List<RawClient> clients = new ArrayList<>();
      CountDownLatch over = new CountDownLatch(CLIENTS);
      for (int i = 0; i < CLIENTS; i++) {
        RawClient client = proxy.connect();
        clients.add(client);
        upload(client, "large" + i, over);
      }
      for (int i = 0; i < CLIENTS; i++) {
        assertEquals("OK", clients.get(i).read());
        assertTrue(VALUE.equals(node.value("large" + i)), "the value of client " + i);
        clients.get(i).close();
      }
    }
  }
}
