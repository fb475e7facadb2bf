package io.cashew.proxy.topology;

import org.jspecify.annotations.Nullable;

/**
 * One Redis process at one address, as a {@link TopologySource} knows it. Two ids that are equal
 * share connections and health.
 *
 * @param address as configured: {@code host:port} or {@code unix:/path}
 * @param incarnation tells ids of one address apart, where connections must not be shared: a second
 *     name of the server, other credentials or certificates than before, a name that has moved
 */
public record ServerId(String address, long incarnation) {
  /** Stands for the primary of a shard that has none. */
  public static final ServerId NOBODY = new ServerId("", 0);

  // Both by hand: the JVM would generate code for them at every start.

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ServerId id
        && id.incarnation == incarnation
        && id.address.equals(address);
  }

  @Override
  public int hashCode() {
    return 31 * address.hashCode() + Long.hashCode(incarnation);
  }

  @Override
  public String toString() {
    return address + "#" + incarnation;
  }
}
