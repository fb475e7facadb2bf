package io.cashew.proxy.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** The proxy's own requests, in RESP. */
public final class Requests {
  private Requests() {}

  /** A command of these words. */
  public static byte[] of(String... words) {
    ByteBuf frame = Unpooled.buffer();
    Replies.writeArrayHeader(frame, words.length);
    for (String word : words) {
      Replies.writeBulk(frame, word);
    }
    byte[] bytes = new byte[frame.readableBytes()];
    frame.readBytes(bytes);
    return bytes;
  }
}
