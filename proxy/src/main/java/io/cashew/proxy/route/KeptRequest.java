package io.cashew.proxy.route;

import io.cashew.proxy.loop.ShortCopy;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of a request, for those who look at it when its reply is over, and all of it if it
 * may be sent again. Confined to the worker; filled again by the next request.
 */
public final class KeptRequest {
  /** Of a longer request only so much is kept, unless it may have to go to another server. */
  public static final int MAX_BEGINNING = 512;

  /** Longer requests are kept to go to another server only where slots move. */
  static final int MAX_LENGTH = 16 << 10;

  private static final byte[] NOTHING = {};

  private byte[] bytes = NOTHING;
  private int length;

  /** The whole request, if it may go elsewhere and is longer than its kept beginning. */
  private @Nullable ByteBuf large;

  /** Keeps the first bytes of a request of which so many are there; borrows the buffer. */
  void keep(ByteBuf buf, int start, int available) {
    int kept = Math.min(available, MAX_BEGINNING);
    if (kept > bytes.length) {
      bytes = new byte[Math.max(64, Integer.highestOneBit(kept) << 1)];
    }
    ShortCopy.get(buf, start, bytes, 0, kept);
    length = kept;
  }

  /**
   * Keeps a request that may be sent once more, if it is short enough.
   *
   * @return whether it is
   */
  boolean keepsBeginning(ByteBuf buf, int start, int whole) {
    if (whole > MAX_BEGINNING) {
      return false;
    }
    if (length != whole) {
      keep(buf, start, whole);
    }
    return true;
  }

  /** Keeps a request that may go to another server. */
  void keepWhole(ByteBuf buf, int start, int whole, ByteBufAllocator allocator) {
    if (!keepsBeginning(buf, start, whole)) {
      large = allocator.directBuffer(whole).writeBytes(buf, start, whole);
    }
  }

  /** The whole request, if it may be sent again; borrowed. */
  public ByteBuf whole() {
    ByteBuf kept = large;
    return kept == null ? Unpooled.wrappedBuffer(bytes, 0, length) : kept;
  }

  /** What was kept, {@link #length} bytes; borrowed. */
  public byte[] bytes() {
    return bytes;
  }

  /** Bytes that were kept. */
  public int length() {
    return length;
  }

  /** What is kept is of an earlier request. */
  void clear() {
    length = 0;
  }

  /** It is not sent again. */
  void release() {
    ByteBuf kept = large;
    if (kept != null) {
      large = null;
      kept.release();
    }
  }
}
