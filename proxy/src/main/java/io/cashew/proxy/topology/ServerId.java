package io.cashew.proxy.topology;

/**
 * One Redis process at one address, as a {@link TopologySource} knows it. Two ids that are equal
 * share connections and health.
 *
 * @param address as configured: {@code host:port} or {@code unix:/path}
 * @param incarnation tells ids of one address apart, where connections must not be shared: a second
 *     name of the server, other credentials or certificates than before, a name that has moved
 */
public record ServerId(String address, long incarnation) {
  @Override
  public String toString() {
    return address + "#" + incarnation;
  }
}
