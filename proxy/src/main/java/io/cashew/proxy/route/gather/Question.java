package io.cashew.proxy.route.gather;

import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;

/**
 * A request for one key. Immutable.
 *
 * @param before its bytes in front of the key, with its own length and those of its words
 * @param after its bytes behind the key
 */
public record Question(byte[] before, byte[] after) {

  /** A question in the characters of RESP. */
  public static Question of(String before, String after) {
    return new Question(
        before.getBytes(StandardCharsets.US_ASCII), after.getBytes(StandardCharsets.US_ASCII));
  }

  /** The question for an argument of a request, which is borrowed; returns owned. */
  ByteBuf of(RequestFrame frame, int argument, ByteBufAllocator allocator) {
    int length = frame.length(argument);
    ByteBuf bytes = allocator.directBuffer(before.length + length + after.length + 16);
    bytes.writeBytes(before);
    bytes.writeCharSequence("$" + length + "\r\n", StandardCharsets.US_ASCII);
    bytes.writeBytes(frame.buf(), frame.offset(argument), length);
    return bytes.writeByte('\r').writeByte('\n').writeBytes(after);
  }
}
