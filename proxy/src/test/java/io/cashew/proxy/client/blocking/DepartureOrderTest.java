package io.cashew.proxy.client.blocking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.VirtualPool;
import io.cashew.proxy.testing.VirtualWorker;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What waits until a node has forgotten those that have left, and what does not. */
@ExtendWith(LeakCheck.class)
final class DepartureOrderTest {
  /** Longer than any time-out. */
  private static final long LONG_MILLIS = 60_000;

  private final VirtualWorker worker = new VirtualWorker();
  private final InMemoryServer alpha = new InMemoryServer(worker, "alpha");
  private final InMemoryServer beta = new InMemoryServer(worker, "beta");
  private final VirtualPool pool = new VirtualPool(worker, alpha, beta);
  private final String onAlpha = pool.keyOf(alpha);
  private final String onBeta = pool.keyOf(beta);
  private final VirtualPool.Client publisher = pool.connect();
  private boolean forgets;

  @AfterEach
  void stop() {
    publisher.leave();
    worker.close();
  }

  /** Says what a server would; nothing to unsubscribe, unless it forgets. */
  private @Nullable String answer(String request) {
    String[] words = request.split(" ", -1);
    return switch (words[0]) {
      case "subscribe" -> confirmation("subscribe", words[1]);
      case "unsubscribe" -> forgets ? confirmation("unsubscribe", words[1]) : null;
      case "PUBLISH" -> ":0\r\n";
      case "BLPOP" -> null;
      case "CLIENT" -> words[1].equals("ID") ? ":7\r\n" : null;
      default -> "+OK\r\n";
    };
  }

  private static String confirmation(String word, String channel) {
    return "*3\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n:1\r\n"
        .formatted(word.length(), word, channel.length(), channel);
  }

  private VirtualPool.Client subscriber(String channel) {
    alpha.answer(this::answer);
    beta.answer(this::answer);
    VirtualPool.Client subscriber = pool.connect();
    subscriber.send("SUBSCRIBE " + channel);
    String got = subscriber.received();
    assertTrue(got.contains("subscribe"), got + alpha.requests() + beta.requests());
    return subscriber;
  }

  @Test
  void aMessageWaitsUntilItsNodeHasForgottenWhoHasLeft() {
    VirtualPool.Client subscriber = subscriber(onAlpha);
    subscriber.leave();
    publisher.send("PUBLISH " + onAlpha + " m", "GET " + onAlpha);
    assertFalse(alpha.requests().contains("PUBLISH " + onAlpha + " m"));
    alpha.say(0, confirmation("unsubscribe", onAlpha));
    assertEquals(":0 +OK", publisher.received());
    assertEquals(
        List.of(
            "subscribe " + onAlpha,
            "unsubscribe " + onAlpha,
            "PUBLISH " + onAlpha + " m",
            "GET " + onAlpha),
        alpha.requests());
  }

  @Test
  void aMessageForAnotherNodeDoesNotWaitForThisOne() {
    VirtualPool.Client subscriber = subscriber(onAlpha);
    beta.answer(
        request ->
            request.startsWith("unsubscribe")
                ? confirmation("unsubscribe", onAlpha)
                : answer(request));
    subscriber.leave();
    publisher.send("PUBLISH " + onBeta + " m");
    assertEquals(":0", publisher.received());
  }

  @Test
  void aMessageWaitsForNobodyWhoIsStillThere() {
    VirtualPool.Client subscriber = subscriber(onAlpha);
    publisher.send("PUBLISH " + onAlpha + " m");
    assertEquals(":0", publisher.received());
    forgets = true;
    subscriber.leave();
  }

  @Test
  void messagesThatAreReceivedTogetherWaitOnce() {
    VirtualPool.Client subscriber = subscriber(onAlpha);
    subscriber.leave();
    publisher.send(
        "PUBLISH " + onAlpha + " 1", "PUBLISH " + onAlpha + " 2", "PUBLISH " + onAlpha + " 3");
    VirtualPool.Client another = pool.connect();
    another.send("PUBLISH " + onAlpha + " 4");
    assertEquals(2, alpha.requests().size());
    alpha.say(0, confirmation("unsubscribe", onAlpha));
    assertEquals(":0 :0 :0", publisher.received());
    assertEquals(":0", another.received());
    another.leave();
  }

  /** A look that has begun may have been too early to see who has left since. */
  @Test
  void whoAsksDuringALookWaitsForTheNextOne() {
    VirtualPool.Client one = subscriber(onAlpha);
    String second = onAlpha + "{" + onAlpha + "}";
    VirtualPool.Client two = subscriber(second);
    one.leave();
    publisher.send("PUBLISH " + onAlpha + " m");
    two.leave();
    VirtualPool.Client another = pool.connect();
    another.send("PUBLISH " + onAlpha + " later");
    alpha.say(0, confirmation("unsubscribe", onAlpha));
    assertEquals(":0", publisher.received());
    assertEquals("", another.received());
    alpha.say(0, confirmation("unsubscribe", second));
    assertEquals(":0", another.received());
    another.leave();
  }

  /** One look is not enough for a pipeline that goes to several nodes. */
  @Test
  void eachNodeOfAPipelineIsLookedAt() {
    alpha.answer(request -> request.startsWith("CLIENT UNBLOCK") ? ":1\r\n" : answer(request));
    beta.answer(this::answer);
    VirtualPool.Client one = pool.connect();
    VirtualPool.Client two = pool.connect();
    VirtualPool.Client staying = pool.connect();
    staying.send("BLPOP " + onAlpha + " 0");
    one.send("BLPOP " + onAlpha + " 0");
    two.send("BLPOP " + onBeta + " 0");
    one.leave();
    two.leave();
    publisher.send("LPUSH " + onAlpha + " x", "LPUSH " + onBeta + " x");
    assertTrue(alpha.requests().contains("LPUSH " + onAlpha + " x"));
    assertFalse(beta.requests().contains("LPUSH " + onBeta + " x"));
    beta.say(":1\r\n");
    assertEquals("+OK +OK", publisher.received());
    staying.leave();
  }

  /** The time-out is taken once: a message that is sent then would take another. */
  @Test
  void aMessageForANodeThatHangsIsNotSentWhenItsTimeIsOver() {
    VirtualPool.Client subscriber = subscriber(onAlpha);
    subscriber.leave();
    publisher.send("PUBLISH " + onAlpha + " m");
    VirtualPool.Client another = pool.connect();
    another.send("PUBLISH " + onAlpha + " m", "GET " + onAlpha);
    worker.advance(LONG_MILLIS);
    String reply = publisher.received();
    assertTrue(reply.startsWith("-ERR Connection timed out"), reply);
    reply = another.received();
    assertTrue(reply.startsWith("-ERR Connection timed out") && reply.endsWith("+OK"), reply);
    assertFalse(alpha.requests().contains("PUBLISH " + onAlpha + " m"));
    another.leave();
  }

  @Test
  void aMessageIsSentWhenTheConnectionThatListenedHasEnded() {
    VirtualPool.Client subscriber = subscriber(onAlpha);
    subscriber.leave();
    publisher.send("PUBLISH " + onAlpha + " m");
    alpha.hangUp(0);
    assertEquals(":0", publisher.received());
  }
}
