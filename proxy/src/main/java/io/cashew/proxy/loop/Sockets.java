package io.cashew.proxy.loop;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The kinds of channels that go with one kind of event loop.
 *
 * @param name of the transport, for the log
 * @param ioHandlers how loops wait for the kernel
 * @param tcp makes TCP connections
 * @param tcpServer makes TCP listeners
 * @param unix makes connections to unix sockets
 * @param unixServer makes listeners on unix sockets
 * @param unixAddress the address of the unix socket at a path
 * @param adopting makes listeners of sockets that listen already; null: the transport cannot
 */
public record Sockets(
    String name,
    IoHandlerFactory ioHandlers,
    ChannelFactory<? extends Channel> tcp,
    ChannelFactory<? extends ServerChannel> tcpServer,
    ChannelFactory<? extends Channel> unix,
    ChannelFactory<? extends ServerChannel> unixServer,
    Function<String, SocketAddress> unixAddress,
    @Nullable Adopting adopting) {

  /** Of a transport that cannot adopt sockets. */
  public Sockets(
      String name,
      IoHandlerFactory ioHandlers,
      ChannelFactory<? extends Channel> tcp,
      ChannelFactory<? extends ServerChannel> tcpServer,
      ChannelFactory<? extends Channel> unix,
      ChannelFactory<? extends ServerChannel> unixServer,
      Function<String, SocketAddress> unixAddress) {
    this(name, ioHandlers, tcp, tcpServer, unix, unixServer, unixAddress, null);
  }

  /**
   * Makes listeners of file descriptors of sockets that listen already.
   *
   * @param tcp of a TCP socket
   * @param unix of a unix socket
   */
  public record Adopting(
      IntFunction<? extends ServerChannel> tcp, IntFunction<? extends ServerChannel> unix) {

    /** A listener at {@code address}, which the socket of the descriptor is bound to. */
    public ServerChannel listening(SocketAddress address, int descriptor) {
      return (address instanceof InetSocketAddress ? tcp : unix).apply(descriptor);
    }
  }

  /** What connects to {@code address}. */
  public ChannelFactory<? extends Channel> connecting(SocketAddress address) {
    return address instanceof InetSocketAddress ? tcp : unix;
  }

  /** What listens on {@code address}. */
  public ChannelFactory<? extends ServerChannel> listening(SocketAddress address) {
    return address instanceof InetSocketAddress ? tcpServer : unixServer;
  }
}
