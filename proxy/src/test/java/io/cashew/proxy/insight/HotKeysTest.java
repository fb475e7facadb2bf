package io.cashew.proxy.insight;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class HotKeysTest {
  private static final int KEYS = 100_000;

  /** Keys by Zipf's law with exponent 1: the first comes twice as often as the second. */
  private static final class Zipf {
    private final double[] sums = new double[KEYS];
    private final Random random;

    Zipf(long seed) {
      random = new Random(seed);
      double sum = 0;
      for (int i = 0; i < KEYS; i++) {
        sum += 1.0 / (i + 1);
        sums[i] = sum;
      }
    }

    int next() {
      int found = java.util.Arrays.binarySearch(sums, random.nextDouble() * sums[KEYS - 1]);
      return found < 0 ? -found - 1 : found;
    }

    double share(int key) {
      return 1.0 / (key + 1) / sums[KEYS - 1];
    }
  }

  private static void add(HotKeys keys, String key) {
    byte[] bytes = key.getBytes(UTF_8);
    keys.add(bytes, bytes.length);
  }

  private static List<String> names(List<HotKey> keys, int count) {
    return keys.stream().limit(count).map(key -> new String(key.key(), UTF_8)).toList();
  }

  @Test
  void theHottestOfZipfAreFoundInTheirOrder() {
    for (long seed = 1; seed <= 5; seed++) {
      Zipf zipf = new Zipf(seed);
      HotKeys keys = new HotKeys(1, seed, 0);
      for (int i = 0; i < 200_000; i++) {
        add(keys, "user:" + zipf.next());
      }
      keys.tick(1000);
      List<HotKey> top = keys.top();
      assertEquals(List.of("user:0", "user:1", "user:2", "user:3"), names(top, 4));
      Set<String> twenty = new HashSet<>(names(top, 24));
      for (int i = 0; i < 20; i++) {
        assertTrue(twenty.contains("user:" + i), "user:" + i + " of seed " + seed);
      }
      for (int i = 0; i < 4; i++) {
        assertEquals(zipf.share(i), top.get(i).share(), zipf.share(i) * 0.1);
        assertEquals(zipf.share(i) * 200_000, top.get(i).perSecond(), zipf.share(i) * 20_000);
      }
    }
  }

  @Test
  void aSampleFindsWhatAllFind() {
    Zipf zipf = new Zipf(7);
    HotKeys keys = new HotKeys(16, 7, 0);
    int left = keys.gap();
    int shown = 0;
    for (int i = 0; i < 1_000_000; i++) {
      int key = zipf.next();
      if (left-- == 0) {
        add(keys, "user:" + key);
        left = keys.gap();
        shown++;
      }
    }
    keys.tick(1000);
    assertEquals(1_000_000 / 16.0, shown, 1_000_000 / 16.0 * 0.05);
    assertEquals(List.of("user:0", "user:1", "user:2"), names(keys.top(), 3));
    double expected = zipf.share(0) * 1_000_000;
    assertEquals(expected, keys.top().get(0).perSecond(), expected * 0.1);
  }

  @Test
  void noKeyIsHotWhereAllComeEquallyOften() {
    HotKeys keys = new HotKeys(1, 3, 0);
    Random random = new Random(3);
    for (int i = 0; i < 200_000; i++) {
      add(keys, "k" + random.nextInt(KEYS));
    }
    keys.tick(1000);
    for (HotKey key : keys.top()) {
      assertTrue(key.share() < 0.001, "share " + key.share());
    }
  }

  @Test
  void whatWasHotIsForgotten() {
    HotKeys keys = new HotKeys(1, 1, 0);
    for (int i = 0; i < 1000; i++) {
      add(keys, "yesterday");
    }
    long now = 0;
    for (int second = 0; second < 60; second++) {
      for (int i = 0; i < 100; i++) {
        add(keys, "today");
      }
      now += 1000;
      keys.tick(now);
    }
    assertEquals("today", names(keys.top(), 1).get(0));
    assertEquals(100, keys.top().get(0).perSecond(), 5);
    for (int i = 0; i < 20; i++) {
      now += 10_000;
      keys.tick(now);
    }
    assertTrue(keys.isEmpty());
    assertEquals(List.of(), keys.top());
  }

  @Test
  void longKeysAreToldByTheirBeginning() {
    HotKeys keys = new HotKeys(1, 1, 0);
    String begin = "x".repeat(HotKeys.KEY_BYTES_MAX);
    add(keys, begin + "a");
    add(keys, begin + "a");
    add(keys, begin + "longer");
    keys.tick(1000);
    assertEquals(List.of(begin), names(keys.top(), 5));
  }

  @Test
  void gapsAreAsLongAsTheSampleSaysOnAverage() {
    HotKeys keys = new HotKeys(16, 5, 0);
    List<Integer> gaps = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      gaps.add(keys.gap());
    }
    assertEquals(15, gaps.stream().mapToInt(Integer::intValue).average().orElse(0), 0.5);
    assertEquals(31, new HashSet<>(gaps).size());
    assertEquals(0, new HotKeys(1, 5, 0).gap());
  }

  @Test
  void severalWorkersAreOne() {
    TopKeys a = new TopKeys(List.of(new HotKey(new byte[] {'a'}, 30, 0.5)), 60, List.of());
    TopKeys b =
        new TopKeys(
            List.of(new HotKey(new byte[] {'b'}, 35, 0.9), new HotKey(new byte[] {'a'}, 10, 0.1)),
            40,
            List.of());
    TopKeys merged = TopKeys.merge(List.of(a, b));
    assertEquals(List.of("a", "b"), names(merged.hot(), 5));
    assertEquals(40, merged.hot().get(0).perSecond());
    assertEquals(0.4, merged.hot().get(0).share());
  }
}
