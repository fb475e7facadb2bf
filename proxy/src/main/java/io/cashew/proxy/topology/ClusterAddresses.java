package io.cashew.proxy.topology;

import java.util.Map;

/**
 * Addresses that a server of a Redis Cluster tells, as they are reached from here. Immutable.
 *
 * @param asked address of the server that tells: whoever tells no host means that one's
 * @param elsewhere addresses that are reached at others, behind a translation of addresses
 */
record ClusterAddresses(String asked, Map<String, String> elsewhere) {
  ClusterAddresses {
    elsewhere = Map.copyOf(elsewhere);
  }

  /**
   * Where a server is reached.
   *
   * @param host a name, an address, or empty
   * @return empty if it is no address
   */
  String of(String host, String port) {
    return ServerAddress.checked(host.isEmpty() ? host(asked) : host, port)
        .map(told -> elsewhere.getOrDefault(told, told))
        .orElse("");
  }

  /**
   * Where a server is reached that another one has named to a client.
   *
   * @param told {@code host:port}, an IPv6 address with or without brackets
   * @return empty if it is no address
   */
  String of(String told) {
    String host = host(told);
    return host.isEmpty() ? "" : of(host, told.substring(told.lastIndexOf(':') + 1));
  }

  /** Of {@code host:port}; without brackets. */
  private static String host(String address) {
    int colon = address.lastIndexOf(':');
    String host = colon < 0 ? "" : address.substring(0, colon);
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }
}
