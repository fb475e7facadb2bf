package io.cashew.proxy.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class GlobPatternAgainstRedisTest {
  private static boolean matches(String pattern, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    return new GlobPattern(pattern.getBytes(StandardCharsets.ISO_8859_1))
        .matches(Unpooled.wrappedBuffer(bytes), 0, bytes.length);
  }

  /** Random patterns of the bytes that mean something, each asked of a real node. */
  @Test
  void randomPatternsMatchWhatTheyMatchInRedis() {
    Random random = new Random(20231);
    String alphabet = "ab*?[]^-\\\u00e9";
    Set<String> patterns = new LinkedHashSet<>();
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 1500; i++) {
      patterns.add(word(random, alphabet, 7));
      texts.add(word(random, alphabet, 5));
    }
    try (RealRedis redis = RealRedis.start();
        RawClient listener = redis.connect();
        RawClient publisher = redis.connect()) {
      for (String pattern : patterns) {
        listener.write(RawClient.request("PSUBSCRIBE", pattern));
        listener.read();
      }
      for (String text : texts) {
        long expected = assertInstanceOf(Long.class, publisher.send("PUBLISH", text, ""));
        List<Object> matched = new ArrayList<>();
        for (long i = 0; i < expected; i++) {
          matched.add(assertInstanceOf(List.class, listener.read()).get(1));
        }
        List<String> ours = patterns.stream().filter(pattern -> matches(pattern, text)).toList();
        assertEquals(Set.copyOf(matched), Set.copyOf(ours), () -> "patterns that match " + text);
      }
    }
  }

  private static String word(Random random, String alphabet, int longest) {
    StringBuilder word = new StringBuilder();
    for (int i = random.nextInt(longest + 1); i > 0; i--) {
      word.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return word.toString();
  }
}
