package io.cashew.proxy.command;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A pattern of keys, a glob as that of {@code KEYS}: the bytes that its keys begin with, and what
 * is to be looked at beyond them. Immutable.
 */
public final class KeyPattern {
  private static final String SPECIAL = "*?[";

  /** How much of a key has to be looked at once its beginning is right. */
  private enum Rest {
    /** There must be none. */
    NONE,

    /** Any will do. */
    ANY,

    /** The glob decides. */
    GLOB
  }

  private final String text;
  private final int index;
  private final byte[] prefix;
  private final Rest rest;
  private final @Nullable LinearGlob glob;

  /**
   * Compiles a pattern.
   *
   * @param index its place in its list
   * @throws IllegalArgumentException unless {@link #canCompile}
   */
  KeyPattern(String text, int index) {
    byte[] pattern = text.getBytes(StandardCharsets.UTF_8);
    int behind = lengthOfLiteral(pattern);
    this.text = text;
    this.index = index;
    prefix = literalPrefix(text);
    rest =
        behind == pattern.length
            ? Rest.NONE
            : behind == pattern.length - 1 && pattern[behind] == '*' ? Rest.ANY : Rest.GLOB;
    glob =
        rest == Rest.GLOB
            ? new LinearGlob(Arrays.copyOfRange(pattern, behind, pattern.length))
            : null;
  }

  int index() {
    return index;
  }

  byte[] prefix() {
    return prefix;
  }

  /**
   * Whether a key matches that begins with {@link #prefix}.
   *
   * @param offset of the byte behind that
   * @param length of what is left
   */
  boolean matchesRest(ByteBuf buf, int offset, int length) {
    return switch (rest) {
      case NONE -> length == 0;
      case ANY -> true;
      case GLOB -> glob != null && prefix.length + length > 0 && glob.matches(buf, offset, length);
    };
  }

  /** The same of bytes in an array. */
  boolean matchesRest(byte[] bytes, int offset, int length) {
    return switch (rest) {
      case NONE -> length == 0;
      case ANY -> true;
      case GLOB ->
          glob != null && prefix.length + length > 0 && glob.matches(bytes, offset, length);
    };
  }

  /** Whether all keys match that begin with these bytes. */
  boolean matchesAllOf(byte[] beginning) {
    return rest == Rest.ANY && startsWith(beginning, prefix);
  }

  /** Whether no key matches that begins with these bytes. */
  boolean matchesNoneOf(byte[] beginning) {
    return rest == Rest.NONE
        ? !startsWith(prefix, beginning)
        : !startsWith(prefix, beginning) && !startsWith(beginning, prefix);
  }

  /** What keys begin with that match a pattern, with its escaped bytes as they are in keys. */
  public static byte[] literalPrefix(String text) {
    byte[] pattern = text.getBytes(StandardCharsets.UTF_8);
    int end = lengthOfLiteral(pattern);
    ByteArrayOutputStream literal = new ByteArrayOutputStream(end);
    for (int at = 0; at < end; at++) {
      if (pattern[at] == '\\' && at + 1 < pattern.length) {
        at++;
      }
      literal.write(pattern[at]);
    }
    return literal.toByteArray();
  }

  /** Index of the first byte of the pattern that does not stand for itself. */
  private static int lengthOfLiteral(byte[] pattern) {
    int at = 0;
    while (at < pattern.length && SPECIAL.indexOf(pattern[at]) < 0) {
      at += pattern[at] == '\\' && at + 1 < pattern.length ? 2 : 1;
    }
    return at;
  }

  /** Whether a pattern is not too long behind its literal beginning. */
  public static boolean canCompile(String text) {
    byte[] pattern = text.getBytes(StandardCharsets.UTF_8);
    int behind = lengthOfLiteral(pattern);
    return LinearGlob.canCompile(Arrays.copyOfRange(pattern, behind, pattern.length));
  }

  /** Whether no key that {@code narrow} matches gets past {@code wide}, as far as texts show it. */
  public static boolean covers(String wide, String narrow) {
    return wide.equals(narrow) || new KeyPattern(wide, 0).matchesAllOf(literalPrefix(narrow));
  }

  /** Whether bytes begin with others. */
  public static boolean startsWith(byte[] bytes, byte[] beginning) {
    return bytes.length >= beginning.length
        && Arrays.equals(bytes, 0, beginning.length, beginning, 0, beginning.length);
  }

  @Override
  public String toString() {
    return text;
  }
}
