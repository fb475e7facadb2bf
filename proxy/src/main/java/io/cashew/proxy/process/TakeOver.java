package io.cashew.proxy.process;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.control.Inherited;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.FileDescriptor;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listeners of the process that serves now, as its {@link HandOver} gives them. Used by the
 * thread that starts; {@link #close} without {@link #taken} leaves the other process as it was.
 */
final class TakeOver implements Inherited, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TakeOver.class);

  /** The other process answers at once, unless it hangs. */
  private static final long PATIENCE_SECONDS = 10;

  private final EventLoopGroup loop;
  private final Channel channel;
  private final Map<String, Integer> received;
  private final CompletableFuture<Void> gone;
  private final List<KeptOut> keptOut;

  private TakeOver(
      EventLoopGroup loop,
      Channel channel,
      Map<String, Integer> received,
      List<KeptOut> keptOut,
      CompletableFuture<Void> gone) {
    this.loop = loop;
    this.channel = channel;
    this.received = new HashMap<>(received);
    this.keptOut = keptOut;
    this.gone = gone;
  }

  /**
   * Asks the process that serves now for its listeners.
   *
   * @param path of its socket
   * @param wanted addresses at which this process is to listen
   * @return what it gave; null: there is no such process
   * @throws IOException if it does not give them, or is not this user's
   */
  static @Nullable TakeOver from(Path path, Set<String> wanted) throws IOException {
    if (!Files.exists(path)) {
      return null;
    }
    ThreadFactory threads = task -> new FastThreadLocalThread(task, "take-over");
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, threads, EpollIoHandler.newFactory());
    Asking asking = new Asking(wanted);
    ChannelFuture connected =
        new Bootstrap()
            .group(loop)
            .channel(EpollDomainSocketChannel.class)
            .handler(
                new ChannelInitializer<EpollDomainSocketChannel>() {
                  @Override
                  protected void initChannel(EpollDomainSocketChannel opened) {
                    opened
                        .pipeline()
                        .addLast(new LineBasedFrameDecoder(HandOver.LONGEST_LINE))
                        .addLast(new StringDecoder())
                        .addLast(new StringEncoder())
                        .addLast(asking);
                  }
                })
            .connect(new DomainSocketAddress(path.toFile()))
            .awaitUninterruptibly();
    if (!connected.isSuccess()) {
      LOG.info("nobody hands listeners over at {}: {}", path, connected.cause().getMessage());
      end(loop);
      return null;
    }
    try {
      Map<String, Integer> received = asking.received.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      return new TakeOver(
          loop, connected.channel(), received, List.copyOf(asking.keptOut), asking.gone);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      end(loop);
      throw new IOException(
          "the process at "
              + path
              + " does not hand its listeners over, and goes on as it is: "
              + (e instanceof TimeoutException
                  ? "no answer in " + PATIENCE_SECONDS + " s"
                  : e.getMessage()),
          e);
    }
  }

  @Override
  public OptionalInt descriptor(Address address) {
    Integer descriptor = received.remove(address.text());
    return descriptor == null ? OptionalInt.empty() : OptionalInt.of(descriptor);
  }

  /** The nodes that an operator has taken out at the other process. */
  List<KeptOut> keptOut() {
    return keptOut;
  }

  /** This process accepts clients: the other one may go. Returns when it has begun to. */
  void taken() {
    channel.writeAndFlush(HandOver.TAKEN + "\n");
    try {
      gone.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("the process that served before does not say that it goes: end it with SIGTERM");
    }
    close();
  }

  /** Gives back what was not used, and ends the conversation; again is nothing. */
  @Override
  public void close() {
    received.values().forEach(TakeOver::give);
    received.clear();
    end(loop);
  }

  private static void give(int descriptor) {
    try {
      new FileDescriptor(descriptor).close();
    } catch (IOException e) {
      LOG.debug("descriptor {} cannot be closed", descriptor, e);
    }
  }

  private static void end(EventLoopGroup loop) {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2000);
  }

  /** The conversation. Confined to the loop. */
  private static final class Asking extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<Map<String, Integer>> received = new CompletableFuture<>();
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private final Set<String> wanted;
    private final List<String> offered = new ArrayList<>();
    private final List<KeptOut> keptOut = new ArrayList<>();
    private final List<String> coming = new ArrayList<>();
    private final Map<String, Integer> here = new HashMap<>();

    Asking(Set<String> wanted) {
      this.wanted = wanted;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) throws IOException {
      int peer = ((EpollDomainSocketChannel) ctx.channel()).peerCredentials().uid();
      if (peer != TakeOverPath.ownUser()) {
        fail(ctx, "it is user " + peer + "'s");
      } else {
        ctx.writeAndFlush(HandOver.HELLO + "\n");
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof FileDescriptor descriptor) {
        here.put(coming.get(here.size()), descriptor.intValue());
        haveAll(ctx);
      } else if (message instanceof String line) {
        if (line.equals(HandOver.GONE)) {
          gone.complete(null);
        } else if (line.isEmpty()) {
          choose(ctx);
        } else {
          KeptOut.of(line).ifPresentOrElse(keptOut::add, () -> offered.add(line));
        }
      }
    }

    private void choose(ChannelHandlerContext ctx) {
      StringBuilder send = new StringBuilder(HandOver.SEND);
      for (int i = 0; i < offered.size(); i++) {
        if (wanted.contains(offered.get(i))) {
          coming.add(offered.get(i));
          send.append(' ').append(i);
        }
      }
      readsDescriptors(ctx, true); // before the first can come: read as a byte it would be lost
      ctx.writeAndFlush(send.append('\n').toString());
      haveAll(ctx);
    }

    private void haveAll(ChannelHandlerContext ctx) {
      if (here.size() == coming.size()) {
        readsDescriptors(ctx, false);
        received.complete(Map.copyOf(here));
      }
    }

    private static void readsDescriptors(ChannelHandlerContext ctx, boolean now) {
      ((EpollDomainSocketChannel) ctx.channel())
          .config()
          .setReadMode(now ? DomainSocketReadMode.FILE_DESCRIPTORS : DomainSocketReadMode.BYTES);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      fail(ctx, "it has closed the connection");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      fail(ctx, String.valueOf(cause));
    }

    private void fail(ChannelHandlerContext ctx, String why) {
      received.completeExceptionally(new IOException(why));
      gone.completeExceptionally(new IOException(why));
      ctx.close();
    }
  }
}
