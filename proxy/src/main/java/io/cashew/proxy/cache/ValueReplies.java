package io.cashew.proxy.cache;

import io.cashew.proxy.resp.Replies;
import io.netty.buffer.ByteBuf;

/** What commands other than GET say of a value, made of the reply to GET. */
public final class ValueReplies {
  private static final int LINE_END = 2;

  private ValueReplies() {}

  private static int start(byte[] reply) {
    int at = 1;
    while (reply[at] != '\r') {
      at++;
    }
    return at + LINE_END;
  }

  /** The reply to STRLEN. */
  public static void length(byte[] reply, ByteBuf out) {
    Replies.writeInteger(out, reply.length - LINE_END - start(reply));
  }

  /** The reply to GETRANGE. */
  public static void range(byte[] reply, long from, long to, ByteBuf out) {
    int offset = start(reply);
    long length = reply.length - LINE_END - (long) offset;
    long first = Math.max(0, from < 0 ? from + length : from);
    long last = Math.min(length - 1, Math.max(0, to < 0 ? to + length : to));
    if (first > last || (from < 0 && to < 0 && from > to)) {
      Replies.writeBulk(out, "");
    } else {
      int bytes = (int) (last - first + 1);
      Replies.writeBulkHeader(out, bytes);
      out.writeBytes(reply, (int) (offset + first), bytes).writeByte('\r').writeByte('\n');
    }
  }
}
