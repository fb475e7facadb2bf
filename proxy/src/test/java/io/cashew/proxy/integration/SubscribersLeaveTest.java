package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client asks right after a subscriber has left finds it gone. */
final class SubscribersLeaveTest {
  private static final int ROUNDS = 60;
  private static final List<RealRedis> NODES = new ArrayList<>();

  @BeforeAll
  static void start() {
    for (int i = 0; i < 2; i++) {
      NODES.add(RealRedis.startInstalled().orElseGet(RealRedis::start));
    }
  }

  @AfterAll
  static void stop() {
    NODES.forEach(RealRedis::close);
  }

  private static TestProxy proxy(int workers) {
    TestProxy.Builder builder = new TestProxy.Builder().workers(workers);
    NODES.forEach(node -> builder.node(node.port()));
    return builder.start();
  }

  /**
   * A client that listens leaves, and at once another one asks.
   *
   * @return the answers that are not {@code right}
   */
  private static List<Object> wrong(
      int workers, String listen, Consumer<RawClient> leave, String question, Object right) {
    List<Object> wrong = new ArrayList<>();
    try (TestProxy proxy = proxy(workers)) {
      // With two workers each has one of the two: a new client goes where there are fewest.
      for (int round = 0; round < ROUNDS; round++) {
        try (RawClient leaving = proxy.connect();
            RawClient other = proxy.connect()) {
          other.send("GET", "warm");
          leaving.send(listen.split(" "));
          leave.accept(leaving);
          Object answer = other.send(question.split(" "));
          if (!right.equals(answer)) {
            wrong.add(String.valueOf(answer));
          }
        }
      }
    }
    return wrong;
  }

  private static void assertGone(String listen, String question, Object right) {
    for (int workers = 1; workers <= 2; workers++) {
      assertEquals(List.of(), wrong(workers, listen, RawClient::close, question, right));
      assertEquals(List.of(), wrong(workers, listen, RawClient::reset, question, right));
    }
  }

  @Test
  void aMessageAfterThatHasNoReceiver() {
    assertGone("SUBSCRIBE c", "PUBLISH c m", 0L);
  }

  @Test
  void soItIsWithPatterns() {
    assertGone("PSUBSCRIBE c*", "PUBLISH c m", 0L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "b", "c", "d"})
  void whicheverNodeTheMessageGoesTo(String channel) {
    assertEquals(
        List.of(),
        wrong(2, "SUBSCRIBE " + channel, RawClient::close, "PUBLISH " + channel + " m", 0L));
  }

  @Test
  void soItIsWhenTheClientHasClosedItsEndOnly() {
    assertEquals(List.of(), wrong(2, "SUBSCRIBE c", RawClient::halfClose, "PUBLISH c m", 0L));
  }

  @Test
  void soItIsWhenTheClientHasSentThatItNoLongerListens() {
    Consumer<RawClient> unsubscribe = client -> client.write(RawClient.request("UNSUBSCRIBE", "c"));
    assertEquals(List.of(), wrong(2, "SUBSCRIBE c", unsubscribe, "PUBLISH c m", 0L));
    Consumer<RawClient> reset = client -> client.write(RawClient.request("RESET"));
    assertEquals(List.of(), wrong(2, "SUBSCRIBE c", reset, "PUBLISH c m", 0L));
  }

  @Test
  void itsChannelsAreNoLongerActive() {
    assertGone("SUBSCRIBE c", "PUBSUB CHANNELS", List.of());
    assertGone("SUBSCRIBE c", "PUBSUB NUMSUB c", List.of("c", 0L));
    assertGone("PSUBSCRIBE c*", "PUBSUB NUMPAT", 0L);
  }

  @Test
  void soItIsWithShardChannels() {
    try (RawClient direct = NODES.get(0).connect()) {
      assumeTrue(direct.send("SPUBLISH", "c", "m") instanceof Long, "older than shard channels");
    }
    assertGone("SSUBSCRIBE c", "SPUBLISH c m", 0L);
    assertGone("SSUBSCRIBE c", "PUBSUB SHARDNUMSUB c", List.of("c", 0L));
    assertGone("SSUBSCRIBE c", "PUBSUB SHARDCHANNELS", List.of());
  }

  /** One stays on the same worker, or on another one: it is counted, and gets the message. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void whoStaysIsCounted(int workers) {
    List<Object> wrong = new ArrayList<>();
    try (TestProxy proxy = proxy(workers);
        RawClient staying = proxy.connect()) {
      staying.send("SUBSCRIBE", "c");
      for (int round = 0; round < ROUNDS; round++) {
        try (RawClient leaving = proxy.connect();
            RawClient other = proxy.connect()) {
          other.send("GET", "warm");
          leaving.send("SUBSCRIBE", "c");
          leaving.reset();
          Object answer = other.send("PUBLISH", "c", "m" + round);
          if (!Long.valueOf(1).equals(answer)) {
            wrong.add(Optional.ofNullable(answer));
          }
          assertEquals(List.of("message", "c", "m" + round), staying.read());
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  /** While others come and go, who stays is never missing from the count. */
  @Test
  void whoStaysIsCountedWhileOthersLeave() throws InterruptedException {
    try (TestProxy proxy = proxy(3);
        RawClient staying = proxy.connect();
        RawClient publisher = proxy.connect()) {
      staying.send("SUBSCRIBE", "c");
      List<Thread> others = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        Thread other =
            new Thread(
                () -> {
                  for (int round = 0; round < 300; round++) {
                    try (RawClient leaving = proxy.connect()) {
                      leaving.send("SUBSCRIBE", "c");
                    }
                  }
                });
        other.start();
        others.add(other);
      }
      long few = 0;
      while (others.stream().anyMatch(Thread::isAlive)) {
        long counted = (Long) publisher.send("PUBLISH", "c", "m");
        few += counted < 1 ? 1 : 0;
        assertEquals(List.of("message", "c", "m"), staying.read());
      }
      Await.end(others);
      assertEquals(0, few, "too few");
    }
  }
}
