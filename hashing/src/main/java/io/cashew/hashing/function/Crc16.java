package io.cashew.hashing.function;

/**
 * CRC-16/XMODEM (polynomial 0x1021, initial value 0, not reflected), the one of Redis Cluster, with
 * twemproxy's quirk: the register is never cut to 16 bits. The low 16 bits are the true CRC, so
 * {@code hash & 16383} is the slot of Redis Cluster; the high 16 bits are left over from earlier
 * bytes.
 */
record Crc16(String name) implements HashFunction {
  private static final int POLYNOMIAL = 0x1021;
  private static final char[] TABLE = new char[256];

  static {
    for (int i = 0; i < TABLE.length; i++) {
      int crc = i << 8;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x8000) == 0 ? crc << 1 : (crc << 1) ^ POLYNOMIAL;
      }
      TABLE[i] = (char) crc;
    }
  }

  @Override
  public int hash(byte[] bytes, int offset, int length) {
    int crc = 0;
    for (int i = offset; i < offset + length; i++) {
      crc = (crc << 8) ^ TABLE[((crc >>> 8) ^ bytes[i]) & 0xff];
    }
    return crc;
  }
}
