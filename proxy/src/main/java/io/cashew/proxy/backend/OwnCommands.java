package io.cashew.proxy.backend;

import io.cashew.proxy.resp.Replies;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Commands that the proxy itself sends to nodes, in RESP. */
final class OwnCommands {
  static final byte[] PING = of("PING");
  static final byte[] CLIENT_ID = of("CLIENT", "ID");

  private OwnCommands() {}

  /** A command of these words. */
  static byte[] of(String... words) {
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
