package io.cashew.proxy.backend;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where a node is. Names are resolved off the loops: a worker takes what is known and asks for a
 * new look when a connection has failed or ended.
 */
public interface NodeAddress {

  /** The address as configured. */
  String text();

  /** The last address that the name had; null if it has none. Never blocks. */
  @Nullable SocketAddress current();

  /** Asks for the name to be resolved again, soon and elsewhere. Never blocks. */
  void refresh();

  /** What encrypts a new connection to it; null: nothing does. */
  default @Nullable SslHandler newTls(ByteBufAllocator allocator) {
    return null;
  }
}
