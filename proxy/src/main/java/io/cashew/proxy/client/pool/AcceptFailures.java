package io.cashew.proxy.client.pool;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.SocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says that clients cannot be accepted; the system's limit of open files, for one, may be lower
 * than this process's own. Netty, whose handler comes before this one, lets them wait for a second,
 * so that it costs no processor time. Confined to the listener's worker.
 */
final class AcceptFailures extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(AcceptFailures.class);

  private final SocketAddress address;

  AcceptFailures(SocketAddress address) {
    this.address = address;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.warn("no client is accepted on {} for a second: {}", address, cause.getMessage());
  }
}
