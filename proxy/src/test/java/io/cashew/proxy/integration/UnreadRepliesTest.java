package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.LimitSettings;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FaultyLink;
import io.cashew.proxy.testing.Keys;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.TestProxy;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Replies that are here before their client takes them: merged ones come at once however large they
 * are, and what comes early waits for its turn. Whoever reads gets them; whoever does not holds up
 * nobody for long, and the proxy holds no more than it may.
 */
@ExtendWith(LeakCheck.class)
final class UnreadRepliesTest {
  private static final Keys KEYS = Keys.over(2);
  private static final String A = KEYS.on(0);
  private static final String B = KEYS.on(1);
  private static final String SMALL_A = KEYS.on(0, 2).get(1);
  private static final String SMALL_B = KEYS.on(1, 2).get(1);

  /** Two of these in one reply are below the limit; two such replies are above it. */
  private static final String LARGE = "v".repeat(6 << 20);

  private static final int HARD_LIMIT = 16 << 20;

  private final MisbehavingNode node = MisbehavingNode.start();
  private final MisbehavingNode other = MisbehavingNode.start();

  @AfterEach
  void stop() {
    node.close();
    other.close();
  }

  private TestProxy.Builder builder() {
    return builder(node.port());
  }

  private TestProxy.Builder builder(int portOfFirst) {
    node.put(A, LARGE);
    other.put(B, LARGE);
    node.put(SMALL_A, "a");
    other.put(SMALL_B, "b");
    return new TestProxy.Builder()
        .node(portOfFirst)
        .node(other.port())
        .timeoutMillis(8000)
        .limits(
            LimitSettings.DEFAULT
                .with(LimitSettings.UNSENT_PER_CLIENT, 64L << 10)
                .with(LimitSettings.UNSENT_PER_CLIENT_HARD, (long) HARD_LIMIT));
  }

