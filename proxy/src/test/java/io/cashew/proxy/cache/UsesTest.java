package io.cashew.proxy.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Which look-ups count as uses: each as likely as the others, however they take turns. */
final class UsesTest {
  private static final int LOOKUPS = 1_000_000;

  @Test
  void oneOfSoManyCounts() {
    for (int gap : new int[] {Uses.GAP, Uses.GAP_WITH_ROOM}) {
      Uses uses = new Uses(1);
      int counted = 0;
      for (int i = 0; i < LOOKUPS; i++) {
        counted += uses.next(gap) ? 1 : 0;
      }
      assertEquals(1, counted * (double) gap / LOOKUPS, 0.02);
    }
  }

  @Test
  void keysThatTakeTurnsCountAlike() {
    for (int keys : new int[] {2, Uses.GAP, 2 * Uses.GAP, 15, 16, 100}) {
      Uses uses = new Uses(2);
      int[] counted = new int[keys];
      for (int i = 0; i < LOOKUPS; i++) {
        counted[i % keys] += uses.next(Uses.GAP) ? 1 : 0;
      }
      for (int of : counted) {
        assertEquals(1, of * (double) Uses.GAP * keys / LOOKUPS, 0.2, "of " + keys);
      }
    }
  }
}
