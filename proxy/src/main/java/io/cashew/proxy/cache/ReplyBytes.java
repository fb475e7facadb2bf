package io.cashew.proxy.cache;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/** The bytes of one reply as they come, up to a limit. Confined to the worker. */
final class ReplyBytes {
  private final int most;
  private byte[] bytes = {};
  private int length;
  private boolean tooLong;

  /** Nothing has come yet. */
  ReplyBytes(int most) {
    this.most = most;
  }

  /** More of it has come. @return whether it is all here so far; if not, it is too long */
  boolean add(ByteBuf buf, int index, int more, boolean last) {
    tooLong |= length + (long) more > most;
    if (!tooLong) {
      int whole = length + more;
      if (whole > bytes.length) {
        bytes = Arrays.copyOf(bytes, last ? whole : Math.max(whole, 2 * length));
      }
      buf.getBytes(index, bytes, length, more);
      length = whole;
    }
    return !tooLong;
  }

  boolean isTooLong() {
    return tooLong;
  }

  int length() {
    return length;
  }

  /** What has come, in its first {@link #length} bytes. */
  byte[] bytes() {
    return bytes;
  }

  /** The same, no longer than that. */
  byte[] whole() {
    bytes = bytes.length == length ? bytes : Arrays.copyOf(bytes, length);
    return bytes;
  }
}
