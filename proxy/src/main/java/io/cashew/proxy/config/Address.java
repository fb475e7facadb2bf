package io.cashew.proxy.config;

/** Where something listens, as written in the configuration: nothing is resolved yet. */
public sealed interface Address {

  /** Where nothing listens. */
  Address NOWHERE = new Nowhere();

  /** The address as a configuration file writes it: {@code host:port} or {@code unix:/path}. */
  String text();

  /**
   * The address that has this {@link #text}.
   *
   * @throws IllegalArgumentException if none has
   */
  static Address parse(String text) {
    try {
      return AddressText.node(text);
    } catch (BadValue wrong) {
      throw new IllegalArgumentException("an address " + wrong.getMessage(), wrong);
    }
  }

  /**
   * A TCP address.
   *
   * @param host a name or a literal address, IPv6 without brackets
   * @param port 0 to 65535; 0 only for listeners of tests
   */
  record Tcp(String host, int port) implements Address {
    @Override
    public String text() {
      return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
  }

  /**
   * A unix socket.
   *
   * @param path absolute path of the socket file
   * @param mode permissions to set on a listener's file, 0 leaves them
   */
  record Unix(String path, int mode) implements Address {
    @Override
    public String text() {
      return "unix:" + path;
    }
  }

  /** Nowhere: what is there is reached in another way. */
  record Nowhere() implements Address {
    @Override
    public String text() {
      return "nowhere";
    }
  }
}
