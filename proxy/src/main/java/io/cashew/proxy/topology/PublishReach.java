package io.cashew.proxy.topology;

/** Whom a message reaches that is published at one server. */
public enum PublishReach {
  /** Those who listen at that server. */
  SERVER,

  /** Those who listen at any server of the Cluster. */
  CLUSTER
}
