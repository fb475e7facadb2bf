package io.cashew.proxy.admin;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.UnixChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTP on the admin address. Has a thread of its own, {@code cashew-admin}, and shares nothing with
 * the workers: a scrape or a slow browser costs no request anything but processor time.
 *
 * <p>Requests of a connection are answered one after another; reading goes on when a reply is
 * written, so that a client that sends without reading holds what one read of its socket brought,
 * and no more.
 */
public final class AdminServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
  private static final long STOP_MILLIS = 2_000;

  private final EventLoopGroup loop;
  private final Channel listener;
  private final ChannelGroup connections;

  private AdminServer(EventLoopGroup loop, Channel listener, ChannelGroup connections) {
    this.loop = loop;
    this.listener = listener;
    this.connections = connections;
  }

  /**
   * Binds and serves. Blocks until bound: not to be called on an event loop.
   *
   * @param address resolved; port 0 takes any free one
   * @param routes what is served, besides the index at {@code /}
   * @throws IOException if the address cannot be bound; the message names it
   */
  public static AdminServer start(InetSocketAddress address, List<Route> routes)
      throws IOException {
    return start(address, routes, AdminGuard.open());
  }

  /**
   * As above, for those whom {@code guard} lets pass.
   *
   * @throws IOException if the address cannot be bound; the message names it
   */
  public static AdminServer start(InetSocketAddress address, List<Route> routes, AdminGuard guard)
      throws IOException {
    return start(address, routes, () -> guard);
  }

  /**
   * As above.
   *
   * @param guard is asked for at each request, on the admin thread
   * @throws IOException if the address cannot be bound; the message names it
   */
  public static AdminServer start(
      InetSocketAddress address, List<Route> routes, Supplier<AdminGuard> guard)
      throws IOException {
    return start(address, routes, guard, AdminSockets.NIO);
  }

  /**
   * As above.
   *
   * @param sockets makes the channels
   * @throws IOException if the address cannot be bound; the message names it
   */
  public static AdminServer start(
      InetSocketAddress address,
      List<Route> routes,
      Supplier<AdminGuard> guard,
      AdminSockets sockets)
      throws IOException {
    return start(address, routes, guard, AdminLimits.DEFAULT, sockets);
  }

  static AdminServer start(
      InetSocketAddress address, List<Route> routes, AdminGuard guard, AdminLimits limits)
      throws IOException {
    return start(address, routes, () -> guard, limits, AdminSockets.NIO);
  }

  private static AdminServer start(
      InetSocketAddress address,
      List<Route> routes,
      Supplier<AdminGuard> guard,
      AdminLimits limits,
      AdminSockets sockets)
      throws IOException {
    RouteTable table = new RouteTable(routes);
    ThreadFactory threads = task -> new FastThreadLocalThread(task, "cashew-admin");
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, threads, sockets.ioHandlers());
    ChannelGroup connections = new DefaultChannelGroup(loop.next());
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loop)
            .channelFactory(sockets.listener())
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(pipeline(table, guard, limits, connections));
    ChannelFuture bound =
        (sockets.listens() ? bootstrap.register() : bootstrap.bind(address)).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      stop(loop);
      throw new IOException(
          "cannot listen on admin address "
              + address.getHostString()
              + ":"
              + address.getPort()
              + ": "
              + bound.cause().getMessage()
              + "; choose another admin.listen or stop what uses it",
          bound.cause());
    }
    return new AdminServer(loop, bound.channel(), connections);
  }

  private static ChannelInitializer<SocketChannel> pipeline(
      RouteTable table, Supplier<AdminGuard> guard, AdminLimits limits, ChannelGroup connections) {
    HttpDecoderConfig decoding =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(limits.requestLine())
            .setMaxHeaderSize(limits.headers());
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(SocketChannel channel) {
        boolean tooMany = connections.size() >= limits.connections();
        connections.add(channel);
        channel
            .pipeline()
            .addLast(new WriteTimeoutHandler(limits.timeoutMillis(), TimeUnit.MILLISECONDS))
            .addLast(new HttpServerCodec(decoding))
            .addLast(new HttpServerKeepAliveHandler())
            .addLast(new HttpObjectAggregator(limits.body()))
            .addLast(new AdminHandler(table, guard, limits.timeoutMillis(), tooMany));
      }
    };
  }

  /** The port that is bound. */
  public int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  /** Its socket, which another process may use as well; empty: the transport does not tell. */
  public Optional<FileDescriptor> descriptor() {
    return listener instanceof UnixChannel unix ? Optional.of(unix.fd()) : Optional.empty();
  }

  /** Stops listening; requests that are under way are answered. */
  public void stopListening() {
    listener.close().awaitUninterruptibly(STOP_MILLIS);
  }

  /**
   * Stops listening, closes every connection and ends the thread; waits for that at most two
   * seconds. Again is nothing. Not to be called on the admin thread.
   */
  @Override
  public void close() {
    listener.close().awaitUninterruptibly(STOP_MILLIS);
    connections.close().awaitUninterruptibly(STOP_MILLIS);
    stop(loop);
  }

  private static void stop(EventLoopGroup loop) {
    boolean ended =
        loop.shutdownGracefully(0, STOP_MILLIS, TimeUnit.MILLISECONDS)
            .awaitUninterruptibly(2 * STOP_MILLIS);
    if (!ended) {
      LOG.warn("the admin thread did not end within {} ms", 2 * STOP_MILLIS);
    }
  }
}
