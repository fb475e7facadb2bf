package io.cashew.proxy.config;

/** From which servers of a node its requests that only read are answered. */
public enum ReadFrom {
  PRIMARY,
  /** From the primary, and from replicas while it cannot be reached. */
  PREFER_PRIMARY,
  /** From replicas, and from the primary while none of them is well. */
  PREFER_REPLICA,
  /** From replicas, and else not at all. */
  REPLICA,
  /** From primary and replicas alike. */
  ANY,
  /** From those that are in the zone of the proxy, and from any while none of them is well. */
  NEAREST
}
