package io.cashew.proxy.config;

/** Numbers of TCP's questions whether the other end is still there. */
final class Keepalives {
  /** Seconds of silence before the kernel asks: Redis's {@code tcp-keepalive}. */
  static final int DEFAULT_SECONDS = 300;

  /** What the kernel takes at most. */
  static final int MOST_SECONDS = 32_767;

  private Keepalives() {}
}
