package io.cashew.hashing.function;

/**
 * A hash of a key's bytes: an unsigned 32-bit value, carried in an {@code int} with the same bits.
 *
 * <p>Implementations are stateless, safe for use from many threads, and allocate nothing.
 */
public interface HashFunction {

  /** The name in a configuration file, as twemproxy spells it: {@code fnv1a_64}. */
  String name();

  /**
   * Hashes {@code length} bytes from {@code offset}.
   *
   * @param bytes holds the key; it is only read
   * @param offset index of the key's first byte
   * @param length number of bytes, 0 or more
   * @return the hash; read it with {@link Integer#toUnsignedLong(int)}
   */
  int hash(byte[] bytes, int offset, int length);

  /**
   * Hashes as {@code ShardedJedis} does, for distributions over 64 bits.
   *
   * @return a signed 64-bit value; of a function that has only 32 bits, from 0 to 2^32 - 1
   */
  default long hash64(byte[] bytes, int offset, int length) {
    return Integer.toUnsignedLong(hash(bytes, offset, length));
  }

  /** Whether {@link #hash64} has 64 bits. */
  default boolean has64Bits() {
    return false;
  }
}
