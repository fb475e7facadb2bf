package io.cashew.proxy.client.pool;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.concurrent.TimeUnit;

/**
 * Closes a listener when nobody waits in the kernel to be accepted: the kernel resets those who do.
 * The first handler of the listener; confined to its worker.
 */
final class EmptyBacklog extends ChannelInboundHandlerAdapter {
  /** Long enough for the loop to accept once more in between. */
  private static final long LOOK_MILLIS = 1;

  /** Where clients come without a pause, waiting any longer would not help. */
  private static final int MOST_LOOKS = 200;

  private long accepted;

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    accepted++;
    ctx.fireChannelRead(msg);
  }

  /** Closes the listener, from any thread. @return done when it is closed */
  Future<?> close(Channel listener) {
    Promise<Void> closed = listener.newPromise();
    listener.eventLoop().execute(() -> look(listener, accepted, MOST_LOOKS, closed));
    return closed;
  }

  /** The loop waits for the kernel once between two looks, and accepts whom it finds. */
  private void look(Channel listener, long before, int looksLeft, Promise<Void> closed) {
    listener
        .eventLoop()
        .schedule(
            () -> {
              if (accepted == before || looksLeft == 0) {
                listener.close().addListener(done -> closed.setSuccess(null));
              } else {
                look(listener, accepted, looksLeft - 1, closed);
              }
            },
            LOOK_MILLIS,
            TimeUnit.MILLISECONDS);
  }
}
