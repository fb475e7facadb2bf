package io.cashew.proxy.control;

import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.config.Address;
import io.cashew.proxy.loop.Sockets;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Addresses of the configuration as the kernel wants them. */
final class Addresses {
  private Addresses() {}

  /**
   * The address of a node. A name is looked up on threads of {@code names}; that has begun when
   * this returns if nobody knows an address of it.
   *
   * @param known the last address of the name; null: nobody knows
   */
  static NodeAddress ofNode(
      Address address, Sockets sockets, Names names, @Nullable SocketAddress known) {
    if (address instanceof Address.Tcp tcp && isNamed(tcp)) {
      NamedAddress named = new NamedAddress(tcp, names, (InetSocketAddress) known);
      if (known == null) {
        named.refresh();
      }
      return named;
    }
    return new Literal(address.text(), literal(address, sockets));
  }

  /** Whether an address is given by a name, which may become that of another server. */
  static boolean isNamed(Address address) {
    return address instanceof Address.Tcp tcp
        && !NetUtil.isValidIpV4Address(tcp.host())
        && !NetUtil.isValidIpV6Address(tcp.host());
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
}
