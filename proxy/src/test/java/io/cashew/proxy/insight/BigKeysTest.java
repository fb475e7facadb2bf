package io.cashew.proxy.insight;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class BigKeysTest {
  private final BigKeys keys = new BigKeys(1000, 0);

  private void add(String key, long bytes, boolean isReply) {
    if (keys.counts(bytes)) {
      keys.add(new BigKey(key.getBytes(UTF_8), bytes, isReply, "get", "n"));
    }
  }

  private List<Long> sizes() {
    return keys.top().stream().map(BigKey::bytes).toList();
  }

  @Test
  void whatIsNotLargerIsNotNoted() {
    add("a", 1000, true);
    assertEquals(List.of(), sizes());
    add("a", 1001, true);
    assertEquals(List.of(1001L), sizes());
  }

  @Test
  void aKeyIsThereOnceAsRequestAndOnceAsReply() {
    add("a", 2000, true);
    add("a", 4000, true);
    add("a", 3000, true);
    add("a", 3000, false);
    assertEquals(List.of(4000L, 3000L), sizes());
    assertTrue(keys.top().get(0).isReply());
  }

  @Test
  void theLargestSixteenAreKeptAndSmallerOnesNoLongerCount() {
    for (int i = 0; i < 100; i++) {
      add("k" + i, 2000 + (i * 37) % 100, false);
    }
    assertEquals(16, sizes().size());
    assertEquals(2099L, sizes().get(0));
    assertEquals(2084L, sizes().get(15));
    assertFalse(keys.counts(2084));
    assertTrue(keys.counts(2085));
  }

  @Test
  void twoWindowsAreRemembered() {
    add("old", 5000, true);
    keys.tick(299_999);
    assertEquals(List.of(5000L), sizes());
    keys.tick(300_000);
    add("new", 2000, true);
    assertEquals(List.of(5000L, 2000L), sizes());
    keys.tick(600_000);
    assertEquals(List.of(2000L), sizes());
  }
}
