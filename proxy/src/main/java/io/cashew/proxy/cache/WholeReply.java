package io.cashew.proxy.cache;

import io.cashew.proxy.backend.OwnRequest;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Something the proxy asks of a server, whose reply is looked at when all of it is here. */
abstract class WholeReply extends OwnRequest {
  private final ReplyBytes reply;

  WholeReply(int bytesMax) {
    reply = new ReplyBytes(bytesMax);
  }

  /** All of it; null: it is longer than it may be. */
  abstract void onReply(byte @Nullable [] whole);

  @Override
  public final void onReply(ByteBuf buf, int index, int length, boolean last) {
    reply.add(buf, index, length, last);
    if (last) {
      onReply(reply.isTooLong() ? null : reply.whole());
    }
  }
}
