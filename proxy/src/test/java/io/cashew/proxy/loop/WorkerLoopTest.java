package io.cashew.proxy.loop;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How a worker's loop ends. */
final class WorkerLoopTest {
  @Test
  void channelsAreClosedAlsoIfALoopIsToldToEndWhileItRunsTasks() throws Exception {
    try (OneWorker one = new OneWorker()) {
      Channel channel = new NioServerSocketChannel();
      channel.pipeline().addLast(new ChannelInboundHandlerAdapter());
      one.group().register(channel).syncUninterruptibly();
      channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).sync();
      one.run(
          () -> {
            var unused = one.group().shutdownGracefully(0, 5, TimeUnit.SECONDS);
          });
      assertTrue(one.group().awaitTermination(10, TimeUnit.SECONDS));
      assertFalse(channel.isOpen());
    }
  }
}
