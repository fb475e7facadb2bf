package io.cashew.proxy.config;

/**
 * How long a connection may be silent before the kernel asks whether its other end is still there;
 * in seconds, 0: it never asks.
 *
 * @param clientSeconds on clients' connections
 * @param nodeSeconds on connections to nodes
 */
public record KeepaliveSettings(int clientSeconds, int nodeSeconds) {
  /** Redis's {@code tcp-keepalive}. */
  static final int DEFAULT_SECONDS = 300;

  /** What the kernel takes at most. */
  static final int MOST_SECONDS = 32_767;

  /** What ships. */
  public static final KeepaliveSettings DEFAULT =
      new KeepaliveSettings(DEFAULT_SECONDS, DEFAULT_SECONDS);
}
