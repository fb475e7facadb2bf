package io.cashew.proxy.command;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class GlobPatternTest {

  private static boolean matches(String pattern, String text) {
    byte[] bytes = ("behind" + text + "after").getBytes(ISO_8859_1);
    ByteBuf buf = Unpooled.wrappedBuffer(bytes);
    return new GlobPattern(pattern).matches(buf, 6, text.length());
  }

  @Test
  void eachPartStandsForWhatRedisSays() {
    assertTrue(matches("cache:*", "cache:"));
    assertTrue(matches("cache:*", "cache:1"));
    assertFalse(matches("cache:*", "cach"));
    assertTrue(matches("h?llo", "hello"));
    assertTrue(matches("h[ae]llo", "hallo"));
    assertFalse(matches("h[^e]llo", "hello"));
    assertTrue(matches("h[c-a]llo", "hbllo"));
    assertTrue(matches("h[\\]]llo", "h]llo"));
    assertTrue(matches("h\\*llo", "h*llo"));
    assertFalse(matches("h\\*llo", "hello"));
    assertTrue(matches("*a*b*c", "xxaxxbxxbc"));
    assertFalse(matches("[]", "]"));
    assertTrue(matches("[abc", "b"));
    assertTrue(matches("", ""));
    assertFalse(matches("", "x"));
  }

  @Test
  void aPatternIsUtf8AndAByteIsAByte() {
    String text = new String("schlüssel".getBytes(UTF_8), ISO_8859_1);
    assertTrue(matches("schlüssel", text));
    assertFalse(matches("schl?ssel", text));
    assertTrue(matches("schl??ssel", text));
    assertTrue(matches("*", "\u0000\u00ff"));
  }

  @Test
  void randomPatternsMatchTheKeysThatRedisFinds() {
    Random random = new Random(15);
    String alphabet = "ab*?[]^-\\";
    try (RealRedis redis = RealRedis.start();
        RawClient client = redis.connect()) {
      List<String> keys = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        String key = random(random, "aabbc]-^*\\", 1 + random.nextInt(5));
        keys.add(key);
        assertEquals("OK", client.send("SET", key, "v"));
      }
      for (int i = 0; i < 3000; i++) {
        String pattern = random(random, alphabet, 1 + random.nextInt(6));
        TreeSet<String> expected = new TreeSet<>();
        for (Object key : assertInstanceOf(List.class, client.send("KEYS", pattern))) {
          expected.add(String.valueOf(key));
        }
        TreeSet<String> found = new TreeSet<>(keys);
        found.removeIf(key -> !matches(pattern, key));
        assertEquals(expected, found, pattern);
      }
    }
  }

  private static String random(Random random, String alphabet, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return text.toString();
  }

  @Test
  void manyStarsTakeNoExponentialTime() {
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> assertFalse(matches("a*".repeat(100) + "b", "a".repeat(10_000))));
  }
}
