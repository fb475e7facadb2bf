package io.cashew.proxy.backend;

import io.cashew.proxy.loop.Descriptors;
import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.loop.Worker;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.function.Consumer;

/** Makes channels to a node. Confined to the worker. */
record Connector(
    Worker worker, Node node, BackendSettings settings, Sockets sockets, Descriptors descriptors) {

  /**
   * A channel that is not connected yet.
   *
   * @param counted whether its descriptor comes out of the clients' part
   * @throws io.netty.channel.ChannelException if no file descriptor is left
   */
  Channel channelTo(SocketAddress address, boolean counted) {
    Channel channel = sockets.connecting(address).newChannel();
    if (counted) {
      descriptors.take();
      channel.closeFuture().addListener(closed -> descriptors.give());
    }
    ChannelConfig config = channel.config();
    config.setAllocator(worker.allocator());
    config.setRecvByteBufAllocator(worker.receiveBuffers());
    config.setWriteBufferWaterMark(
        new WriteBufferWaterMark(settings.unsentBytes() / 2, settings.unsentBytes()));
    // How long connecting may take is the connection's own business: it has the worker's clock.
    config.setConnectTimeoutMillis(0);
    if (address instanceof InetSocketAddress) {
      config.setOption(ChannelOption.TCP_NODELAY, true);
      config.setOption(ChannelOption.SO_KEEPALIVE, settings.tcpKeepalive());
    }
    SslHandler tls = node.address().newTls(worker.allocator());
    if (tls != null) {
      channel.pipeline().addLast(tls, new TlsGate());
    }
    return channel;
  }

  /**
   * Connects, with TLS where that is asked for; {@code failed} hears why if that fails, perhaps
   * before this returns.
   */
  void connect(Channel channel, SocketAddress address, Consumer<Throwable> failed) {
    TlsGate gate = channel.pipeline().get(TlsGate.class);
    if (gate != null) {
      gate.whenFailed(failed);
    }
    worker
        .eventLoop()
        .register(channel)
        .addListener(
            registered -> {
              if (registered.isSuccess()) {
                channel.connect(address).addListener(connected -> tell(connected, failed));
              } else {
                tell(registered, failed);
              }
            });
  }

  private static void tell(Future<?> done, Consumer<Throwable> failed) {
    Throwable cause = done.cause();
    if (cause != null) {
      failed.accept(cause);
    }
  }
}
