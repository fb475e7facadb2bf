package io.cashew.proxy.resp;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** The proxy's own replies, in RESP2. */
public final class Replies {
  private static final byte[] TEXT_FORMAT = {'t', 'x', 't', ':'};
  private static final byte[] CRLF = {'\r', '\n'};

  private Replies() {}

  /** Bytes of {@code text} in UTF-8. */
  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * An error line.
   *
   * @param message begins with the error's code: {@code ERR unknown command}; line ends in it
   *     become spaces, as in Redis
   */
  public static byte[] error(String message) {
    return bytes("-" + message.replace('\r', ' ').replace('\n', ' ') + "\r\n");
  }

  /** A simple string. */
  public static byte[] simple(String text) {
    return bytes("+" + text + "\r\n");
  }

  /** Writes {@code :value}. */
  public static void writeInteger(ByteBuf out, long value) {
    out.writeByte(':');
    writeDecimal(out, value);
    out.writeBytes(CRLF);
  }

  /** Writes the header of an array of {@code size} elements. */
  public static void writeArrayHeader(ByteBuf out, long size) {
    out.writeByte('*');
    writeDecimal(out, size);
    out.writeBytes(CRLF);
  }

  /** Writes a bulk string. */
  public static void writeBulk(ByteBuf out, byte[] value) {
    writeBulkHeader(out, value.length);
    out.writeBytes(value);
    out.writeBytes(CRLF);
  }

  /** Writes a bulk string of {@code text} in UTF-8. */
  public static void writeBulk(ByteBuf out, String text) {
    writeBulk(out, bytes(text));
  }

  /** Writes a bulk string of bytes that are only borrowed. */
  public static void writeBulk(ByteBuf out, ByteBuf from, int index, int length) {
    writeBulkHeader(out, length);
    out.writeBytes(from, index, length);
    out.writeBytes(CRLF);
  }

  /** Writes RESP3's verbatim string of plain text. */
  public static void writeVerbatimText(ByteBuf out, String text) {
    byte[] value = bytes(text);
    out.writeByte('=');
    writeDecimal(out, value.length + 4);
    out.writeBytes(CRLF);
    out.writeBytes(TEXT_FORMAT);
    out.writeBytes(value);
    out.writeBytes(CRLF);
  }

  /** Writes {@code $length}. */
  public static void writeBulkHeader(ByteBuf out, long length) {
    out.writeByte('$');
    writeDecimal(out, length);
    out.writeBytes(CRLF);
  }

  /** Writes the digits of {@code value}, allocating nothing. */
  public static void writeDecimal(ByteBuf out, long value) {
    if (value < 0) {
      out.writeByte('-');
    }
    // Negative numbers have the larger range: Long.MIN_VALUE has no positive twin.
    long rest = value < 0 ? value : -value;
    long divisor = 1;
    while (rest / divisor <= -10) {
      divisor *= 10;
    }
    for (; divisor > 0; divisor /= 10) {
      out.writeByte('0' - (int) (rest / divisor % 10));
    }
  }
}
