package io.cashew.proxy.client.pubsub;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.testing.InMemoryServer;
import io.cashew.proxy.testing.VirtualWorker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class TwoCopiesTest {
  private final VirtualWorker worker = new VirtualWorker();
  private final Backend former = backend();
  private final Backend next = backend();
  private final TwoCopies copies = new TwoCopies(former, next);

  @AfterEach
  void close() {
    worker.close();
  }

  private Backend backend() {
    InMemoryServer server = new InMemoryServer(worker);
    return worker.unheard(
        new Node("test", server.name(), server.address(), 3, (node, cause) -> {}));
  }

  private boolean passes(Backend node, String text) {
    ByteBuf buf = Unpooled.copiedBuffer("before" + text, StandardCharsets.US_ASCII);
    return copies.passOn(node, buf, 6, text.length());
  }

  @Test
  void beforeTheChangeTheFormerIsHeardAlone() {
    assertTrue(passes(former, "a"));
    assertFalse(passes(next, "a"));
    copies.begin();
    assertFalse(passes(next, "b"));
    assertTrue(passes(former, "b"));
    assertTrue(passes(former, "c"));
    assertFalse(passes(next, "c"));
  }

  @Test
  void whatWasOnItsWayFromTheNextComesOnce() {
    copies.begin();
    assertTrue(passes(former, "a"));
    copies.changed(0);
    assertFalse(passes(next, "a"));
    assertTrue(passes(next, "a"), "another of the same text");
  }

  @Test
  void whatWasOnItsWayFromTheFormerIsNotLost() {
    copies.begin();
    assertFalse(passes(next, "a"));
    copies.changed(0);
    assertTrue(passes(former, "a"));
    assertTrue(passes(next, "a"), "another of the same text");
    assertFalse(passes(former, "a"));
  }

  @Test
  void afterTheChangeTheFirstIsHeardWhoseverItIs() {
    copies.begin();
    copies.changed(0);
    assertTrue(passes(next, "a"));
    assertFalse(passes(former, "a"));
    assertTrue(passes(former, "b"));
    assertFalse(passes(next, "b"));
  }

  @Test
  void equalTextsAreCounted() {
    copies.begin();
    copies.changed(0);
    assertTrue(passes(next, "a"));
    assertTrue(passes(next, "a"));
    assertFalse(passes(former, "a"));
    assertFalse(passes(former, "a"));
    assertTrue(passes(former, "a"));
  }

  @Test
  void whatCameBeforeBothGiveIsNotWaitedFor() {
    assertTrue(passes(former, "a"));
    copies.begin();
    copies.changed(0);
    assertTrue(passes(next, "a"), "the next one of the same text");
  }

  @Test
  void soMuchIsRememberedAndNoMore() {
    copies.begin();
    String large = "x".repeat(TwoCopies.MOST_BYTES - 1000);
    assertTrue(passes(former, large));
    assertTrue(passes(former, "y".repeat(1000)));
    copies.changed(0);
    assertFalse(passes(next, large));
    assertTrue(passes(next, "y".repeat(1000)), "it was not remembered");
    assertTrue(passes(former, "z".repeat(1000)));
    assertFalse(passes(next, "z".repeat(1000)), "what is matched takes nothing any more");
  }

  @Test
  void theyAreOverSomeTimeAfterTheChange() {
    assertFalse(copies.areOver(Long.MAX_VALUE));
    copies.changed(100);
    assertFalse(copies.areOver(99 + TwoCopies.LATE_MILLIS));
    assertTrue(copies.areOver(100 + TwoCopies.LATE_MILLIS));
  }

  @Test
  void aServerThatIsAnotherNodeFromNowOnIsStillOneOfTheTwo() {
    Backend again = backend();
    copies.begin();
    assertTrue(passes(former, "a"));
    copies.move(next, again);
    assertFalse(copies.areOf(next));
    assertTrue(copies.areOf(again));
    assertFalse(passes(again, "a"));
  }
}
