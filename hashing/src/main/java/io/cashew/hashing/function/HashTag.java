package io.cashew.hashing.function;

import java.nio.charset.StandardCharsets;

/**
 * The two bytes that enclose the part of a key that is hashed. With {@code {}} the keys {@code
 * {user7}.name} and {@code {user7}.mail} share a node. Immutable; look-ups allocate nothing.
 *
 * @param open the byte before the tag
 * @param close the byte after it; may equal {@code open}
 */
public record HashTag(byte open, byte close) implements KeyTag {

  /**
   * Reads a hash tag as it stands in a configuration file.
   *
   * @param twoBytes two characters of ASCII, or one character that is two bytes of UTF-8
   * @throws IllegalArgumentException if it is not exactly two bytes
   */
  public static HashTag of(String twoBytes) {
    byte[] bytes = twoBytes.getBytes(StandardCharsets.UTF_8);
    if (bytes.length != 2) {
      throw new IllegalArgumentException(
          "a hash tag is exactly two bytes, such as {}: got '%s' (%d bytes)"
              .formatted(twoBytes, bytes.length));
    }
    return new HashTag(bytes[0], bytes[1]);
  }

  /**
   * Finds the part of a key to hash: what lies between the first {@link #open} and the first {@link
   * #close} after it. If one of them is missing or nothing lies between, the whole key; there is no
   * second try further on (twemproxy 0.5.0; Redis Cluster has the same rule).
   */
  @Override
  public long find(byte[] bytes, int offset, int length) {
    int end = offset + length;
    int opened = indexOf(open, bytes, offset, end);
    if (opened == end) {
      return KeyTag.part(offset, length);
    }
    int first = opened + 1;
    int closed = indexOf(close, bytes, first, end);
    return first < closed && closed < end
        ? KeyTag.part(first, closed - first)
        : KeyTag.part(offset, length);
  }

  @Override
  public boolean isDecidedBy(byte[] bytes, int offset, int length) {
    return KeyTag.length(find(bytes, offset, length)) < length;
  }

  /** The index of a byte, or {@code end} if it is not there. */
  private static int indexOf(byte wanted, byte[] bytes, int from, int end) {
    for (int i = from; i < end; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return end;
  }
}
