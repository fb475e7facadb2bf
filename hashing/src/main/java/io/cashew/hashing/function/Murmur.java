package io.cashew.hashing.function;

/** Austin Appleby's MurmurHash2 of 32 bits; twemproxy's seed is 0xdeadbeef times the length. */
record Murmur(String name) implements HashFunction {
  private static final int MULTIPLIER = 0x5bd1e995;
  private static final int SHIFT = 24;
  private static final int SEED = 0xdeadbeef;

  @Override
  public int hash(byte[] bytes, int offset, int length) {
    int hash = (SEED * length) ^ length;
    int at = offset;
    for (int end = offset + (length & ~3); at < end; at += 4) {
      int word = LittleEndian.intAt(bytes, at) * MULTIPLIER;
      hash = (hash * MULTIPLIER) ^ ((word ^ (word >>> SHIFT)) * MULTIPLIER);
    }
    int tail = length & 3;
    if (tail > 0) {
      hash = (hash ^ LittleEndian.partAt(bytes, at, tail)) * MULTIPLIER;
    }
    hash = (hash ^ (hash >>> 13)) * MULTIPLIER;
    return hash ^ (hash >>> 15);
  }
}
