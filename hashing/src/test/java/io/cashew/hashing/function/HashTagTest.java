package io.cashew.hashing.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HashTagTest {
  @ParameterizedTest
  @CsvSource({
    "{user1000}.following, user1000",
    "a{b}c, b",
    "{a}{b}, a",
    "{a}b}, a",
    "{{a}}, {a",
    "x}{a}, a",
    "}{a}, a",
    "{a}, a"
  })
  void whatLiesBetweenTheFirstPairIsHashed(String key, String part) {
    assertEquals(part, find("{}", key));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "{", "}", "{}", "{a", "a}", "}a{", "{}{b}", "{}b}", "a{", "a{}"})
  void otherwiseTheWholeKeyIsHashed(String key) {
    assertEquals(key, find("{}", key));
  }

  @ParameterizedTest
  @CsvSource({"$a$b$, a", "$$a$, $$a$", "$a, $a", "$, $", "a$b$, b", "$$, $$"})
  void bothBytesMayBeTheSame(String key, String part) {
    assertEquals(part, find("$$", key));
  }

  @Test
  void bytesBeyondAsciiEncloseATag() {
    assertEquals(new HashTag((byte) 0xc3, (byte) 0xa9), HashTag.of("é"));
    byte[] key = {1, (byte) 0xc3, 2, 3, (byte) 0xa9, 4};
    long part = HashTag.of("é").find(key, 0, key.length);
    assertEquals(2, KeyTag.offset(part));
    assertEquals(2, KeyTag.length(part));
  }

  @Test
  void offsetsAndLengthsOfThirtyOneBitsSurvivePacking() {
    long part = HashTag.of("{}").find(new byte[0], Integer.MAX_VALUE, 0);
    assertEquals(Integer.MAX_VALUE, KeyTag.offset(part));
    assertEquals(0, KeyTag.length(part));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{}}", "éé", "€"})
  void anythingButTwoBytesIsAnErrorThatSaysSo(String tag) {
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> HashTag.of(tag));
    assertEquals(
        "a hash tag is exactly two bytes, such as {}: got '%s' (%d bytes)"
            .formatted(tag, tag.getBytes(StandardCharsets.UTF_8).length),
        error.getMessage());
  }

  /** The key lies between bytes that look like a tag and must not count. */
  private static String find(String tag, String key) {
    byte[] around = (tag + key + tag + "a" + tag).getBytes(StandardCharsets.ISO_8859_1);
    long part = HashTag.of(tag).find(around, 2, key.length());
    return new String(
        around, KeyTag.offset(part), KeyTag.length(part), StandardCharsets.ISO_8859_1);
  }
}
