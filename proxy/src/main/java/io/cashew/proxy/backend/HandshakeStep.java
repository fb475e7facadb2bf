package io.cashew.proxy.backend;

import io.cashew.proxy.resp.Replies;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * A command that a new connection sends before any request.
 *
 * @param name for the log: no password in it
 * @param frame the command in RESP
 * @param required whether an error reply ends the connection
 */
public record HandshakeStep(String name, byte[] frame, boolean required) {

  /** Asks for RESP3. A node before Redis 6 refuses it, and is well all the same. */
  static final HandshakeStep HELLO_3 = of(true, "HELLO 3", "HELLO", "3");

  /** A command of these arguments. */
  public static HandshakeStep of(boolean required, String name, String... arguments) {
    ByteBuf frame = Unpooled.buffer();
    Replies.writeArrayHeader(frame, arguments.length);
    for (String argument : arguments) {
      Replies.writeBulk(frame, argument);
    }
    byte[] bytes = new byte[frame.readableBytes()];
    frame.readBytes(bytes);
    return new HandshakeStep(name, bytes, required);
  }
}
