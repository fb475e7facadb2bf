package io.cashew.proxy.config;

/** What happens to commands that administer a node: CONFIG, SLOWLOG, LATENCY. */
public enum AdminCommands {
  /** A clear error. */
  REFUSE,
  /** Sent to every node. */
  ALL_NODES
}
