package io.cashew.proxy.cache;

import io.cashew.proxy.backend.OwnRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/** Something the proxy asks of a server, whose reply is looked at when all of it is here. */
abstract class WholeReply extends OwnRequest {
  private final int bytesMax;
  private final ByteBuf reply = Unpooled.buffer();
  private boolean tooLong;

  WholeReply(int bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** All of it; null: it is longer than it may be. */
  abstract void onReply(byte @Nullable [] whole);

  @Override
  public final void onReply(ByteBuf buf, int index, int length, boolean last) {
    tooLong |= reply.readableBytes() + (long) length > bytesMax;
    if (!tooLong) {
      reply.writeBytes(buf, index, length);
    }
    if (last) {
      onReply(tooLong ? null : ByteBufUtil.getBytes(reply));
    }
  }
}