  private static byte[] pipeline(int times, String... request) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < times; i++) {
      bytes.writeBytes(RawClient.request(request));
    }
    return bytes.toByteArray();
  }

  private static void assertLarge(Object reply) {
    assertTrue(List.of(LARGE, LARGE).equals(reply), "the large values");
  }

  private static long closed(TestProxy proxy) {
    return (long) proxy.metric("cashew_client_errors_total");
  }

  @Test
  void mergedRepliesTogetherLargerThanTheHardLimitReachAClientThatReads() {
    try (TestProxy proxy = builder().start();
        RawClient client = proxy.connect()) {
      client.write(pipeline(6, "MGET", A, B));
      client.write(pipeline(50, "MGET", SMALL_A, SMALL_B));
      client.write(pipeline(1, "GET", A));
      Await.until(
          "the first is here", () -> proxy.node("n1", "reply_bytes_total") > LARGE.length());
      for (int i = 0; i < 6; i++) {
        assertLarge(client.read());
      }
      for (int i = 0; i < 50; i++) {
        assertEquals(List.of("a", "b"), client.read());
      }
      assertEquals(LARGE, client.read());
      assertEquals(0, closed(proxy));
    }
  }

  /** Its requests have had small replies so far, and so many of them are on their way at once. */
  @Test
  void largeMergedRepliesAfterManySmallOnesReachAClientThatReads() {
    try (TestProxy proxy = builder().start();
        RawClient client = proxy.connect()) {
      for (int i = 0; i < 100; i++) {
        assertEquals(List.of("a", "b"), client.send("MGET", SMALL_A, SMALL_B));
      }
      client.write(pipeline(6, "MGET", A, B));
      Await.until(
          "several are on their way",
          () -> proxy.node("n1", "reply_bytes_total") > LARGE.length() + 1000);
      for (int i = 0; i < 6; i++) {
        assertLarge(client.read());
      }
      assertEquals(0, closed(proxy));
    }
  }

  @Test
  void fewMergedRepliesAreHeldForAClientThatDoesNotRead() {
    try (TestProxy proxy = builder().timeoutMillis(2500).failureLimit(1000).start();
        RawClient client = proxy.connect();
        RawClient bystander = proxy.connect()) {
      for (int i = 0; i < 100; i++) {
        assertEquals(List.of("a", "b"), client.send("MGET", SMALL_A, SMALL_B));
      }
      client.write(pipeline(20, "MGET", A, B));
      Await.until(
          "the first is here", () -> proxy.node("n1", "reply_bytes_total") > LARGE.length());
      // A node waits once for a client that does not move, not once for each of its replies.
      assertEquals(List.of("a", "b"), bystander.send("MGET", SMALL_A, SMALL_B));
      int whole = 0;
      for (int i = 0; i < 20; i++) {
        Object reply = client.read();
        if (reply instanceof ErrorReply error) {
          assertTrue(
              error.text().contains("until its turn") || error.text().contains("timed out"),
              error.text());
        } else {
          assertLarge(reply);
          whole++;
        }
      }
      assertTrue(whole > 0, "the first at least");
      assertEquals("a", client.send("GET", SMALL_A));
      assertEquals(0, closed(proxy));
    }
  }

  @Test
  void whatIsGatheredForAClientThatHasLeftIsGivenUp() {
    try (TestProxy proxy = builder().start();
        RawClient bystander = proxy.connect()) {
      for (int i = 0; i < 5; i++) {
        RawClient client = proxy.connect();
        client.write(pipeline(3, "MGET", A, B));
        client.reset();
      }
      Await.until(
          "nothing is owed",
          () ->
              proxy.metric("cashew_clients{") == 1
                  && proxy.metric("cashew_node_requests_in_flight") == 0);
      assertLarge(bystander.send("MGET", A, B));
    }
  }

  @Test
  void aboveTheMemoryLimitWhoHoldsMostIsClosedAndOthersAreServed() {
    try (TestProxy proxy = builder().memoryLimit(8 << 20).start();
        RawClient client = proxy.connect();
        RawClient bystander = proxy.connect()) {
      client.write(pipeline(20, "MGET", A, B));
      Await.until(
          "it is closed",
          () -> proxy.metric("cashew_client_errors_total{kind=\"short_of_memory\"") == 1);
      Await.until("there is room again", () -> "a".equals(bystander.send("GET", SMALL_A)));
      assertEquals("b", bystander.send("GET", SMALL_B));
    }
  }

  /** The other node says nothing, so the request goes on for as long as the time-out. */
  @Test
  void whatComesForAClientThatHasLeftIsNotHeld() {
    try (TestProxy proxy = builder().start()) {
      node.behave(MisbehavingNode.SILENT);
      other.behave(MisbehavingNode.SILENT);
      RawClient client = proxy.connect();
      client.write(RawClient.request("MGET", A, B));
      Await.until("it is asked", () -> other.count("MGET") == 1);
      client.reset();
      Await.until("it has left", () -> proxy.metric("cashew_clients{") == 0);
      other.sayToAll("*1\r\n" + MisbehavingNode.bulk(LARGE));
      Await.until(
          "the reply is here", () -> proxy.node("n1", "reply_bytes_total") > LARGE.length());
      assertEquals(1, proxy.node("n0", "requests_in_flight"));
      long held = (long) proxy.metric("cashew_memory_bytes");
      assertTrue(held > 0 && held < LARGE.length() / 2, "held: " + held);
    }
  }

  /**
   * The node of a large reply waits for its turn, and with it everybody else: for no longer than
   * the time-out, and then that reply is an error. The client is not closed: it may well read.
   */
  @Test
  void aReplyThatCannotBeHeldUntilItsTurnIsAnError() {
    try (FaultyLink slow = FaultyLink.to(node.port());
        TestProxy proxy = builder(slow.port()).timeoutMillis(2000).start();
        RawClient client = proxy.connect();
        RawClient bystander = proxy.connect()) {
      node.put(SMALL_A, "v".repeat(22));
      slow.replies(FaultyLink.drip(1, 20)); // half a second each
      String huge = "v".repeat(30 << 20);
      other.put(B, huge);
      client.write(pipeline(8, "GET", SMALL_A));
      client.write(pipeline(1, "GET", B));
      client.write(pipeline(1, "GET", SMALL_B));
      Await.until("it waits", () -> proxy.node("n1", "reply_bytes_total") > HARD_LIMIT / 2);
      AtomicBoolean served = new AtomicBoolean();
      Thread others =
          new Thread(() -> served.set("b".equals(bystander.send("GET", SMALL_B))), "bystander");
      others.start();
      for (int i = 0; i < 8; i++) {
        assertEquals("v".repeat(22), client.read());
      }
      assertEquals(
          "ERR the reply could not be held until its turn: the client has not taken what comes"
              + " before it (limits.unsent-per-client-hard); the request was executed",
          ((ErrorReply) client.read()).text());
      assertEquals("b", client.read());
      Await.until("others were served", served::get);
      assertEquals(0, closed(proxy));
    }
  }
}
