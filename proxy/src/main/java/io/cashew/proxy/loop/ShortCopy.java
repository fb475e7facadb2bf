package io.cashew.proxy.loop;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Copies of a few bytes, eight at a time: the JDK's own way between memory and an array is mostly
 * checks where a copy is short. Longer ones are left to it. Without state.
 */
public final class ShortCopy {
  /** Copies of more bytes are the JDK's, which is then no slower. Most requests have fewer. */
  static final int MOST = 64;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private ShortCopy() {}

  /** Copies {@code length} bytes of {@code from}, at {@code index}, to an array; borrows it. */
  public static void get(ByteBuf from, int index, byte[] to, int at, int length) {
    if (length > MOST) {
      from.getBytes(index, to, at, length);
    } else if (length >= Long.BYTES) {
      int last = length - Long.BYTES;
      for (int i = 0; i < last; i += Long.BYTES) {
        LONGS.set(to, at + i, from.getLongLE(index + i));
      }
      LONGS.set(to, at + last, from.getLongLE(index + last)); // over some that are there already
    } else {
      for (int i = 0; i < length; i++) {
        to[at + i] = from.getByte(index + i);
      }
    }
  }

  /** Writes {@code length} bytes of {@code from}, at {@code index}, behind those of {@code to}. */
  public static void write(ByteBuf from, int index, ByteBuf to, int length) {
    if (length > MOST) {
      to.writeBytes(from, index, length);
      return;
    }
    to.ensureWritable(length);
    int at = to.writerIndex();
    if (length >= Long.BYTES) {
      int last = length - Long.BYTES;
      for (int i = 0; i < last; i += Long.BYTES) {
        to.setLongLE(at + i, from.getLongLE(index + i));
      }
      to.setLongLE(at + last, from.getLongLE(index + last));
    } else {
      for (int i = 0; i < length; i++) {
        to.setByte(at + i, from.getByte(index + i));
      }
    }
    to.writerIndex(at + length);
  }

  /** The same from an array. */
  public static void write(byte[] from, int index, ByteBuf to, int length) {
    if (length > MOST) {
      to.writeBytes(from, index, length);
      return;
    }
    to.ensureWritable(length);
    int at = to.writerIndex();
    if (length >= Long.BYTES) {
      int last = length - Long.BYTES;
      for (int i = 0; i < last; i += Long.BYTES) {
        to.setLongLE(at + i, (long) LONGS.get(from, index + i));
      }
      to.setLongLE(at + last, (long) LONGS.get(from, index + last));
    } else {
      for (int i = 0; i < length; i++) {
        to.setByte(at + i, from[index + i]);
      }
    }
    to.writerIndex(at + length);
  }
}
