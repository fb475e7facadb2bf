package io.cashew.hashing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cashew.hashing.distribution.Distribution;
import io.cashew.hashing.function.HashFunction;
import io.cashew.hashing.function.HashTag;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KeyMapperTest {
  /** Says in its result which bytes it was given: its hash is 1000 times the offset + length. */
  private static final HashFunction SHOWS_THE_PART =
      hashOf((offset, length) -> 1000 * offset + length);

  private static final HashFunction FAILS =
      hashOf(
          (offset, length) -> {
            throw new AssertionError("hashed");
          });

  private static final Distribution IDENTITY = hash -> hash;
  private static final Optional<HashTag> BRACES = Optional.of(HashTag.of("{}"));

  @Test
  void aPoolOfOneMemberHashesNothing() {
    KeyMapper mapper = new KeyMapper(FAILS, BRACES, hash -> 7, 1);
    assertEquals(7, nodeFor(mapper, "any"));
    assertEquals(7, nodeFor(mapper, ""));
  }

  @Test
  void theEmptyKeyHashesToZero() {
    assertEquals(0, nodeFor(new KeyMapper(FAILS, Optional.empty(), IDENTITY, 2), ""));
    assertEquals(0, nodeFor(new KeyMapper(FAILS, BRACES, IDENTITY, 2), ""));
  }

  @Test
  void withoutATagTheWholeKeyIsHashed() {
    assertEquals(
        2005, nodeFor(new KeyMapper(SHOWS_THE_PART, Optional.empty(), IDENTITY, 2), "a{b}c"));
  }

  @Test
  void withATagTheEnclosedPartIsHashed() {
    assertEquals(4001, nodeFor(new KeyMapper(SHOWS_THE_PART, BRACES, IDENTITY, 2), "a{b}c"));
    assertEquals(2003, nodeFor(new KeyMapper(SHOWS_THE_PART, BRACES, IDENTITY, 2), "a{}"));
  }

  @Test
  void noMembersAreAnError() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new KeyMapper(SHOWS_THE_PART, Optional.empty(), IDENTITY, 0));
  }

  /** The key lies at offset 2, with a tag around it that is not part of it. */
  private static int nodeFor(KeyMapper mapper, String key) {
    byte[] around = ("{}" + key + "}").getBytes(StandardCharsets.ISO_8859_1);
    return mapper.nodeFor(around, 2, key.length());
  }

  private interface OfPart {
    int hash(int offset, int length);
  }

  private static HashFunction hashOf(OfPart part) {
    return new HashFunction() {
      @Override
      public String name() {
        return "test";
      }

      @Override
      public int hash(byte[] bytes, int offset, int length) {
        return part.hash(offset, length);
      }
    };
  }
}
