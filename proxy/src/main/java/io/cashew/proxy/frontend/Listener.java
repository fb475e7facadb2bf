package io.cashew.proxy.frontend;

import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.loop.WorkerGroup;
import io.cashew.proxy.metrics.PoolRecorder;
import io.cashew.proxy.resp.Replies;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where clients of a pool connect. The first worker accepts, and deals the clients out to all
 * workers in turn.
 */
public final class Listener {
  private static final byte[] TOO_MANY = Replies.error("ERR max number of clients reached");

  private final List<ClientPool> pools;
  private final int maxClients;
  private final boolean tcpKeepalive;
  private final @Nullable Function<ByteBufAllocator, SslHandler> tls;

  /** Clients of all workers, those that are being closed included. */
  private final AtomicInteger clients = new AtomicInteger();

  private final Channel channel;

  /**
   * Begins to listen.
   *
   * @param address where
   * @param backlog of listen(2)
   * @param maxClients at which the next client is refused
   * @param tcpKeepalive whether clients' connections get SO_KEEPALIVE
   * @param tls makes what a client's connection is encrypted with; null: nothing is
   * @param pools the pool on each worker, in the order of the workers
   * @param workers accept and serve
   * @param sockets makes the channels
   * @throws IOException if the address cannot be listened on; the message names it
   */
  public Listener(
      SocketAddress address,
      int backlog,
      int maxClients,
      boolean tcpKeepalive,
      @Nullable Function<ByteBufAllocator, SslHandler> tls,
      List<ClientPool> pools,
      WorkerGroup workers,
      Sockets sockets)
      throws IOException {
    this.maxClients = maxClients;
    this.tcpKeepalive = tcpKeepalive;
    this.tls = tls;
    this.pools = List.copyOf(pools);
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(workers, workers)
            .channelFactory(() -> (ServerChannel) sockets.listening(address).newChannel())
            .option(ChannelOption.SO_BACKLOG, backlog)
            .childHandler(new Accepted());
    bootstrap.option(ChannelOption.SO_REUSEADDR, true);
    try {
      channel = bootstrap.bind(address).syncUninterruptibly().channel();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) { // Netty throws the checked cause undeclared
      throw new IOException("cannot listen on " + address + ": " + e.getMessage(), e);
    }
  }

  /** Where it listens; the port is the real one if 0 was asked for. */
  public SocketAddress address() {
    return channel.localAddress();
  }

  /** Clients that are connected. */
  public int clients() {
    return clients.get();
  }

  /** Accepts no more. */
  public void close() {
    channel.close().syncUninterruptibly();
  }

  private final class Accepted extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel client) {
      Worker worker = Worker.of(client.eventLoop());
      ClientPool pool = pools.get(worker.index());
      if (clients.incrementAndGet() > maxClients) {
        refuse(client, pool.recorder());
        return;
      }
      client.closeFuture().addListener(closed -> clients.decrementAndGet());
      client.config().setAllocator(worker.allocator());
      client.config().setRecvByteBufAllocator(worker.receiveBuffers());
      int unsent = pool.settings().unsentBytes();
      client.config().setWriteBufferWaterMark(new WriteBufferWaterMark(unsent / 2, unsent));
      client.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
      if (client.localAddress() instanceof java.net.InetSocketAddress) {
        client.config().setOption(ChannelOption.TCP_NODELAY, true);
        client.config().setOption(ChannelOption.SO_KEEPALIVE, tcpKeepalive);
      }
      if (tls != null) {
        client.pipeline().addLast(tls.apply(worker.allocator()));
      }
      client.pipeline().addLast(new ClientHandler(pool, client));
    }

    private void refuse(Channel client, PoolRecorder recorder) {
      clients.decrementAndGet();
      recorder.clientsRefused++;
      if (tls != null) {
        client.close(); // to say why would take the handshake that is too much
        return;
      }
      client
          .writeAndFlush(Unpooled.wrappedBuffer(TOO_MANY))
          .addListener(ChannelFutureListener.CLOSE);
    }
  }
}
