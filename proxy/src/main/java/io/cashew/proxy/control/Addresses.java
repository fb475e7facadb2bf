package io.cashew.proxy.control;

import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.config.Address;
import io.cashew.proxy.loop.Sockets;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Addresses of the configuration as the kernel wants them. */
final class Addresses {
  private static final Logger LOG = LoggerFactory.getLogger(Addresses.class);

  private Addresses() {}

  /**
   * The address of a node. A name is resolved now, on the calling thread, and later on {@code
   * resolver}.
   */
  static NodeAddress ofNode(Address address, Sockets sockets, Executor resolver) {
    if (address instanceof Address.Tcp tcp
        && !NetUtil.isValidIpV4Address(tcp.host())
        && !NetUtil.isValidIpV6Address(tcp.host())) {
      Resolved resolved = new Resolved(tcp, resolver);
      resolved.resolve();
      return resolved;
    }
    return new Literal(address.text(), literal(address, sockets));
  }

  /**
   * Where to listen.
   *
   * @throws UnknownHostException if a name has no address
   */
  static SocketAddress ofListener(Address address, Sockets sockets) throws UnknownHostException {
    if (address instanceof Address.Tcp tcp) {
      return new InetSocketAddress(InetAddress.getByName(tcp.host()), tcp.port());
    }
    return literal(address, sockets);
  }

  private static SocketAddress literal(Address address, Sockets sockets) {
    if (address instanceof Address.Tcp tcp) {
      return new InetSocketAddress(tcp.host(), tcp.port());
    }
    return sockets.unixAddress().apply(((Address.Unix) address).path());
  }

  private record Literal(String text, SocketAddress current) implements NodeAddress {
    @Override
    public void refresh() {}
  }

  /** A name; the last address that it had is kept while it has none. */
  private static final class Resolved implements NodeAddress {
    private final Address.Tcp address;
    private final Executor resolver;
    private final AtomicBoolean asked = new AtomicBoolean();
    private volatile @Nullable InetSocketAddress current;

    Resolved(Address.Tcp address, Executor resolver) {
      this.address = address;
      this.resolver = resolver;
    }

    @Override
    public String text() {
      return address.text();
    }

    @Override
    public @Nullable SocketAddress current() {
      return current;
    }

    @Override
    public void refresh() {
      if (asked.compareAndSet(false, true)) {
        try {
          resolver.execute(
              () -> {
                asked.set(false);
                resolve();
              });
        } catch (RejectedExecutionException e) {
          LOG.debug("{} is not resolved again: the proxy is stopping", text());
        }
      }
    }

    private void resolve() {
      try {
        InetAddress found = InetAddress.getByName(address.host());
        InetSocketAddress before = current;
        InetSocketAddress now = new InetSocketAddress(found, address.port());
        current = now;
        if (before != null && !before.equals(now)) {
          LOG.info("{} is now {}, it was {}", text(), found.getHostAddress(), before.getAddress());
        }
      } catch (UnknownHostException e) {
        LOG.warn("{} has no address: {}", text(), e.getMessage());
      }
    }
  }
}
