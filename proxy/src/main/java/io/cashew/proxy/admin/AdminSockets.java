package io.cashew.proxy.admin;

import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;

/**
 * How the admin server talks to the kernel.
 *
 * @param ioHandlers how its loop waits
 * @param listener makes the listener
 * @param listens whether the socket of that listener listens already
 */
public record AdminSockets(
    IoHandlerFactory ioHandlers,
    ChannelFactory<? extends ServerChannel> listener,
    boolean listens) {

  /** NIO, which every machine has. */
  public static final AdminSockets NIO =
      new AdminSockets(NioIoHandler.newFactory(), NioServerSocketChannel::new, false);
}
