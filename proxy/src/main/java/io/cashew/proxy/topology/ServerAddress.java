package io.cashew.proxy.topology;

import java.util.Optional;
import java.util.regex.Pattern;

/** Addresses as servers and Sentinels write them: a host and a port, apart. */
final class ServerAddress {
  private static final Pattern HOST = Pattern.compile("[0-9A-Za-z._:-]{1,253}");
  private static final Pattern LITERAL = Pattern.compile("unix:.*|\\[.*|[0-9.]+:[0-9]+");
  private static final int MOST_PORTS = 65535;

  private ServerAddress() {}

  /** {@code host:port}, an IPv6 address in brackets. */
  static String text(String host, String port) {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }

  /** The same if that can be connected to; empty: it is no address. */
  static Optional<String> checked(String host, String port) {
    long number = number(port, 0);
    return HOST.matcher(host).matches() && number > 0 && number <= MOST_PORTS
        ? Optional.of(text(host, port))
        : Optional.empty();
  }

  /** Whether a {@code host:port} is that of a name, which may move. */
  static boolean isNamed(String address) {
    return !LITERAL.matcher(address).matches();
  }

  /** The number that a text is, or another if it is none. */
  static long number(String text, long otherwise) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException none) {
      return otherwise;
    }
  }
}
