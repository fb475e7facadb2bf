package io.cashew.proxy.client.reply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.client.ReplyLimits;
import org.junit.jupiter.api.Test;

final class MergedRepliesTest {
  private static final int UNSENT = 1 << 20;

  private final MergedReplies merged =
      new MergedReplies(new ReplyLimits(8, UNSENT, UNSENT, UNSENT));

  @Test
  void theFirstIsGatheredAlone() {
    assertFalse(merged.full());
    merged.add();
    assertTrue(merged.full());
    merged.over(10);
    assertFalse(merged.full());
  }

  @Test
  void smallRepliesLetMoreBeGatheredUpToTheLimit() {
    for (int i = 0; i < 20; i++) {
      merged.add();
      merged.over(10);
    }
    for (int i = 0; i < 8; i++) {
      assertFalse(merged.full(), "with " + i);
      merged.add();
    }
    assertTrue(merged.full());
  }

  @Test
  void aLargeReplyHasTheNextGatheredAlone() {
    for (int i = 0; i < 20; i++) {
      merged.add();
      merged.over(10);
    }
    merged.add();
    merged.over(UNSENT);
    merged.add();
    assertTrue(merged.full());
  }

  @Test
  void whoWaitsGoesOnWhenHalfOfThemAreGiven() {
    for (int i = 0; i < 20; i++) {
      merged.add();
      merged.over(10);
    }
    for (int i = 0; i < 8; i++) {
      merged.add();
    }
    for (int i = 0; i < 3; i++) {
      merged.over(10);
      assertTrue(merged.stillFull());
    }
    merged.over(10);
    assertFalse(merged.stillFull());
  }

  @Test
  void whatWasWrittenSinceTheClientHadRoomIsNoFaultOfIts() {
    merged.written(100, true);
    merged.written(50, false);
    assertEquals(150, merged.unsentBytes());
    merged.written(70, true);
    assertEquals(70, merged.unsentBytes());
    merged.clientHasRoom();
    assertEquals(0, merged.unsentBytes());
  }
}
