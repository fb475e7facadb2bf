package io.cashew.proxy.cache.limit;

import io.netty.buffer.ByteBuf;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * A key by 128 bits of hash, so that each takes the same memory, however long it is. Nobody who
 * does not know the seeds, which are of this process, can make two keys of one hash.
 */
final class KeyHash {
  private static final long SEED_1 = new SecureRandom().nextLong();
  private static final long SEED_2 = new SecureRandom().nextLong();

  private long first;
  private long second;

  /** This is the hash of these bytes from now on; not while it is a key of a map. */
  void set(ByteBuf buf, int offset, int length) {
    long one = SEED_1 ^ length;
    long two = SEED_2;
    int end = offset + length;
    int i = offset;
    for (; i + 8 <= end; i += 8) {
      long piece = buf.getLong(i);
      one = mix(one ^ piece);
      two = mix(two + piece);
    }
    long rest = 0;
    for (; i < end; i++) {
      rest = rest << 8 | (buf.getByte(i) & 0xff);
    }
    first = mix(one ^ rest);
    second = mix(two + rest);
  }

  /** One that stays. */
  KeyHash copy() {
    KeyHash copy = new KeyHash();
    copy.first = first;
    copy.second = second;
    return copy;
  }

  /** The finalizer of MurmurHash3. */
  private static long mix(long value) {
    long mixed = (value ^ (value >>> 33)) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ (mixed >>> 33);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof KeyHash hash && first == hash.first && second == hash.second;
  }

  @Override
  public int hashCode() {
    return (int) first;
  }
}
