package io.cashew.hashing.function;

/**
 * Austin Appleby's MurmurHash2 of 32 bits, for which twemproxy's seed is 0xdeadbeef times the
 * length, and his MurmurHash64A, for which that of {@code ShardedJedis} is 0x1234ABCD.
 */
record Murmur(String name) implements HashFunction {
  private static final int MULTIPLIER = 0x5bd1e995;
  private static final int SHIFT = 24;
  private static final int SEED = 0xdeadbeef;

  private static final long MULTIPLIER_64 = 0xc6a4a7935bd1e995L;
  private static final int SHIFT_64 = 47;
  private static final long SEED_64 = 0x1234ABCD;

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

  @Override
  public long hash64(byte[] bytes, int offset, int length) {
    long hash = SEED_64 ^ (length * MULTIPLIER_64);
    int at = offset;
    for (int end = offset + (length & ~7); at < end; at += 8) {
      long word = LittleEndian.longAt(bytes, at) * MULTIPLIER_64;
      hash = (hash ^ ((word ^ (word >>> SHIFT_64)) * MULTIPLIER_64)) * MULTIPLIER_64;
    }
    int tail = length & 7;
    if (tail > 0) {
      hash = (hash ^ LittleEndian.longPartAt(bytes, at, tail)) * MULTIPLIER_64;
    }
    hash = (hash ^ (hash >>> SHIFT_64)) * MULTIPLIER_64;
    return hash ^ (hash >>> SHIFT_64);
  }

  @Override
  public boolean has64Bits() {
    return true;
  }
}
