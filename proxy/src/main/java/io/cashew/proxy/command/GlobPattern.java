package io.cashew.proxy.command;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * A pattern of keys or channels as Redis means it: {@code *}, {@code ?}, {@code [a-z^]} and a
 * backslash before a byte that means itself. Compares bytes. Immutable.
 *
 * <p>Time is at most the product of both lengths: after a byte that does not fit, only the last
 * star takes one byte more, which is enough, since all between two stars fits one byte each.
 */
public final class GlobPattern {
  private final byte[] pattern;

  /** The pattern of a text in UTF-8. */
  public GlobPattern(String text) {
    this(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Takes ownership of {@code pattern}. */
  public GlobPattern(byte[] pattern) {
    this.pattern = pattern;
  }

  /** The pattern as it was written. */
  public String text() {
    return new String(pattern, StandardCharsets.UTF_8);
  }

  /** Whether the bytes are the pattern itself. */
  public boolean isLiterally(ByteBuf buf, int offset, int length) {
    if (length != pattern.length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (buf.getByte(offset + i) != pattern[i]) {
        return false;
      }
    }
    return true;
  }

  /** Whether a text fits, in UTF-8. */
  public boolean matches(String text) {
    ByteBuf bytes = Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8));
    return matches(bytes, 0, bytes.readableBytes());
  }

  /** Whether the bytes fit. Nothing but the empty pattern fits no bytes, as in Redis 7. */
  public boolean matches(ByteBuf buf, int offset, int length) {
    if (length == 0) {
      return pattern.length == 0;
    }
    int end = offset + length;
    int at = 0;
    int behindStar = -1;
    int starTakesTo = offset;
    for (int i = offset; i < end; ) {
      int next;
      if (at < pattern.length && pattern[at] == '*') {
        behindStar = ++at;
        starTakesTo = i;
      } else if (at < pattern.length && (next = behindOne(at, buf.getByte(i))) >= 0) {
        at = next;
        i++;
      } else if (behindStar >= 0) {
        at = behindStar;
        i = ++starTakesTo;
      } else {
        return false;
      }
    }
    while (at < pattern.length && pattern[at] == '*') {
      at++;
    }
    return at == pattern.length;
  }

  /** Index behind the part at {@code at} that stands for one byte; -1 if not for this one. */
  int behindOne(int at, byte b) {
    return switch (pattern[at]) {
      case '?' -> at + 1;
      case '[' -> behindClass(at + 1, b);
      case '\\' -> {
        int escaped = at + 1 < pattern.length ? at + 1 : at;
        yield pattern[escaped] == b ? escaped + 1 : -1;
      }
      default -> pattern[at] == b ? at + 1 : -1;
    };
  }

  /** A class that is not closed ends with the pattern. */
  private int behindClass(int from, byte b) {
    int at = from;
    boolean not = at < pattern.length && pattern[at] == '^';
    if (not) {
      at++;
    }
    boolean fits = false;
    for (; at < pattern.length && pattern[at] != ']'; at++) {
      if (pattern[at] == '\\' && at + 1 < pattern.length) {
        at++;
        fits |= pattern[at] == b;
      } else if (at + 2 < pattern.length && pattern[at + 1] == '-') {
        int first = pattern[at]; // with a sign, as chars have it where Redis runs mostly
        int last = pattern[at + 2];
        fits |= b >= Math.min(first, last) && b <= Math.max(first, last);
        at += 2;
      } else {
        fits |= pattern[at] == b;
      }
    }
    return fits == not ? -1 : Math.min(at + 1, pattern.length);
  }
}
