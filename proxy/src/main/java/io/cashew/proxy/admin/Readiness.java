package io.cashew.proxy.admin;

/** Whether the proxy should be sent clients. Asked on the admin thread; must not block. */
public interface Readiness {

  /** True when every listener accepts and none is being drained. */
  boolean ready();

  /** One line: why not, or that it is. */
  String reason();
}
