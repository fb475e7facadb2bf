package io.cashew.proxy.loop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * A channel that writes down what is done with it. It takes all bytes at once unless it is slow.
 */
final class Destination extends ChannelOutboundHandlerAdapter {
  final EmbeddedChannel channel = new EmbeddedChannel(this);
  final List<ByteBuf> writes = new ArrayList<>();
  final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  int flushes;

  private final List<ByteBuf> kept = new ArrayList<>();
  private boolean slow;
  private Runnable onWrite = () -> {};

  /** From now on written buffers are kept, as a kernel does that does not take them. */
  void slow() {
    slow = true;
  }

  void onWrite(Runnable task) {
    onWrite = task;
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    ByteBuf buf = (ByteBuf) msg;
    writes.add(buf);
    bytes.writeBytes(ByteBufUtil.getBytes(buf));
    if (slow) {
      kept.add(buf);
    } else {
      buf.release();
    }
    promise.trySuccess();
    onWrite.run();
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    flushes++;
    ctx.flush();
  }

  /** The bytes of what is kept; gives it back. */
  byte[] takeKept() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (ByteBuf buf : kept) {
      out.writeBytes(ByteBufUtil.getBytes(buf));
      buf.release();
    }
    kept.clear();
    return out.toByteArray();
  }
}
