package io.cashew.proxy.memcached;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The items of a whole reply to a get, one after the other: {@code VALUE key flags bytes}, the
 * data, and so on to {@code END}. Confined to one thread.
 */
public final class ItemReply {
  private static final byte[] VALUE = "VALUE ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] END = "END\r\n".getBytes(StandardCharsets.US_ASCII);

  private final byte[] bytes;
  private final int end;
  private int start;
  private int next;
  private int keyLength;

  private ItemReply(byte[] bytes, int end) {
    this.bytes = bytes;
    this.end = end;
  }

  /**
   * Reads a reply.
   *
   * @param bytes are kept, not copied
   * @param length how many of them
   * @return null: it is none, but an error
   */
  public static @Nullable ItemReply read(byte[] bytes, int length) {
    boolean ends =
        length >= END.length
            && Arrays.equals(bytes, length - END.length, length, END, 0, END.length);
    return ends && (length == END.length || isValueAt(bytes, 0, length))
        ? new ItemReply(bytes, length - END.length)
        : null;
  }

  private static boolean isValueAt(byte[] bytes, int at, int to) {
    return to - at > VALUE.length
        && Arrays.equals(bytes, at, at + VALUE.length, VALUE, 0, VALUE.length);
  }

  /** Goes to the next item, at first to the first. @return whether there is one */
  public boolean next() {
    start = next;
    if (start >= end || !isValueAt(bytes, start, end)) {
      return false;
    }
    int keyStart = keyStart();
    int keyEnd = behindWord(keyStart);
    int flagsEnd = behindWord(keyEnd + 1);
    int length = 0;
    int at = flagsEnd + 1;
    for (; at < end && bytes[at] >= '0' && bytes[at] <= '9'; at++) {
      length = length * 10 + bytes[at] - '0';
    }
    while (at < end && bytes[at] != '\n') {
      at++;
    }
    keyLength = keyEnd - keyStart;
    next = at + 1 + length + 2;
    return next > start && next <= end;
  }

  private int behindWord(int from) {
    int at = from;
    while (at < end && bytes[at] != ' ') {
      at++;
    }
    return at;
  }

  /** Index of the item's key. */
  public int keyStart() {
    return start + VALUE.length;
  }

  /** Bytes of the item's key. */
  public int keyLength() {
    return keyLength;
  }

  /** Bytes of the item, its line included. */
  public int length() {
    return next - start;
  }

  /** A reply with this item alone. */
  public byte[] alone() {
    byte[] alone = Arrays.copyOfRange(bytes, start, next + END.length);
    System.arraycopy(END, 0, alone, length(), END.length);
    return alone;
  }

  /** One reply of the items of several, each of which may have none. */
  public static byte[] join(Iterable<byte[]> replies) {
    int length = END.length;
    for (byte[] each : replies) {
      length += each.length - END.length;
    }
    byte[] joined = new byte[length];
    int at = 0;
    for (byte[] each : replies) {
      System.arraycopy(each, 0, joined, at, each.length - END.length);
      at += each.length - END.length;
    }
    System.arraycopy(END, 0, joined, at, END.length);
    return joined;
  }
}
