package io.cashew.proxy.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request that somebody types: a line of words instead of RESP. It is written anew as RESP, so
 * that nodes get the one canonical form. Belongs to one decoder; what it allocates is for the
 * collector, since nobody is in a hurry who types.
 */
final class InlineRequest {
  /** The longest line that Redis takes. */
  static final int MAX_LINE = 64 << 10;

  /** Bytes of the line, from its start, that are known to have no end. */
  private int seen;

  /**
   * Reads one line; arguments as {@link RequestDecoder#decode}.
   *
   * @return whether its end is there; a line without words is a request without arguments
   */
  boolean decode(ByteBuf in, int from, int to, RespLimits limits, RequestFrame frame) {
    if (seen == 0) {
      refuse(ForeignProtocol.ofFirstByte(in.getByte(from)));
    }
    int longest = (int) Math.min(MAX_LINE, limits.bulkLength());
    int lookTo = Math.min(to, from + longest + 1);
    for (int i = from + seen; i < lookTo; i++) {
      byte b = in.getByte(i);
      if (b == '\n') {
        seen = 0;
        line(ByteBufUtil.getBytes(in, from, i - from), limits, frame);
        frame.next(i + 1);
        return true;
      }
      if (b == 0) {
        refuse(ForeignProtocol.BINARY);
      }
    }
    if (to - from > longest) {
      throw new ProtocolException(
          "Protocol error: too big inline request", ProtocolException.Fault.TOO_LARGE);
    }
    seen = to - from;
    return false;
  }

  private static void refuse(@Nullable ForeignProtocol protocol) {
    if (protocol != null) {
      throw protocol.refusal();
    }
  }

  private static void line(byte[] line, RespLimits limits, RequestFrame frame) {
    refuse(ForeignProtocol.ofLine(new String(line, StandardCharsets.ISO_8859_1)));
    List<byte[]> words = InlineWords.of(line);
    if (words.size() > limits.arguments()) {
      throw new ProtocolException("Protocol error: unauthenticated multibulk length");
    }
    if (words.isEmpty()) {
      frame.begin(Unpooled.EMPTY_BUFFER, 0);
      frame.finish(0);
      return;
    }
    ByteBuf out = Unpooled.buffer(line.length + 16 * (words.size() + 1));
    frame.begin(out, 0);
    Replies.writeArrayHeader(out, words.size());
    for (byte[] word : words) {
      Replies.writeBulk(out, word);
      frame.add(out.writerIndex() - 2 - word.length, word.length);
    }
    frame.finish(out.writerIndex());
  }
}
