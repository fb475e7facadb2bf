package io.cashew.proxy.cache;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** A whole reply of a server to {@code SCAN} or {@code DBSIZE}, read from its beginning. */
final class ScanReply {
  private final ByteBuf reply;
  private int at;

  /** Takes a key. */
  interface Keys {
    /** The buffer is borrowed. */
    void key(ByteBuf buf, int index, int length);
  }

  ScanReply(ByteBuf reply) {
    this.reply = reply;
  }

  /** The number of a line: of an integer, or of a header. */
  long integer() {
    long number = 0;
    for (at++; reply.getByte(at) != '\r'; at++) {
      number = number * 10 + reply.getByte(at) - '0';
    }
    at += 2;
    return number;
  }

  /** The cursor, which comes first. */
  String cursor() {
    integer(); // of two elements
    int length = (int) integer();
    String cursor = reply.toString(at, length, StandardCharsets.US_ASCII);
    at += length + 2;
    return cursor;
  }

  /** The keys, which come behind it. */
  void forEachKey(Keys each) {
    for (long left = integer(); left > 0; left--) {
      int length = (int) integer();
      each.key(reply, at, length);
      at += length + 2;
    }
  }
}
