package io.cashew.hashing.function;

/**
 * CRC-16/XMODEM (polynomial 0x1021, initial value 0, not reflected), the one of Redis Cluster, with
 * twemproxy's quirk: the register is never cut to 16 bits. The low 16 bits are the true CRC, so
 * {@code hash & 16383} is the slot of Redis Cluster; the high 16 bits are left over from earlier
 * bytes: of the last two only, since each byte moves the register by eight bits.
 *
 * <p>Byte by byte each look-up waits for the one before. So eight bytes, or four, go at once as
 * long as two are left, with a table for each place: that of place k has the CRC of a byte and k
 * zeros.
 */
record Crc16(String name) implements HashFunction {
  private static final int POLYNOMIAL = 0x1021;
  private static final int VALUES = 256;
  private static final int PLACES = 8;
  private static final char[] TABLE = new char[PLACES * VALUES];

  static {
    for (int i = 0; i < VALUES; i++) {
      int crc = i << 8;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x8000) == 0 ? crc << 1 : (crc << 1) ^ POLYNOMIAL;
      }
      TABLE[i] = (char) crc;
    }
    for (int i = VALUES; i < TABLE.length; i++) {
      int shorter = TABLE[i - VALUES];
      TABLE[i] = (char) ((shorter << 8) ^ TABLE[shorter >>> 8]);
    }
  }

  @Override
  public int hash(byte[] bytes, int offset, int length) {
    int crc = 0;
    int i = offset;
    int end = offset + length;
    for (; end - i >= 10; i += 8) {
      crc =
          at(7, (crc >>> 8) ^ bytes[i])
              ^ at(6, crc ^ bytes[i + 1])
              ^ at(5, bytes[i + 2])
              ^ at(4, bytes[i + 3])
              ^ at(3, bytes[i + 4])
              ^ at(2, bytes[i + 5])
              ^ at(1, bytes[i + 6])
              ^ at(0, bytes[i + 7]);
    }
    if (end - i >= 6) {
      crc =
          at(3, (crc >>> 8) ^ bytes[i])
              ^ at(2, crc ^ bytes[i + 1])
              ^ at(1, bytes[i + 2])
              ^ at(0, bytes[i + 3]);
      i += 4;
    }
    for (; i < end; i++) {
      crc = (crc << 8) ^ at(0, (crc >>> 8) ^ bytes[i]);
    }
    return crc;
  }

  private static int at(int place, int value) {
    return TABLE[place * VALUES | (value & 0xff)];
  }
}
