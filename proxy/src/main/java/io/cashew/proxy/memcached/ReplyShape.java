package io.cashew.proxy.memcached;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a reply may look like, by what was asked: memcached's replies have no type of their own, so
 * a line that does not fit belongs to another request.
 */
@SuppressWarnings("ImmutableEnumChecker") // its bytes never change
public enum ReplyShape {
  /** Items, a line {@code VALUE} and its data each, and {@code END}. */
  VALUES("END"),
  STORED("STORED", "NOT_STORED", "EXISTS", "NOT_FOUND"),
  DELETED("DELETED", "NOT_FOUND"),
  TOUCHED("TOUCHED", "NOT_FOUND"),
  /** A number, which is no word, or none. */
  NUMBER("NOT_FOUND"),
  OK("OK"),
  VERSION("VERSION"),

  /** Lines {@code STAT} or {@code ITEM} and {@code END}, or one line. */
  STATS("END", "RESET", "OK"),
  META_GET("HD", "VA", "EN"),
  META_SET("HD", "NS", "EX", "NF"),
  META_DELETE("HD", "NF", "EX"),
  META_ARITHMETIC("HD", "VA", "NF", "NS", "EX"),
  META_DEBUG("ME", "EN"),
  META_NOOP("MN");

  private static final byte[][] ERRORS = words("ERROR", "CLIENT_ERROR", "SERVER_ERROR");

  private final byte[][] words;

  ReplyShape(String... words) {
    this.words = words(words);
  }

  private static byte[][] words(String... of) {
    return Arrays.stream(of)
        .map(word -> word.getBytes(StandardCharsets.US_ASCII))
        .toArray(byte[][]::new);
  }

  /** Whether its lines have flags, as those of meta commands do. */
  boolean hasFlags() {
    return switch (this) {
      case META_GET, META_SET, META_DELETE, META_ARITHMETIC -> true;
      case VALUES, STORED, DELETED, TOUCHED, NUMBER, OK, VERSION, STATS, META_DEBUG, META_NOOP ->
          false;
    };
  }

  /** Whether a line of this first word ends a reply of this shape, errors aside. */
  boolean takes(ByteBuf buf, int index, int length) {
    return isOneOf(words, buf, index, length) || (this == NUMBER && isNumber(buf, index, length));
  }

  /** Whether the first word of a line says that it is an error. */
  static boolean isError(ByteBuf buf, int index, int length) {
    return isOneOf(ERRORS, buf, index, length);
  }

  private static boolean isOneOf(byte[][] words, ByteBuf buf, int index, int length) {
    for (byte[] word : words) {
      if (is(word, buf, index, length)) {
        return true;
      }
    }
    return false;
  }

  /** Whether so many bytes are a word. */
  static boolean is(byte[] word, ByteBuf buf, int index, int length) {
    if (length != word.length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (buf.getByte(index + i) != word[i]) {
        return false;
      }
    }
    return true;
  }

  private static boolean isNumber(ByteBuf buf, int index, int length) {
    for (int i = 0; i < length; i++) {
      byte b = buf.getByte(index + i);
      if (b < '0' || b > '9') {
        return false;
      }
    }
    return length > 0 && length <= 20;
  }
}
