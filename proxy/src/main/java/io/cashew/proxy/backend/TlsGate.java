package io.cashew.proxy.backend;

import io.cashew.proxy.loop.Tls;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;

/**
 * Lets a connection to a node begin when TLS has told that nobody else can read it: to connect ends
 * with that, and whoever uses the connection need not know. Stands behind the handler of TLS.
 * Confined to the connection's worker.
 */
final class TlsGate extends ChannelInboundHandlerAdapter {
  private Consumer<Throwable> failed = cause -> {};
  private boolean open;
  private boolean broken;

  /** Who hears that there is no connection. */
  void whenFailed(Consumer<Throwable> listener) {
    failed = listener;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    // Not yet.
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      if (handshake.isSuccess()) {
        open = true;
        ctx.fireChannelActive();
      } else {
        fail(handshake.cause());
      }
    } else if (event == SslCloseCompletionEvent.SUCCESS) {
      ctx.close(); // the node says that nothing more will come
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  private void fail(Throwable cause) {
    if (!open && !broken) {
      broken = true;
      failed.accept(
          cause instanceof SSLException
              ? cause
              : new SSLException("the connection ended in the handshake", cause));
    }
  }

  /** A node may refuse a certificate when our side of the handshake is over. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!Tls.isFailure(cause)) {
      ctx.fireExceptionCaught(cause);
    } else if (open) {
      ctx.fireExceptionCaught(cause instanceof SSLException ? cause : cause.getCause());
    } else {
      fail(cause);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    fail(new SSLException("the connection ended in the handshake"));
    ctx.fireChannelInactive();
  }
}
