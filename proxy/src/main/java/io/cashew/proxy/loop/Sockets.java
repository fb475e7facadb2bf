package io.cashew.proxy.loop;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.SocketAddress;

/**
 * The kinds of channels that go with one kind of event loop.
 *
 * @param name of the transport, for the log
 * @param ioHandlers how loops wait for the kernel
 * @param tcp makes TCP connections
 * @param tcpServer makes TCP listeners
 * @param unix makes connections to unix sockets
 * @param unixServer makes listeners on unix sockets
 */
public record Sockets(
    String name,
    IoHandlerFactory ioHandlers,
    ChannelFactory<? extends Channel> tcp,
    ChannelFactory<? extends ServerChannel> tcpServer,
    ChannelFactory<? extends Channel> unix,
    ChannelFactory<? extends ServerChannel> unixServer) {

  /** What connects to {@code address}. */
  public ChannelFactory<? extends Channel> connecting(SocketAddress address) {
    return isUnix(address) ? unix : tcp;
  }

  /** What listens on {@code address}. */
  public ChannelFactory<? extends ServerChannel> listening(SocketAddress address) {
    return isUnix(address) ? unixServer : tcpServer;
  }

  private static boolean isUnix(SocketAddress address) {
    return address instanceof DomainSocketAddress
        || address instanceof java.net.UnixDomainSocketAddress;
  }
}
