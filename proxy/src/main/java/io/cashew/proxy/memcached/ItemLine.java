package io.cashew.proxy.memcached;

import io.netty.buffer.ByteBuf;

/** Finds the ends of items in a reply that was read before. */
public final class ItemLine {
  private ItemLine() {}

  /** Index after the key of an item that begins here; -1: none does. */
  static int keyEnd(ByteBuf buf, int from, int to) {
    return to - from > KEY && buf.getByte(from) == 'V'
        ? buf.indexOf(from + KEY, to, (byte) ' ')
        : -1;
  }

  private static final int KEY = "VALUE ".length();

  /**
   * The length of an item if it begins here and is of the next key.
   *
   * @return its bytes, its line and the end of its data included; 0: there is none
   */
  public static int lengthIfOf(ExpectedReply keys, ByteBuf buf, int from, int to) {
    int keyEnd = keyEnd(buf, from, to);
    if (keyEnd < 0 || !keys.isNext(buf, from + KEY, keyEnd - from - KEY)) {
      return 0;
    }
    int at = buf.indexOf(keyEnd + 1, to, (byte) ' ') + 1;
    int length = 0;
    for (byte b = buf.getByte(at); b >= '0' && b <= '9'; b = buf.getByte(++at)) {
      length = length * 10 + (b - '0');
    }
    int data = buf.indexOf(at, to, (byte) '\n') + 1;
    return data + length + 2 - from;
  }
}
