package io.cashew.proxy.asking;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a server is that is asked. Immutable.
 *
 * @param host a name or a literal address; of a unix socket, its path
 * @param port 0 for a unix socket
 */
record PeerAddress(String host, int port) {
  private static final String UNIX = "unix:";
  private static final Pattern TCP =
      Pattern.compile("(?:\\[([^\\]]+)\\]|([^:\\[\\]]+)):(\\d{1,5})");
  private static final int MOST_PORTS = 65535;

  /**
   * Of a text.
   *
   * @throws IllegalArgumentException if it is no address
   */
  static PeerAddress of(String text) {
    if (text.startsWith(UNIX + "/")) {
      return new PeerAddress(text.substring(UNIX.length()), 0);
    }
    Matcher matcher = TCP.matcher(text);
    int port = matcher.matches() ? Integer.parseInt(matcher.group(3)) : 0;
    if (port < 1 || port > MOST_PORTS) {
      throw new IllegalArgumentException("'" + text + "' is no address: host:port");
    }
    return new PeerAddress(matcher.group(1) == null ? matcher.group(2) : matcher.group(1), port);
  }

  /** Gives what the kernel wants, now or later, on any thread; null: the name has none. */
  void find(Access access, Consumer<@Nullable SocketAddress> found) {
    if (port == 0) {
      found.accept(access.sockets().unixAddress().apply(host));
      return;
    }
    byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
    if (literal == null) {
      access.names().find(host, port, found);
      return;
    }
    try {
      found.accept(new InetSocketAddress(InetAddress.getByAddress(literal), port));
    } catch (UnknownHostException impossible) {
      found.accept(null); // only if its length were wrong
    }
  }
}
