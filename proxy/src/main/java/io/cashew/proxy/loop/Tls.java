package io.cashew.proxy.loop;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;

/**
 * What TLS on a channel changes for those who read and write it. A channel without it has no
 * handler for it.
 *
 * <p>Bytes that wait for their encryption count as unsent bytes of the channel, so {@link Outbound}
 * and whoever asks whether a channel is writable need not know of it.
 */
public final class Tls {
  private static final long HANDSHAKE_MILLIS = 10_000;

  /** How long the notice of the end may take to a peer that reads nothing. */
  private static final long CLOSE_NOTIFY_MILLIS = 1_000;

  private Tls() {}

  /** The handler for a client that connects. */
  public static SslHandler accepting(SslContext tls, ByteBufAllocator allocator) {
    return limited(tls.newHandler(allocator));
  }

  /**
   * The handler for a connection to a server.
   *
   * @param host that the server is asked for, and that its certificate must have
   * @param port of the server, for the resumption of sessions
   */
  public static SslHandler connecting(
      SslContext tls, ByteBufAllocator allocator, String host, int port) {
    return limited(tls.newHandler(allocator, host, port));
  }

  private static SslHandler limited(SslHandler handler) {
    handler.setHandshakeTimeoutMillis(HANDSHAKE_MILLIS);
    handler.setCloseNotifyFlushTimeoutMillis(CLOSE_NOTIFY_MILLIS);
    return handler;
  }

  /** Whether TLS is on. */
  public static boolean isOn(Channel channel) {
    return channel.pipeline().get(SslHandler.class) != null;
  }

  /** Whether TLS is on, and has not begun to carry bytes. */
  public static boolean handshakeIsDue(Channel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    return tls != null && !tls.handshakeFuture().isDone();
  }

  /** Whether the peer broke TLS, or does not speak it. */
  public static boolean isFailure(Throwable cause) {
    return cause instanceof SSLException
        || (cause instanceof DecoderException && cause.getCause() instanceof SSLException);
  }

  /** What went wrong at the bottom of it, in one line. */
  public static String reason(Throwable failure) {
    Throwable root = failure;
    for (Throwable cause = root.getCause(); cause != null; cause = root.getCause()) {
      root = cause;
    }
    String message = root.getMessage();
    return message == null ? root.getClass().getSimpleName() : message.replaceAll("\\s+", " ");
  }

  /**
   * Closes our end of a connection when what was written has left, and tells the peer first that
   * nothing more will come: without that notice it must take the end for an attack.
   *
   * @param done hears whether the notice has left, if TLS is on; then our end is closed
   */
  public static void shutdownOutput(DuplexChannel channel, Consumer<Future<?>> done) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls == null) {
      channel.shutdownOutput();
      done.accept(channel.newSucceededFuture());
      return;
    }
    tls.closeOutbound()
        .addListener(
            noticed -> {
              channel.shutdownOutput();
              done.accept(noticed);
            });
  }
}
