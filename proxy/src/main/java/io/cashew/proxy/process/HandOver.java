package io.cashew.proxy.process;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the listeners of this process over to its successor, which {@link TakeOver} asks for. Has a
 * thread of its own, {@code hand-over}.
 *
 * <p>On a unix socket, in lines: the successor says {@link #HELLO} and is given a line for each
 * listener, one for each node that is out for maintenance ({@link KeptOut}, which older successors
 * pass over), and an empty one. It says {@code send} and the numbers of those that it wants, and is
 * given their file descriptors (SCM_RIGHTS), in that order: both processes accept from the same
 * queue in the kernel then, so that nobody is refused or reset, as those are who wait at one of two
 * SO_REUSEPORT listeners when it closes. When the successor accepts clients it says {@code taken};
 * until then nothing has happened here. This process then gives up its socket file, says {@code
 * gone}, and drains.
 */
final class HandOver implements AutoCloseable {
  static final String HELLO = "cashew take-over 1";
  static final String SEND = "send";
  static final String TAKEN = "taken";
  static final String GONE = "gone";

  /** Longer than any line: some numbers, or an address. */
  static final int LONGEST_LINE = 4096;

  private static final Logger LOG = LoggerFactory.getLogger(HandOver.class);
  private static final long STOP_MILLIS = 1000;

  private final EventLoopGroup loop;
  private final Supplier<Map<String, FileDescriptor>> listeners;
  private final Supplier<List<KeptOut>> keptOut;
  private final Consumer<Set<String>> taken;
  private final int user = TakeOverPath.ownUser();
  private final Channel server;

  /**
   * Waits for a successor.
   *
   * @param path of the socket; a file that nobody listens at is replaced
   * @param listeners what can be handed over, by address; asked for each successor, on the thread
   * @param keptOut nodes that an operator has taken out; asked for each successor, on the thread
   * @param taken hears the addresses at which the successor accepts clients now, once, on the
   *     thread
   * @throws IOException if the socket cannot be had
   */
  HandOver(
      Path path,
      Supplier<Map<String, FileDescriptor>> listeners,
      Supplier<List<KeptOut>> keptOut,
      Consumer<Set<String>> taken)
      throws IOException {
    this.listeners = listeners;
    this.keptOut = keptOut;
    this.taken = taken;
    clear(path);
    ThreadFactory threads = task -> new FastThreadLocalThread(task, "hand-over");
    loop = new MultiThreadIoEventLoopGroup(1, threads, EpollIoHandler.newFactory());
    try {
      server =
          new ServerBootstrap()
              .group(loop)
              .channel(EpollServerDomainSocketChannel.class)
              .childHandler(
                  new ChannelInitializer<EpollDomainSocketChannel>() {
                    @Override
                    protected void initChannel(EpollDomainSocketChannel channel)
                        throws IOException {
                      welcome(channel);
                    }
                  })
              .bind(new DomainSocketAddress(path.toFile()))
              .syncUninterruptibly()
              .channel();
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    } catch (Exception e) { // Netty throws the checked cause undeclared
      close(loop);
      throw new IOException("cannot listen on " + path + ": " + e.getMessage(), e);
    }
  }

  /** Makes way for the socket. */
  private static void clear(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (SocketChannel other = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      other.connect(UnixDomainSocketAddress.of(path));
    } catch (IOException nobodyAnswers) {
      Files.delete(path);
      return;
    }
    throw new IOException("another process listens on " + path);
  }

  /** The file may be in a directory that others reach: what counts is who is there. */
  private void welcome(EpollDomainSocketChannel channel) throws IOException {
    int peer = channel.peerCredentials().uid();
    if (peer != user) {
      LOG.warn(
          "user {} has asked for the listeners and is refused: they are user {}'s", peer, user);
      channel.close();
      return;
    }
    channel
        .pipeline()
        .addLast(new LineBasedFrameDecoder(LONGEST_LINE))
        .addLast(new StringDecoder())
        .addLast(new StringEncoder())
        .addLast(new Giving());
  }

  @Override
  public void close() {
    server.close().awaitUninterruptibly(STOP_MILLIS);
    close(loop);
  }

  private static void close(EventLoopGroup loop) {
    loop.shutdownGracefully(0, STOP_MILLIS, TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(2 * STOP_MILLIS);
  }

  /** One successor. Confined to the thread. */
  private final class Giving extends SimpleChannelInboundHandler<String> {
    private List<Map.Entry<String, FileDescriptor>> offered = List.of();
    private final Set<String> given = new LinkedHashSet<>();

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, String line) {
      if (line.equals(HELLO)) {
        offered = new ArrayList<>(listeners.get().entrySet());
        StringBuilder offer = new StringBuilder();
        offered.forEach(each -> offer.append(each.getKey()).append('\n'));
        keptOut.get().forEach(each -> offer.append(each.line()).append('\n'));
        ctx.writeAndFlush(offer.append('\n').toString());
      } else if (line.startsWith(SEND)) {
        send(ctx, line.substring(SEND.length()).strip());
      } else if (line.equals(TAKEN)) {
        server
            .close()
            .addListener(
                closed -> {
                  ctx.writeAndFlush(GONE + "\n").addListener(ChannelFutureListener.CLOSE);
                  taken.accept(given);
                });
      } else {
        LOG.warn("the process that asks for the listeners speaks otherwise: '{}'", line);
        ctx.close();
      }
    }

    private void send(ChannelHandlerContext ctx, String numbers) {
      for (String number : numbers.isEmpty() ? new String[0] : numbers.split(" ")) {
        Map.Entry<String, FileDescriptor> listener = offered.get(Integer.parseInt(number));
        given.add(listener.getKey());
        ctx.write(listener.getValue());
      }
      ctx.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      LOG.warn("the listeners could not be handed over: {}", cause.toString());
      ctx.close();
    }
  }
}
