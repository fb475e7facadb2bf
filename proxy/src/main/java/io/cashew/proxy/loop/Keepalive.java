package io.cashew.proxy.loop;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.uring.IoUringChannelOption;
import jdk.net.ExtendedSocketOptions;

/**
 * After how long the kernel notices that the other end of a silent TCP connection has vanished. As
 * Redis does with its {@code tcp-keepalive}: it asks when nothing has come for so long, then after
 * each third of that, and ends the connection when three questions have no answer. What was sent
 * and is not acknowledged for as long as that takes together ends it, too, where the transport can
 * say so (TCP_USER_TIMEOUT; NIO cannot).
 *
 * @param idleSeconds before the first question; 0: it never asks
 */
public record Keepalive(int idleSeconds) {
  private static final int QUESTIONS = 3;

  /** Seconds between questions. */
  public int intervalSeconds() {
    return Math.max(1, idleSeconds / QUESTIONS);
  }

  /** Milliseconds after which a peer that has vanished is noticed. */
  public int noticedMillis() {
    return 1000 * (idleSeconds + QUESTIONS * intervalSeconds());
  }

  /** Sets it on a TCP connection; off is how a socket comes. */
  public void applyTo(Channel channel) {
    if (idleSeconds == 0) {
      return;
    }
    ChannelConfig config = channel.config();
    config.setOption(ChannelOption.SO_KEEPALIVE, true);
    if (config.setOption(EpollChannelOption.TCP_KEEPIDLE, idleSeconds)) {
      config.setOption(EpollChannelOption.TCP_KEEPINTVL, intervalSeconds());
      config.setOption(EpollChannelOption.TCP_KEEPCNT, QUESTIONS);
      config.setOption(EpollChannelOption.TCP_USER_TIMEOUT, noticedMillis());
    } else if (config.setOption(IoUringChannelOption.TCP_KEEPIDLE, idleSeconds)) {
      config.setOption(IoUringChannelOption.TCP_KEEPINTVL, intervalSeconds());
      config.setOption(IoUringChannelOption.TCP_KEEPCNT, QUESTIONS);
      config.setOption(IoUringChannelOption.TCP_USER_TIMEOUT, noticedMillis());
    } else {
      config.setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), idleSeconds);
      config.setOption(
          NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), intervalSeconds());
      config.setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), QUESTIONS);
    }
  }
}
