package io.cashew.proxy.route;

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
  private static final int MAX_BEGINNING = 512;

  /** Longer requests are not kept to go to another server. */
  private static final int MAX_LENGTH = 16 << 10;

  private static final byte[] NOTHING = {};

  private byte[] bytes = NOTHING;
  private int length;

  /** The whole request, if it may go elsewhere and is longer than its kept beginning. */
  private @Nullable ByteBuf large;

  /** It only reads, and may be asked a second time if its connection ends. */
  private boolean onceMore;

  /** It may go to another server if one has not executed it. */
  private boolean elsewhere;

  private boolean onlyReads;

  /** Keeps the first bytes of a request of which so many are there; borrows the buffer. */
  void keep(ByteBuf buf, int start, int available) {
    int kept = Math.min(available, MAX_BEGINNING);
    if (kept > bytes.length) {
      bytes = new byte[Math.max(64, Integer.highestOneBit(kept) << 1)];
    }
    buf.getBytes(start, bytes, 0, kept);
    length = kept;
  }

  /** The request, which only reads, may be sent once more, if it is short enough. */
  void maySendOnceMore(ByteBuf buf, int start, int whole) {
    if (whole <= MAX_BEGINNING) {
      if (length != whole) {
        keep(buf, start, whole);
      }
      onceMore = true;
    }
  }

  /** The request may go to another server, if it is short enough. */
  void mayGoElsewhere(
      ByteBuf buf, int start, int whole, boolean reads, ByteBufAllocator allocator) {
    if (whole > MAX_LENGTH) {
      return;
    }
    if (whole > MAX_BEGINNING) {
      large = allocator.directBuffer(whole).writeBytes(buf, start, whole);
    } else if (length != whole) {
      keep(buf, start, whole);
    }
    elsewhere = true;
    onlyReads = reads;
  }

  /** Whether it only reads, and may be asked a second time. */
  boolean maySendOnceMore() {
    return onceMore;
  }

  /** It is not asked a second time when its next connection ends. */
  void isSentOnceMore() {
    onceMore = false;
  }

  /** Whether it may go to another server when one has not executed it. */
  boolean mayGoElsewhere() {
    return elsewhere;
  }

  /** Whether one that may go to another server only reads. */
  boolean onlyReads() {
    return onlyReads;
  }

  /** A part of its reply has been given: it is not sent again. */
  void isAnswered() {
    onceMore = false;
    elsewhere = false;
  }

  /** The whole request, if it may be sent again; borrowed. */
  ByteBuf whole() {
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

  void forget() {
    isAnswered();
    length = 0;
    ByteBuf kept = large;
    if (kept != null) {
      large = null;
      kept.release();
    }
  }
}
