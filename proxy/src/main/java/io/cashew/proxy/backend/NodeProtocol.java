package io.cashew.proxy.backend;

import java.nio.charset.StandardCharsets;

/** What the nodes of a pool speak. */
@SuppressWarnings("ImmutableEnumChecker") // its bytes never change
public enum NodeProtocol {
  RESP(OwnCommands.PING),
  MEMCACHED("version\r\n".getBytes(StandardCharsets.US_ASCII));

  private final byte[] ping;

  NodeProtocol(byte[] ping) {
    this.ping = ping;
  }

  /** Asks a node whether it is there; it answers with a line. */
  byte[] ping() {
    return ping;
  }

  /**
   * Whether the answer to that is that the node serves nobody yet. Other errors, such as NOAUTH,
   * come from a node that is well; its clients see them.
   */
  boolean isBusy(String answer) {
    return this == RESP && (answer.startsWith("-LOADING") || answer.startsWith("-MASTERDOWN"));
  }
}
