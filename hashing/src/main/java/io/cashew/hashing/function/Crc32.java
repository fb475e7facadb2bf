package io.cashew.hashing.function;

/**
 * CRC-32 of ISO 3309 (the one of zlib), shifted right and masked. twemproxy's {@code crc32a} is all
 * of it; its {@code crc32} is {@code (crc >> 16) & 0x7fff}, as in libmemcached: 15 bits, so small
 * that on a ketama continuum nearly all keys meet the first point.
 *
 * <p>The JDK's class of this name keeps its state in an object, which would be one a key.
 */
record Crc32(String name, int shift, int mask) implements HashFunction {
  private static final int REFLECTED_POLYNOMIAL = 0xedb88320;
  private static final int[] TABLE = new int[256];

  static {
    for (int i = 0; i < TABLE.length; i++) {
      int crc = i;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 0 ? crc >>> 1 : (crc >>> 1) ^ REFLECTED_POLYNOMIAL;
      }
      TABLE[i] = crc;
    }
  }

  @Override
  public int hash(byte[] bytes, int offset, int length) {
    int crc = -1;
    for (int i = offset; i < offset + length; i++) {
      crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[i]) & 0xff];
    }
    return (~crc >>> shift) & mask;
  }
}
