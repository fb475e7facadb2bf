package io.cashew.proxy.client.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ListenerTest {
  private static final int WAITING = 100;

  /** More than the loop accepts at once. */
  @Test
  void whoWaitsInTheKernelIsAcceptedBeforeAListenerCloses() throws Exception {
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    AtomicInteger accepted = new AtomicInteger();
    EmptyBacklog backlog = new EmptyBacklog();
    List<Socket> clients = new ArrayList<>();
    CountDownLatch held = new CountDownLatch(1);
    try {
      Channel listener =
          new ServerBootstrap()
              .group(loop)
              .channel(NioServerSocketChannel.class)
              .handler(backlog)
              .childHandler(
                  new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel client) {
                      accepted.incrementAndGet();
                      client.pipeline().addLast(new ChannelInboundHandlerAdapter());
                    }
                  })
              .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
              .sync()
              .channel();
      loop.execute(
          () -> {
            try {
              held.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      InetSocketAddress address = (InetSocketAddress) listener.localAddress();
      for (int i = 0; i < WAITING; i++) {
        clients.add(new Socket(address.getAddress(), address.getPort()));
      }
      assertNotEquals(WAITING, accepted.get());
      Future<?> closed = backlog.close(listener);
      held.countDown();
      closed.sync();
      assertEquals(WAITING, accepted.get());
    } finally {
      held.countDown(); // or the loop would not end
      for (Socket client : clients) {
        client.close();
      }
      loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }
}
