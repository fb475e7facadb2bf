package io.cashew.proxy.loop;

import io.netty.buffer.ByteBuf;
import io.netty.util.internal.PlatformDependent;
import java.util.Objects;

/**
 * Copies of a few bytes, eight at a time: the JDK's own way between memory and an array is mostly
 * checks where a copy is short, and so is a buffer's way to each of its bytes. Longer ones, and
 * those of buffers without an address, are left to them. Without state.
 */
public final class ShortCopy {
  /** Copies of more bytes are the JDK's, which is then no slower. Most requests have fewer. */
  static final int MOST = 128;

  /**
   * Whether memory is read by its address, and eight bytes from any. A JVM of 24 or later may
   * forbid the former, while buffers still have addresses.
   */
  private static final boolean ANYWHERE =
      PlatformDependent.hasUnsafe() && PlatformDependent.isUnaligned();

  private ShortCopy() {}

  private static boolean isShort(ByteBuf buf, int length) {
    return ANYWHERE && length <= MOST && buf.hasMemoryAddress();
  }

  /** Copies {@code length} bytes of {@code from}, at {@code index}, to an array; borrows it. */
  public static void get(ByteBuf from, int index, byte[] to, int at, int length) {
    if (!isShort(from, length)) {
      from.getBytes(index, to, at, length);
      return;
    }
    long address = address(from, index, length);
    Objects.checkFromIndexSize(at, length, to.length);
    if (length >= Long.BYTES) {
      int last = length - Long.BYTES;
      for (int i = 0; i < last; i += Long.BYTES) {
        PlatformDependent.putLong(to, at + i, PlatformDependent.getLong(address + i));
      }
      // Over some that are there already.
      PlatformDependent.putLong(to, at + last, PlatformDependent.getLong(address + last));
    } else if (length >= Integer.BYTES) {
      int last = length - Integer.BYTES;
      PlatformDependent.putInt(to, at, PlatformDependent.getInt(address));
      PlatformDependent.putInt(to, at + last, PlatformDependent.getInt(address + last));
    } else {
      for (int i = 0; i < length; i++) {
        to[at + i] = PlatformDependent.getByte(address + i);
      }
    }
  }

  /** Writes {@code length} bytes of {@code from}, at {@code index}, behind those of {@code to}. */
  public static void write(ByteBuf from, int index, ByteBuf to, int length) {
    if (!isShort(from, length) || !to.hasMemoryAddress()) {
      to.writeBytes(from, index, length);
      return;
    }
    long source = address(from, index, length);
    long target = next(to, length);
    if (length >= Long.BYTES) {
      int last = length - Long.BYTES;
      for (int i = 0; i < last; i += Long.BYTES) {
        PlatformDependent.putLong(target + i, PlatformDependent.getLong(source + i));
      }
      PlatformDependent.putLong(target + last, PlatformDependent.getLong(source + last));
    } else if (length >= Integer.BYTES) {
      int last = length - Integer.BYTES;
      PlatformDependent.putInt(target, PlatformDependent.getInt(source));
      PlatformDependent.putInt(target + last, PlatformDependent.getInt(source + last));
    } else {
      for (int i = 0; i < length; i++) {
        PlatformDependent.putByte(target + i, PlatformDependent.getByte(source + i));
      }
    }
  }

  /** The same from an array. */
  public static void write(byte[] from, int index, ByteBuf to, int length) {
    if (!isShort(to, length)) {
      to.writeBytes(from, index, length);
      return;
    }
    Objects.checkFromIndexSize(index, length, from.length);
    long target = next(to, length);
    if (length >= Long.BYTES) {
      int last = length - Long.BYTES;
      for (int i = 0; i < last; i += Long.BYTES) {
        PlatformDependent.putLong(target + i, PlatformDependent.getLong(from, index + i));
      }
      PlatformDependent.putLong(target + last, PlatformDependent.getLong(from, index + last));
    } else if (length >= Integer.BYTES) {
      int last = length - Integer.BYTES;
      PlatformDependent.putInt(target, PlatformDependent.getInt(from, index));
      PlatformDependent.putInt(target + last, PlatformDependent.getInt(from, index + last));
    } else {
      for (int i = 0; i < length; i++) {
        PlatformDependent.putByte(target + i, from[index + i]);
      }
    }
  }

  /** Where the next {@code length} bytes of a buffer go, which count as written from now on. */
  private static long next(ByteBuf to, int length) {
    to.ensureWritable(length); // it may be elsewhere behind that
    int at = to.writerIndex();
    to.writerIndex(at + length);
    return to.memoryAddress() + at;
  }

  /** Where bytes of a buffer are; nobody else looks whether they are its own. */
  private static long address(ByteBuf buf, int index, int length) {
    if ((index | length) < 0 || index > buf.capacity() - length) {
      throw new IndexOutOfBoundsException(length + " bytes at " + index + " of " + buf);
    }
    return buf.memoryAddress() + index;
  }
}
