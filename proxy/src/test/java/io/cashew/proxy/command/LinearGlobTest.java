package io.cashew.proxy.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The glob of one pass means what the other one means. */
final class LinearGlobTest {
  private static final long SEED = Long.getLong("cashew.seed", 20_261_129L);
  private static final int ROUNDS = Integer.getInteger("cashew.fuzz.rounds", 6_000);

  private static boolean matches(String pattern, String text) {
    ByteBuf buf = Unpooled.copiedBuffer("x" + text + "y", StandardCharsets.UTF_8);
    return new LinearGlob(pattern.getBytes(StandardCharsets.UTF_8))
        .matches(buf, 1, buf.readableBytes() - 2);
  }

  @Test
  void partsFitAsTheyDoInRedis() {
    assertTrue(matches("*:x", "user:1:x"));
    assertFalse(matches("*:x", "user:1:xx"));
    assertTrue(matches("?[a-c]*d", "xbzzd"));
    assertFalse(matches("?[^a-c]*d", "xbzzd"));
    assertTrue(matches("\\**", "*abc"));
    assertTrue(matches("**", ""));
    assertTrue(matches("", ""));
    assertFalse(matches("", "a"));
    assertFalse(matches("[]", "a"));
  }

  @Test
  void anyPatternMeansWhatTheOtherGlobMeans() {
    Random random = new Random(SEED);
    for (int round = 0; round < ROUNDS; round++) {
      byte[] pattern = bytes(random, "ab*?[]^-\\\u00ff", 1 + random.nextInt(9));
      for (int i = 0; i < 20; i++) {
        byte[] text = bytes(random, "ab[*\u00ff\u0080", 1 + random.nextInt(9));
        ByteBuf buf = Unpooled.wrappedBuffer(text);
        assertEquals(
            new GlobPattern(pattern.clone()).matches(buf, 0, text.length),
            new LinearGlob(pattern).matches(buf, 0, text.length),
            () ->
                "seed "
                    + SEED
                    + ": "
                    + new String(pattern, StandardCharsets.ISO_8859_1)
                    + " "
                    + new String(text, StandardCharsets.ISO_8859_1));
      }
    }
  }

  private static byte[] bytes(Random random, String characters, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) characters.charAt(random.nextInt(characters.length()));
    }
    return bytes;
  }

  @Test
  void manyStarsTakeNoLongerThanOne() {
    String pattern = "*a".repeat(LinearGlob.MAX_PARTS) + "*";
    assertTrue(matches(pattern, "a".repeat(LinearGlob.MAX_PARTS)));
    assertFalse(matches(pattern, "ba".repeat(LinearGlob.MAX_PARTS - 1)));
  }

  @Test
  void aPatternOfTooManyPartsIsNotTaken() {
    byte[] most = "*a".repeat(LinearGlob.MAX_PARTS).getBytes(StandardCharsets.UTF_8);
    byte[] more = "*a".repeat(LinearGlob.MAX_PARTS + 1).getBytes(StandardCharsets.UTF_8);
    assertTrue(LinearGlob.canCompile(most));
    assertFalse(LinearGlob.canCompile(more));
    assertThrows(IllegalArgumentException.class, () -> new LinearGlob(more));
  }
}
