package io.cashew.proxy.client.reply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class WindowTest {
  private final Window window = new Window(1024, 1 << 20, Window.INITIAL);

  private void replies(int count, long bytes) {
    for (int i = 0; i < count; i++) {
      window.replied(bytes);
    }
  }

  @Test
  void beginsSmallAndGrowsWithEachReply() {
    int begun = window.size();
    assertTrue(begun < 40, "begins with " + begun);
    replies(10, 5);
    assertEquals(begun + 10, window.size());
    replies(5000, 5);
    assertEquals(1024, window.size());
  }

  @Test
  void largeRepliesMakeItSmallAtOnce() {
    replies(5000, 5);
    window.replied(100_000);
    assertEquals(10, window.size());
    window.replied(1 << 20);
    assertEquals(1, window.size());
    window.replied(1L << 29);
    assertEquals(1, window.size());
  }

  @Test
  void smallRepliesLetItGrowAgain() {
    replies(5000, 5);
    window.replied(1L << 29);
    replies(200, 5);
    assertEquals(1024, window.size());
  }

  @Test
  void aLargeReplyEveryNowAndThenIsNotForgottenAtOnce() {
    replies(2000, 5);
    window.replied(1 << 20);
    window.replied(5);
    assertTrue(window.size() <= 2, "window " + window.size());
  }

  @Test
  void neverExceedsItsLimit() {
    Window narrow = new Window(3, 1 << 20, Window.INITIAL);
    assertEquals(3, narrow.size());
    for (int i = 0; i < 100; i++) {
      narrow.replied(5);
    }
    assertEquals(3, narrow.size());
  }
}
