package io.cashew.proxy.backend;

import io.cashew.proxy.loop.Descriptors;
import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.loop.Worker;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes channels to a node. Confined to the worker. */
record Connector(
    Worker worker, Node node, BackendSettings settings, Sockets sockets, Descriptors descriptors) {
  private static final Logger LOG = LoggerFactory.getLogger(Connector.class);

  /**
   * A channel that is not connected yet.
   *
   * @param counted whether its descriptor comes out of the clients' part
   * @throws io.netty.channel.ChannelException if no file descriptor is left
   */
  Channel channelTo(SocketAddress address, boolean counted) {
    Channel channel = sockets.connecting(address).newChannel();
    if (counted) {
      descriptors.take();
      channel.closeFuture().addListener(closed -> descriptors.give());
    }
    ChannelConfig config = channel.config();
    config.setAllocator(worker.allocator());
    config.setRecvByteBufAllocator(worker.receiveBuffers());
    config.setWriteBufferWaterMark(
        new WriteBufferWaterMark(settings.unsentBytes() / 2, settings.unsentBytes()));
    // How long connecting may take is the connection's own business: it has the worker's clock.
    config.setConnectTimeoutMillis(0);
    if (address instanceof InetSocketAddress) {
      config.setOption(ChannelOption.TCP_NODELAY, true);
      settings.keepalive().applyTo(channel);
    }
    SslHandler tls = node.address().newTls(worker.allocator());
    if (tls != null) {
      channel.pipeline().addLast(tls, new TlsGate());
    }
    return channel;
  }

  /**
   * Connects, with TLS where that is asked for; {@code failed} hears why if that fails, perhaps
   * before this returns.
   *
   * @param server where to; null: where the node is, when that is {@linkplain #whenAddressKnown
   *     known}
   */
  void connect(Channel channel, @Nullable SocketAddress server, Consumer<Throwable> failed) {
    TlsGate gate = channel.pipeline().get(TlsGate.class);
    if (gate != null) {
      gate.whenFailed(failed);
    }
    worker
        .eventLoop()
        .register(channel)
        .addListener(
            registered -> {
              if (!registered.isSuccess()) {
                tell(registered, failed);
              } else if (server != null) {
                connectNow(channel, server, failed);
              } else {
                whenAddressKnown(() -> connectNow(channel, node.address().current(), failed));
              }
            });
  }

  private static void connectNow(
      Channel channel, @Nullable SocketAddress address, Consumer<Throwable> failed) {
    if (channel.isOpen() && address != null) { // who was tired of waiting has closed it
      channel.connect(address).addListener(connected -> tell(connected, failed));
    }
  }

  /**
   * Runs a task on the worker: now, or, while the node's name is being looked up, when there is an
   * answer. A name server that does not answer in half the time that connecting may take is not
   * waited for any longer.
   */
  void whenAddressKnown(Runnable task) {
    assert worker.inThread();
    long bound = TimeUnit.MILLISECONDS.toNanos(settings.finiteTimeoutMillis()) / 2;
    if (!node.address().lookedUpNow(worker.nowNanos(), bound)) {
      task.run();
      return;
    }
    Once once = new Once(task);
    var unused = worker.eventLoop().schedule(once, bound, TimeUnit.NANOSECONDS);
    node.address().whenLookedUp(() -> onWorker(once));
  }

  private void onWorker(Runnable task) {
    try {
      worker.eventLoop().execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("{} is not connected to: the proxy is stopping", node);
    }
  }

  /** Runs a task the first time that it is asked to. Confined to the worker. */
  private static final class Once implements Runnable {
    private final Runnable task;
    private boolean ran;

    Once(Runnable task) {
      this.task = task;
    }

    @Override
    public void run() {
      if (!ran) {
        ran = true;
        task.run();
      }
    }
  }

  private static void tell(Future<?> done, Consumer<Throwable> failed) {
    Throwable cause = done.cause();
    if (cause != null) {
      failed.accept(cause);
    }
  }
}
