package io.cashew.hashing.function;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Reads of several bytes, the lowest first, at any alignment. Stateless. */
final class LittleEndian {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private LittleEndian() {}

  static int intAt(byte[] bytes, int index) {
    return (int) INT.get(bytes, index);
  }

  static long longAt(byte[] bytes, int index) {
    return (long) LONG.get(bytes, index);
  }

  /** At most seven bytes, unsigned; the missing ones are 0. */
  static long longPartAt(byte[] bytes, int index, int count) {
    long low = Integer.toUnsignedLong(partAt(bytes, index, count));
    return count <= 4 ? low : low | (long) partAt(bytes, index + 4, count - 4) << 32;
  }

  /** Two bytes, unsigned. */
  static int shortAt(byte[] bytes, int index) {
    return (bytes[index] & 0xff) | ((bytes[index + 1] & 0xff) << 8);
  }

  /** At most four of {@code count} bytes, unsigned; the missing ones are 0. */
  static int partAt(byte[] bytes, int index, int count) {
    if (count >= 4) {
      return intAt(bytes, index);
    }
    int value = 0;
    for (int i = 0; i < count; i++) {
      value |= (bytes[index + i] & 0xff) << (8 * i);
    }
    return value;
  }
}
