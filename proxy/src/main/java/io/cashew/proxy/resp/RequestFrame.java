package io.cashew.proxy.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;

/**
 * The place of one whole request in a buffer, and of each of its arguments: positions only, no
 * object per element. Reused for every request of a worker; valid until the next one is decoded.
 *
 * <p>Argument 0 is the command's name. The buffer is borrowed from whoever received the bytes.
 */
public final class RequestFrame {
  /** A request of a million arguments leaves no large arrays behind. */
  private static final int MAX_KEPT = 64 << 10;

  private ByteBuf buf = Unpooled.EMPTY_BUFFER;
  private int start;
  private int end;
  private int next;
  private int argc;
  private int[] offsets = new int[64];
  private int[] lengths = new int[64];

  /** The buffer that the positions refer to; borrowed. */
  public ByteBuf buf() {
    return buf;
  }

  /** Index of the frame's first byte. */
  public int start() {
    return start;
  }

  /** Index after the frame's last byte. */
  public int end() {
    return end;
  }

  /**
   * Index after the request in the bytes that were received: {@link #end}, unless the request was
   * written anew and {@link #buf} is another buffer.
   */
  public int next() {
    return next;
  }

  /** Bytes of the frame. */
  public int length() {
    return end - start;
  }

  /** Number of arguments, the command's name included. */
  public int argc() {
    return argc;
  }

  /** Index of the first byte of argument {@code i}. */
  public int offset(int i) {
    return offsets[i];
  }

  /** Bytes of argument {@code i}. */
  public int length(int i) {
    return lengths[i];
  }

  /** Starts a new frame at {@code start}. */
  public void begin(ByteBuf buf, int start) {
    this.buf = buf;
    this.start = start;
    argc = 0;
    if (offsets.length > MAX_KEPT) {
      offsets = new int[64];
      lengths = new int[64];
    }
  }

  /** Adds an argument. */
  public void add(int offset, int length) {
    if (argc == offsets.length) {
      offsets = Arrays.copyOf(offsets, argc * 2);
      lengths = Arrays.copyOf(lengths, argc * 2);
    }
    offsets[argc] = offset;
    lengths[argc] = length;
    argc++;
  }

  /** Ends the frame before {@code end}. */
  public void finish(int end) {
    this.end = end;
    next = end;
  }

  /** Says where the received bytes go on behind a request that was written anew. */
  void next(int index) {
    next = index;
  }

  /** Whether argument {@code i} is {@code upperCase}, ignoring the case of ASCII letters. */
  public boolean argEquals(int i, String upperCase) {
    int length = lengths[i];
    if (length != upperCase.length()) {
      return false;
    }
    for (int j = 0; j < length; j++) {
      int b = buf.getByte(offsets[i] + j);
      if (b >= 'a' && b <= 'z') {
        b -= 'a' - 'A';
      }
      if (b != upperCase.charAt(j)) {
        return false;
      }
    }
    return true;
  }
}
