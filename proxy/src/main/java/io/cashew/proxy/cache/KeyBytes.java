package io.cashew.proxy.cache;

import io.cashew.proxy.loop.ShortCopy;
import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a key, to be found by. One that is filled anew for each look-up is confined to a
 * worker; what is put into a map is a {@link #copy}, which nobody changes.
 */
final class KeyBytes {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long PRIME = 0x9E3779B97F4A7C15L;

  /** Others cannot know which keys meet in a stripe. */
  private static final long SEED = ThreadLocalRandom.current().nextLong();

  private static final int MAX_KEPT = 4 << 10;

  private byte[] bytes = new byte[64];
  private int length;
  private int hash;

  /** Becomes the key in a buffer. */
  void set(ByteBuf buf, int index, int keyLength) {
    if (keyLength > bytes.length || bytes.length > MAX_KEPT) {
      bytes = new byte[Math.max(64, keyLength)];
    }
    ShortCopy.get(buf, index, bytes, 0, keyLength);
    length = keyLength;
    hash = hash(bytes, keyLength);
  }

  /** Becomes these bytes. */
  void set(byte[] from, int index, int keyLength) {
    if (keyLength > bytes.length) {
      bytes = new byte[keyLength];
    }
    System.arraycopy(from, index, bytes, 0, keyLength);
    length = keyLength;
    hash = hash(bytes, keyLength);
  }

  private static int hash(byte[] of, int length) {
    long h = SEED ^ length;
    int at = 0;
    for (; at + Long.BYTES <= length; at += Long.BYTES) {
      h = mix(h ^ (long) LONGS.get(of, at));
    }
    long rest = 0;
    for (int shift = 0; at < length; at++, shift += Byte.SIZE) {
      rest |= (of[at] & 0xffL) << shift;
    }
    h = mix(h ^ rest);
    return (int) (h ^ (h >>> 32));
  }

  private static long mix(long h) {
    long mixed = h * PRIME;
    return mixed ^ (mixed >>> 29);
  }

  int length() {
    return length;
  }

  byte[] bytes() {
    return bytes;
  }

  /** The same for every key of these bytes in this process, and for no other process. */
  int hash() {
    return hash;
  }

  /** One that does not change. */
  KeyBytes copy() {
    KeyBytes copy = new KeyBytes();
    copy.bytes = Arrays.copyOf(bytes, length);
    copy.length = length;
    copy.hash = hash;
    return copy;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof KeyBytes key
        && key.hash == hash
        && Arrays.equals(key.bytes, 0, key.length, bytes, 0, length);
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
