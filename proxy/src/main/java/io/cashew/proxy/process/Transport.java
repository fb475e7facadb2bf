package io.cashew.proxy.process;

import io.cashew.proxy.config.TransportKind;
import io.cashew.proxy.loop.EpollStaysRegistered;
import io.cashew.proxy.loop.Sockets;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.net.UnixDomainSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which of Netty's transports the workers run on. */
public final class Transport {
  private static final Logger LOG = LoggerFactory.getLogger(Transport.class);

  private Transport() {}

  /**
   * The sockets of a transport.
   *
   * @throws UnsupportedOperationException if one was asked for by name that this machine does not
   *     have; the message says why
   */
  public static Sockets of(TransportKind kind) {
    return switch (kind) {
      case AUTO -> automatic();
      case EPOLL -> {
        require("epoll", Epoll.unavailabilityCause());
        yield epoll();
      }
      case IO_URING -> {
        require("io-uring", IoUring.unavailabilityCause());
        yield ioUring();
      }
      case NIO -> nio();
    };
  }

  private static Sockets automatic() {
    Throwable cause = Epoll.unavailabilityCause();
    if (cause == null) {
      return epoll();
    }
    LOG.warn(
        "the native epoll transport does not load ({}): running on NIO, slower", cause.toString());
    return nio();
  }

  private static void require(String name, @Nullable Throwable cause) {
    if (cause != null) {
      throw new UnsupportedOperationException(
          "transport " + name + " does not work here: " + cause + "; use transport = auto", cause);
    }
  }

  private static Sockets epoll() {
    return new Sockets(
        "epoll",
        new EpollStaysRegistered(),
        EpollSocketChannel::new,
        EpollServerSocketChannel::new,
        EpollDomainSocketChannel::new,
        EpollServerDomainSocketChannel::new,
        DomainSocketAddress::new,
        new Sockets.Adopting(
            EpollServerSocketChannel::new, fd -> new EpollServerDomainSocketChannel(fd, true)));
  }

  private static Sockets ioUring() {
    return new Sockets(
        "io_uring",
        IoUringIoHandler.newFactory(),
        IoUringSocketChannel::new,
        IoUringServerSocketChannel::new,
        IoUringDomainSocketChannel::new,
        IoUringServerDomainSocketChannel::new,
        DomainSocketAddress::new);
  }

  private static Sockets nio() {
    return new Sockets(
        "nio",
        NioIoHandler.newFactory(),
        NioSocketChannel::new,
        NioServerSocketChannel::new,
        NioDomainSocketChannel::new,
        NioServerDomainSocketChannel::new,
        UnixDomainSocketAddress::of);
  }
}
