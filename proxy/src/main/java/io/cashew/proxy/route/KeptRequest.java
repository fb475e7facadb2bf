package io.cashew.proxy.route;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * The beginning of a request, for those who look at it when its reply is over, and all of it if it
 * may be sent once more. Confined to the worker; filled again by the next request.
 */
public final class KeptRequest {
  /** Longer requests are not kept to be sent once more. */
  private static final int MAX_LENGTH = 512;

  private static final byte[] NOTHING = {};

  private byte[] bytes = NOTHING;
  private int length;

  /** Length of the whole request, if it is here and may be sent once more; else 0. */
  private int wholeLength;

  /** Keeps the first bytes of a request of which so many are there; borrows the buffer. */
  void keep(ByteBuf buf, int start, int available) {
    int kept = Math.min(available, MAX_LENGTH);
    if (kept > bytes.length) {
      bytes = new byte[Math.max(64, Integer.highestOneBit(kept) << 1)];
    }
    buf.getBytes(start, bytes, 0, kept);
    length = kept;
  }

  /** The request, which only reads, may be sent once more, if it is short enough. */
  void maySendOnceMore(ByteBuf buf, int start, int whole) {
    if (whole <= MAX_LENGTH) {
      if (length != whole) {
        keep(buf, start, whole);
      }
      wholeLength = whole;
    }
  }

  boolean maySendOnceMore() {
    return wholeLength > 0;
  }

  /** The request, to be sent once more and not again. */
  ByteBuf take() {
    ByteBuf request = Unpooled.wrappedBuffer(bytes, 0, wholeLength);
    wholeLength = 0;
    return request;
  }

  /** What was kept, {@link #length} bytes; borrowed. */
  public byte[] bytes() {
    return bytes;
  }

  /** Bytes that were kept. */
  public int length() {
    return length;
  }

  void forget() {
    wholeLength = 0;
    length = 0;
  }
}
