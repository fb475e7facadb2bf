package io.cashew.proxy.command;

/** When clients send a command. */
enum Sent implements Trait {
  /**
   * By libraries, as they connect, to say what they are and to find out what the server can do: an
   * error tells them, and they go on without.
   */
  AT_CONNECT
}
