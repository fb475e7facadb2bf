package io.cashew.proxy.config;

/** How event loops wait for the kernel. */
public enum TransportKind {
  /** epoll where it loads, else NIO. */
  AUTO,
  EPOLL,
  IO_URING,
  NIO
}
