package io.cashew.proxy.loop;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.function.Function;

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
 */
public record Sockets(
    String name,
    IoHandlerFactory ioHandlers,
    ChannelFactory<? extends Channel> tcp,
    ChannelFactory<? extends ServerChannel> tcpServer,
    ChannelFactory<? extends Channel> unix,
    ChannelFactory<? extends ServerChannel> unixServer,
    Function<String, SocketAddress> unixAddress) {

  /** What connects to {@code address}. */
  public ChannelFactory<? extends Channel> connecting(SocketAddress address) {
    return address instanceof InetSocketAddress ? tcp : unix;
  }

  /** What listens on {@code address}. */
  public ChannelFactory<? extends ServerChannel> listening(SocketAddress address) {
    return address instanceof InetSocketAddress ? tcpServer : unixServer;
  }
}
