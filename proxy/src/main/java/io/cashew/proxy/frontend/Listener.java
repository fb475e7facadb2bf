package io.cashew.proxy.frontend;

import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.loop.WorkerGroup;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import java.io.IOException;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where clients of a pool connect. The first worker accepts, and deals the clients out to all
 * workers, a few at a time. Clients that connect before {@link #serve} wait in the kernel.
 */
public final class Listener {
  private final Channel channel;
  private volatile @Nullable Admission admission;

  /**
   * Begins to listen, without accepting anybody yet.
   *
   * @param address where
   * @param backlog of listen(2)
   * @param workers accept and serve
   * @param sockets makes the channels
   * @throws IOException if the address cannot be listened on; the message names it
   */
  public Listener(SocketAddress address, int backlog, WorkerGroup workers, Sockets sockets)
      throws IOException {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(workers, workers)
            .channelFactory(() -> (ServerChannel) sockets.listening(address).newChannel())
            .option(ChannelOption.SO_BACKLOG, backlog)
            .option(ChannelOption.AUTO_READ, false)
            .childHandler(new Accepted());
    bootstrap.option(ChannelOption.SO_REUSEADDR, true);
    try {
      channel = bootstrap.bind(address).syncUninterruptibly().channel();
      channel.pipeline().addLast(new AcceptFailures(address));
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) { // Netty throws the checked cause undeclared
      throw new IOException("cannot listen on " + address + ": " + e.getMessage(), e);
    }
  }

  /** Accepts clients, from now on for this pool. */
  public void serve(Admission pool) {
    admission = pool;
    channel.config().setAutoRead(true);
  }

  /** Where it listens; the port is the real one if 0 was asked for. */
  public SocketAddress address() {
    return channel.localAddress();
  }

  /** Accepts no more. */
  public void close() {
    channel.close().syncUninterruptibly();
  }

  private final class Accepted extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel client) {
      Admission pool = admission;
      if (pool == null) {
        client.close();
      } else {
        pool.take(client);
      }
    }
  }
}
