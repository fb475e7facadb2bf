package io.cashew.proxy.frontend;

import io.cashew.proxy.loop.Descriptors;
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

  private static final byte[] TOO_MANY_OF_ADDRESS =
      Replies.error("ERR max number of clients of this address reached");

  private final List<ClientPool> pools;
  private final ListenerSettings settings;
  private final Descriptors descriptors;
  private final AddressCounts addresses;
  private final @Nullable Function<ByteBufAllocator, SslHandler> tls;

  /** Clients of all workers, those that are being closed included. */
  private final AtomicInteger clients = new AtomicInteger();

  private final Channel channel;

  /**
   * Begins to listen.
   *
   * @param address where
   * @param settings how clients are taken
   * @param descriptors of which each client takes one
   * @param tls makes what a client's connection is encrypted with; null: nothing is
   * @param pools the pool on each worker, in the order of the workers
   * @param workers accept and serve
   * @param sockets makes the channels
   * @throws IOException if the address cannot be listened on; the message names it
   */
  public Listener(
      SocketAddress address,
      ListenerSettings settings,
      Descriptors descriptors,
      @Nullable Function<ByteBufAllocator, SslHandler> tls,
      List<ClientPool> pools,
      WorkerGroup workers,
      Sockets sockets)
      throws IOException {
    this.settings = settings;
    this.descriptors = descriptors;
    addresses = new AddressCounts(settings.maxClientsPerAddress());
    this.tls = tls;
    this.pools = List.copyOf(pools);
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(workers, workers)
            .channelFactory(() -> (ServerChannel) sockets.listening(address).newChannel())
            .option(ChannelOption.SO_BACKLOG, settings.backlog())
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
      byte[] refusal = admit(client);
      if (refusal != null) {
        refuse(client, pool.recorder(), refusal);
        return;
      }
      client.config().setAllocator(worker.allocator());
      client.config().setRecvByteBufAllocator(worker.receiveBuffers());
      int unsent = pool.settings().unsentBytes();
      client.config().setWriteBufferWaterMark(new WriteBufferWaterMark(unsent / 2, unsent));
      client.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
      if (client.localAddress() instanceof java.net.InetSocketAddress) {
        client.config().setOption(ChannelOption.TCP_NODELAY, true);
        client.config().setOption(ChannelOption.SO_KEEPALIVE, settings.tcpKeepalive());
      }
      if (tls != null) {
        client.pipeline().addLast(tls.apply(worker.allocator()));
      }
      client.pipeline().addLast(new ClientHandler(pool, client));
    }

    /** Counts a client until it is closed; says why it may not come in, if it may not. */
    private byte @Nullable [] admit(Channel client) {
      SocketAddress peer = client.remoteAddress();
      int most = settings.maxClients();
      boolean room = clients.incrementAndGet() <= most || most == 0;
      boolean descriptor = room && descriptors.tryTake();
      if (descriptor && (peer == null || addresses.tryTake(peer))) {
        client
            .closeFuture()
            .addListener(
                closed -> {
                  clients.decrementAndGet();
                  descriptors.give();
                  if (peer != null) {
                    addresses.give(peer);
                  }
                });
        return null;
      }
      clients.decrementAndGet();
      if (descriptor) {
        descriptors.give();
        return TOO_MANY_OF_ADDRESS;
      }
      return TOO_MANY;
    }

    private void refuse(Channel client, PoolRecorder recorder, byte[] error) {
      recorder.clientsRefused++;
      if (tls != null) {
        client.close(); // to say why would take the handshake that is too much
        return;
      }
      client.writeAndFlush(Unpooled.wrappedBuffer(error)).addListener(ChannelFutureListener.CLOSE);
    }
  }
}
