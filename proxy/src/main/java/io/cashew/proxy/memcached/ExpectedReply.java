package io.cashew.proxy.memcached;

import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * What is known of the reply to one request before it comes: its shape, and the keys that its items
 * may have, in their order. Used again by the next request of its owner, and confined to its
 * worker.
 */
public final class ExpectedReply {
  /** After a request of many keys large arrays are not kept. */
  private static final int KEPT_BYTES = 16 << 10;

  private ReplyShape shape = ReplyShape.META_NOOP;
  private boolean mayBeSilent;
  private boolean hasOpaque;
  private boolean keyIsEncoded;
  private byte[] keys = new byte[64];
  private int[] ends = new int[4];
  private int count;
  private int next;

  /** A reply of this shape, whose items, if it has any, are of the keys that are added next. */
  public ExpectedReply begin(ReplyShape of) {
    shape = of;
    mayBeSilent = false;
    hasOpaque = false;
    count = 0;
    next = 0;
    if (keys.length > KEPT_BYTES) {
      keys = new byte[64];
      ends = new int[4];
    }
    return this;
  }

  /** The server may say nothing: behind the request it is asked for {@code MN}. */
  public void mayBeSilent() {
    mayBeSilent = true;
  }

  /** Whether the server may say nothing. */
  public boolean isPerhapsSilent() {
    return mayBeSilent;
  }

  /** What the reply looks like. */
  public ReplyShape shape() {
    return shape;
  }

  /** An item of this key may come, behind those of the keys before it. */
  public void addKey(ByteBuf buf, int offset, int length) {
    int from = count == 0 ? 0 : ends[count - 1];
    if (from + length > keys.length) {
      keys = Arrays.copyOf(keys, Integer.highestOneBit(from + length) << 1);
    }
    if (count == ends.length) {
      ends = Arrays.copyOf(ends, 2 * count);
    }
    buf.getBytes(offset, keys, from, length);
    ends[count++] = from + length;
  }

  /**
   * A meta command, whose reply may name its key, and names what the client has called it by.
   *
   * @param key the word that is its key
   * @param flags the word that is its first flag
   * @param base64 whether the key is encoded, which a server may do in its own way
   */
  public void addMeta(RequestFrame frame, int key, int flags, boolean base64) {
    keyIsEncoded = base64;
    addKey(frame.buf(), frame.offset(key), frame.length(key));
    for (int i = flags; i < frame.argc() && !hasOpaque; i++) {
      if (frame.buf().getByte(frame.offset(i)) == 'O') {
        addKey(frame.buf(), frame.offset(i) + 1, frame.length(i) - 1);
        hasOpaque = true;
      }
    }
  }

  /** Whether a flag in the reply to a meta command may be there: another key or opaque may not. */
  boolean mayHaveFlag(ByteBuf buf, int offset, int length) {
    return switch (buf.getByte(offset)) {
      case 'k' -> count > 0 && (keyIsEncoded || isKey(0, buf, offset + 1, length - 1));
      case 'O' -> hasOpaque && isKey(1, buf, offset + 1, length - 1);
      default -> true;
    };
  }

  /** Looks at the keys from the first again. */
  public void rewind() {
    next = 0;
  }

  /**
   * Goes to the next of the keys that are these bytes.
   *
   * @return whether there is one; those before it have no item
   */
  boolean skipTo(ByteBuf buf, int offset, int length) {
    while (next < count) {
      if (isKey(next++, buf, offset, length)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the next key is these bytes; goes on to the one behind it. */
  public boolean isNext(ByteBuf buf, int offset, int length) {
    return isKey(next, buf, offset, length);
  }

  /** Goes to the next key. */
  public void toNext() {
    next++;
  }

  private boolean isKey(int key, ByteBuf buf, int offset, int length) {
    int from = key == 0 ? 0 : ends[key - 1];
    if (ends[key] - from != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (buf.getByte(offset + i) != keys[from + i]) {
        return false;
      }
    }
    return true;
  }
}
