package io.cashew.proxy.loop;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;

/** The end of a connection that we close, as its peer sees it. */
public final class LastBytes {
  private LastBytes() {}

  /**
   * Has what is written from now on leave together with the end of our side. A peer that waits for
   * a reply then learns with that reply that no other will follow, and does not send the next
   * request in between. Where the transport cannot, the end follows a moment later.
   */
  public static void leaveWithTheEnd(Channel channel) {
    if (channel instanceof EpollSocketChannel tcp && channel.isOpen()) {
      tcp.config().setTcpCork(true);
    }
  }
}
