package io.cashew.hashing.function;

/**
 * Finds the part of a key that is hashed, so that keys that share this part share a node.
 * Implementations may be asked from many threads.
 */
public interface KeyTag {

  /**
   * Finds the part of a key to hash.
   *
   * @param bytes holds the key; it is only read
   * @param offset index of the key's first byte
   * @param length of the key in bytes
   * @return the part, which may be the whole key, to be read with {@link #offset(long)} and {@link
   *     #length(long)}
   */
  long find(byte[] bytes, int offset, int length);

  /**
   * Whether all keys that begin so have the same part.
   *
   * @param bytes holds the beginning; it is only read
   * @param offset index of its first byte
   * @param length of the beginning in bytes
   */
  boolean isDecidedBy(byte[] bytes, int offset, int length);

  /** The index and the length of a part, in one number. */
  static long part(int offset, int length) {
    return ((long) offset << 32) | length;
  }

  /** Index of the first byte of a part that {@link #find} returned. */
  static int offset(long part) {
    return (int) (part >>> 32);
  }

  /** Number of bytes of a part that {@link #find} returned. */
  static int length(long part) {
    return (int) part;
  }
}
