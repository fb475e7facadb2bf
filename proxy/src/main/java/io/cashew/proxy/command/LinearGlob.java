package io.cashew.proxy.command;

import io.netty.buffer.ByteBuf;

/**
 * A {@link GlobPattern} that takes time in proportion to what it is compared with, whatever the
 * pattern is: all its ways to match go on at once, a bit each (the shift-and automaton of
 * Baeza-Yates and Gonnet, with bits that stay for stars). Immutable, shared by all threads.
 */
public final class LinearGlob {
  /** The most parts of a pattern that are not stars. */
  public static final int MAX_PARTS = 63;

  /** For each byte: the parts that it fits, the first being bit 0. */
  private final long[] fits = new long[256];

  /** Bit i: there is a star before part i, or before the end. */
  private final long stars;

  private final long accepted;
  private final boolean isEmpty;

  /**
   * Compiles a pattern.
   *
   * @throws IllegalArgumentException if it has more than {@link #MAX_PARTS}
   */
  public LinearGlob(byte[] bytes) {
    GlobPattern pattern = new GlobPattern(bytes.clone());
    isEmpty = bytes.length == 0;
    long before = 0;
    int part = 0;
    for (int at = 0; at < bytes.length; ) {
      if (bytes[at] == '*') {
        before |= 1L << part;
        at++;
        continue;
      }
      if (part == MAX_PARTS) {
        throw new IllegalArgumentException("more than " + MAX_PARTS + " parts");
      }
      at = addPart(pattern, at, part, bytes.length);
      part++;
    }
    stars = before;
    accepted = 1L << part;
  }

  /**
   * Notes which bytes fit the part at {@code at}.
   *
   * @return index behind it; the end if no byte fits, after which nothing matters
   */
  private int addPart(GlobPattern pattern, int at, int part, int end) {
    int behind = end;
    for (int b = 0; b < 256; b++) {
      int next = pattern.behindOne(at, (byte) b);
      if (next >= 0) {
        fits[b] |= 1L << part;
        behind = next;
      }
    }
    return behind;
  }

  /** Whether a pattern is not too long. */
  public static boolean canCompile(byte[] bytes) {
    try {
      return new LinearGlob(bytes).accepted != 0;
    } catch (IllegalArgumentException tooLong) {
      return false;
    }
  }

  /** Whether the bytes fit. A pattern of stars fits no bytes, too, where it is behind some. */
  public boolean matches(ByteBuf buf, int offset, int length) {
    if (isEmpty) {
      return length == 0;
    }
    long at = 1;
    int end = offset + length;
    for (int i = offset; i < end && at != 0; i++) {
      at = ((at & fits[buf.getByte(i) & 0xff]) << 1) | (at & stars);
    }
    return (at & accepted) != 0;
  }

  /** The same of bytes in an array. */
  public boolean matches(byte[] bytes, int offset, int length) {
    if (isEmpty) {
      return length == 0;
    }
    long at = 1;
    int end = offset + length;
    for (int i = offset; i < end && at != 0; i++) {
      at = ((at & fits[bytes[i] & 0xff]) << 1) | (at & stars);
    }
    return (at & accepted) != 0;
  }
}
