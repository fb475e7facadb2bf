package io.cashew.proxy.client.pool;

import io.cashew.proxy.loop.Descriptors;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.PoolRecorder;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Who is let into a pool, and how many are in. Shared: a {@link Listener} asks it for each client,
 * on the worker that is to serve that one; the settings may be replaced at any time, for the
 * clients that come after.
 */
public final class Admission {
  private static final String TOO_MANY = "max number of clients reached";
  private static final String TOO_MANY_OF_ADDRESS = "max number of clients of this address reached";

  private static final long LONG_AGO_NANOS = TimeUnit.DAYS.toNanos(365);

  private final List<ClientPool> pools;
  private final Descriptors descriptors;
  private final AddressCounts addresses;
  private volatile ListenerSettings settings;
  private volatile @Nullable Function<ByteBufAllocator, SslHandler> tls;

  /** Written by each worker: which of two clients of one moment it is of makes no difference. */
  private volatile long lastCameNanos = System.nanoTime() - LONG_AGO_NANOS;

  /** Clients of all workers, those that are being closed included. */
  private final AtomicInteger clients = new AtomicInteger();

  /**
   * Nobody is in.
   *
   * @param pools the pool on each worker, in the order of the workers
   * @param settings how clients are taken
   * @param descriptors of which each client takes one
   * @param tls makes what a client's connection is encrypted with; null: nothing is
   */
  public Admission(
      List<ClientPool> pools,
      ListenerSettings settings,
      Descriptors descriptors,
      @Nullable Function<ByteBufAllocator, SslHandler> tls) {
    this.pools = List.copyOf(pools);
    this.settings = settings;
    this.descriptors = descriptors;
    this.tls = tls;
    addresses = new AddressCounts(settings.maxClientsPerAddress());
  }

  /** Takes the clients that come from now on like this; those who are in stay. */
  public void install(
      ListenerSettings newSettings, @Nullable Function<ByteBufAllocator, SslHandler> newTls) {
    settings = newSettings;
    tls = newTls;
    addresses.most(newSettings.maxClientsPerAddress());
  }

  /** When the last client came, by {@link System#nanoTime()}; before the first, a time long ago. */
  public long lastCameNanos() {
    return lastCameNanos;
  }

  /** Clients that are connected. */
  public int clients() {
    return clients.get();
  }

  /** Begins to serve a client, or refuses it. */
  public void take(Channel client) {
    Worker worker = Worker.of(client.eventLoop());
    ClientPool pool = pools.get(worker.index());
    Function<ByteBufAllocator, SslHandler> encryption = tls;
    lastCameNanos = System.nanoTime();
    String refusal = admit(client);
    if (refusal != null) {
      refuse(client, pool.recorder(), encryption != null, pool.wording().error(refusal));
      return;
    }
    client.config().setAllocator(worker.allocator());
    int unsent = pool.settings().unsentBytes();
    client.config().setWriteBufferWaterMark(new WriteBufferWaterMark(unsent / 2, unsent));
    client.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    if (client.localAddress() instanceof InetSocketAddress) {
      client.config().setOption(ChannelOption.TCP_NODELAY, true);
      settings.keepalive().applyTo(client);
    }
    if (encryption != null) {
      client.pipeline().addLast(encryption.apply(worker.allocator()));
    }
    client.pipeline().addLast(pool.connection(client));
  }

  /** Counts a client until it is closed; says why it may not come in, if it may not. */
  private @Nullable String admit(Channel client) {
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

  private static void refuse(
      Channel client, PoolRecorder recorder, boolean encrypted, byte[] error) {
    recorder.clientsRefused++;
    if (encrypted) {
      client.close(); // to say why would take the handshake that is too much
      return;
    }
    client.writeAndFlush(Unpooled.wrappedBuffer(error)).addListener(ChannelFutureListener.CLOSE);
  }
}
