package io.cashew.proxy.control;

import io.cashew.proxy.backend.NodeAddress;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A node that is spoken to over TLS.
 *
 * @param plain where it is
 * @param tls made anew when its files change
 * @param host that it is asked for, and that its certificate must have
 * @param port of the node
 */
record SecureNodeAddress(NodeAddress plain, WatchedTls tls, String host, int port)
    implements NodeAddress {
  @Override
  public String text() {
    return plain.text();
  }

  @Override
  public @Nullable SocketAddress current() {
    return plain.current();
  }

  @Override
  public @Nullable SocketAddress home() {
    return plain.home();
  }

  @Override
  public boolean moved() {
    return plain.moved();
  }

  @Override
  public void refresh() {
    plain.refresh();
  }

  @Override
  public void doesNotServe() {
    plain.doesNotServe();
  }

  @Override
  public void refreshIfOlder(long nowNanos, long ageNanos) {
    plain.refreshIfOlder(nowNanos, ageNanos);
  }

  @Override
  public void refreshSoon(long nowNanos, long leastNanos) {
    plain.refreshSoon(nowNanos, leastNanos);
  }

  @Override
  public boolean mayMove() {
    return plain.mayMove();
  }

  @Override
  public boolean hasOthers() {
    return plain.hasOthers();
  }

  @Override
  public boolean lookedUpNow(long nowNanos, long boundNanos) {
    return plain.lookedUpNow(nowNanos, boundNanos);
  }

  @Override
  public void whenLookedUp(Runnable task) {
    plain.whenLookedUp(task);
  }

  @Override
  public SslHandler newTls(ByteBufAllocator allocator) {
    return tls.connecting(allocator, host, port);
  }
}
