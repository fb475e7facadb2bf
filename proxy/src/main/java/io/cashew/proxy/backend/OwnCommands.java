package io.cashew.proxy.backend;

import io.cashew.proxy.resp.Requests;

/** Commands that the proxy itself sends to nodes, in RESP. */
final class OwnCommands {
  static final byte[] PING = of("PING");
  static final byte[] ASKING = of("ASKING");

  /** {@code mn} of memcached. */
  static final byte[] META_NOOP = {'m', 'n', '\r', '\n'};

  static final byte[] CLIENT_ID = of("CLIENT", "ID");

  private OwnCommands() {}

  /** A command of these words. */
  static byte[] of(String... words) {
    return Requests.of(words);
  }
}
