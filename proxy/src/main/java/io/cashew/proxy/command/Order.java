package io.cashew.proxy.command;

/** When a request of a client may begin. */
enum Order implements Trait {
  /** Only when its client is owed nothing: it changes how later replies are told apart. */
  ALONE
}
