package io.cashew.proxy.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringSocketChannel;
import java.util.List;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.Test;

/** What the kernel is told of a socket, asked of the kernel. */
final class KeepaliveTest {
  private static List<Integer> seen(Channel channel, List<ChannelOption<Integer>> options) {
    ChannelConfig config = channel.config();
    return options.stream().map(config::getOption).toList();
  }

  private static void close(Channel channel) {
    channel.unsafe().closeForcibly();
  }

  @Test
  void epollHasTheTimesAndTheUserTimeout() {
    assumeTrue(Epoll.isAvailable(), "no epoll here");
    Channel channel = new EpollSocketChannel();
    new Keepalive(300).applyTo(channel);
    assertEquals(true, channel.config().getOption(ChannelOption.SO_KEEPALIVE));
    assertEquals(
        List.of(300, 100, 3, 600_000),
        seen(
            channel,
            List.of(
                EpollChannelOption.TCP_KEEPIDLE,
                EpollChannelOption.TCP_KEEPINTVL,
                EpollChannelOption.TCP_KEEPCNT,
                EpollChannelOption.TCP_USER_TIMEOUT)));
    close(channel);
  }

  @Test
  void ioUringHasTheTimesAndTheUserTimeout() {
    assumeTrue(IoUring.isAvailable(), "no io_uring here");
    Channel channel = new IoUringSocketChannel();
    new Keepalive(60).applyTo(channel);
    assertEquals(true, channel.config().getOption(ChannelOption.SO_KEEPALIVE));
    assertEquals(
        List.of(60, 20, 3, 120_000),
        seen(
            channel,
            List.of(
                IoUringChannelOption.TCP_KEEPIDLE,
                IoUringChannelOption.TCP_KEEPINTVL,
                IoUringChannelOption.TCP_KEEPCNT,
                IoUringChannelOption.TCP_USER_TIMEOUT)));
    close(channel);
  }

  @Test
  void nioHasTheTimes() {
    Channel channel = new NioSocketChannel();
    new Keepalive(2).applyTo(channel);
    assertEquals(true, channel.config().getOption(ChannelOption.SO_KEEPALIVE));
    assertEquals(
        List.of(2, 1, 3),
        seen(
            channel,
            List.of(
                NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE),
                NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL),
                NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT))));
    close(channel);
  }

  @Test
  void offLeavesTheSocketAsItIs() {
    Channel channel = new NioSocketChannel();
    new Keepalive(0).applyTo(channel);
    assertEquals(false, channel.config().getOption(ChannelOption.SO_KEEPALIVE));
    close(channel);
  }

  /** Redis: a third of the time between questions, never less than a second, three of them. */
  @Test
  void timesAreDerivedAsInRedis() {
    assertEquals(100, new Keepalive(300).intervalSeconds());
    assertEquals(1, new Keepalive(1).intervalSeconds());
    assertEquals(1, new Keepalive(5).intervalSeconds());
    assertEquals(8_000, new Keepalive(5).noticedMillis());
    assertTrue(new Keepalive(32_767).noticedMillis() > 0);
    assertFalse(new Keepalive(1).equals(new Keepalive(2)));
  }
}
