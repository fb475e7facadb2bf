package io.cashew.proxy.resp;

import io.netty.buffer.ByteBuf;

/**
 * Reads a reply whose end a {@link ReplyDecoder} has found, one element after another. For the few
 * replies that the proxy must understand; it borrows the buffer.
 */
public final class ReplyReader {
  private final ByteBuf buf;
  private final int end;
  private int at;
  private int bulkOffset;
  private int bulkLength;

  /** Reads what begins at {@code index}. */
  public ReplyReader(ByteBuf buf, int index, int length) {
    this.buf = buf;
    at = index;
    end = index + length;
  }

  /** The type byte of the next element. */
  public byte type() {
    require(at < end, "a reply that ends too soon");
    return buf.getByte(at);
  }

  /** Reads the header of an array. @return its elements */
  public int array() {
    long elements = number('*');
    require(elements >= 0 && elements <= Integer.MAX_VALUE, "an array of an impossible length");
    return (int) elements;
  }

  /** Reads an integer. */
  public long integer() {
    return number(':');
  }

  /** Reads a bulk string into {@link #bulkOffset()} and {@link #bulkLength()}. */
  public void bulk() {
    long length = number('$');
    require(length >= 0 && length + 2 <= end - at, "a bulk string of another length");
    bulkOffset = at;
    bulkLength = (int) length;
    at += bulkLength + 2;
  }

  /** Index of the first byte of the last bulk string. */
  public int bulkOffset() {
    return bulkOffset;
  }

  /** Bytes of the last bulk string. */
  public int bulkLength() {
    return bulkLength;
  }

  /** Reads a bulk string. */
  public byte[] bulkBytes() {
    bulk();
    byte[] bytes = new byte[bulkLength];
    buf.getBytes(bulkOffset, bytes);
    return bytes;
  }

  private long number(char type) {
    require(type() == type, "a reply of another type than was asked for");
    int line = buf.indexOf(at + 1, end, (byte) '\r');
    require(line > at + 1 && line + 2 <= end, "a reply that ends too soon");
    boolean negative = buf.getByte(at + 1) == '-';
    long value = 0;
    for (int i = negative ? at + 2 : at + 1; i < line; i++) {
      value = value * 10 + (buf.getByte(i) - '0');
    }
    at = line + 2;
    return negative ? -value : value;
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new ProtocolException(otherwise);
    }
  }
}
