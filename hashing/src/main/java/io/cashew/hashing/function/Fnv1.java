package io.cashew.hashing.function;

/**
 * FNV-1 (Fowler, Noll, Vo): multiply, then exclusive-or. Twemproxy's quirks: the 64-bit variant
 * keeps only the low 32 bits of its constants and state (the low half of the 64-bit result is the
 * same), and a byte counts as a signed number, so keys beyond ASCII differ from the textbook.
 */
record Fnv1(String name, int initial, int prime) implements HashFunction {
  static final int INITIAL_64 = 0x84222325;
  static final int PRIME_64 = 0x1b3;
  static final int INITIAL_32 = 0x811c9dc5;
  static final int PRIME_32 = 0x01000193;

  @Override
  public int hash(byte[] bytes, int offset, int length) {
    int hash = initial;
    for (int i = offset; i < offset + length; i++) {
      hash = (hash * prime) ^ bytes[i];
    }
    return hash;
  }
}
