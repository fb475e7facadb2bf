package io.cashew.proxy.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WaitersTest {
  private final Node node = new Node("pool", "n", new Nowhere(), 3, (of, why) -> {});
  private final Waiters waiters = new Waiters(node, 2);
  private final AtomicInteger ran = new AtomicInteger();

  private static final class Nowhere implements NodeAddress {
    @Override
    public String text() {
      return "nowhere";
    }

    @Override
    public @Nullable SocketAddress current() {
      return null;
    }

    @Override
    public void refresh() {}
  }

  @Test
  void theNodeIsWaitedForAsLongAsOneClientWaits() {
    assertFalse(node.isWaitedFor());
    waiters.begin();
    waiters.begin();
    waiters.end();
    assertTrue(node.isWaitedFor());
    assertTrue(node.isWaitedForBy(2));
    assertFalse(node.isWaitedForBy(0));
    waiters.end();
    assertFalse(node.isWaitedFor());
  }

  @Test
  void whoHasLeftWaitsUntilTheNodeHasForgottenIt() {
    waiters.begin();
    waiters.leave();
    assertTrue(node.isWaitedFor());
    waiters.whenForgotten(failure -> ran.incrementAndGet());
    assertEquals(0, ran.get());
    waiters.forgotten(null);
    assertEquals(1, ran.get());
    assertFalse(node.isWaitedFor());
  }

  @Test
  void allThatHaveLeftAreWaitedFor() {
    waiters.begin();
    waiters.begin();
    waiters.begin();
    waiters.leave();
    waiters.whenForgotten(failure -> ran.incrementAndGet());
    waiters.leave();
    waiters.forgotten(null);
    assertEquals(0, ran.get());
    waiters.forgotten(null);
    assertEquals(1, ran.get());
    assertTrue(node.isWaitedFor()); // one is still there
  }

  @Test
  void nobodyHasLeftIsKnownAtOnce() {
    waiters.begin();
    waiters.whenForgotten(failure -> ran.incrementAndGet());
    assertEquals(1, ran.get());
  }

  @Test
  void workersAreApart() {
    Waiters others = new Waiters(node, 0);
    waiters.begin();
    others.begin();
    waiters.end();
    assertTrue(node.isWaitedForBy(0));
    assertFalse(node.isWaitedForBy(2));
  }
}
