package io.cashew.proxy.client;

import java.util.function.Consumer;

/** A blocking command that a client waits for. Confined to the worker. */
interface Blocked {
  /**
   * Ends the wait.
   *
   * @param withError whether the reply is to be an error, or what it would be after the time-out
   * @param done hears whether there was one
   */
  void unblock(boolean withError, Consumer<Boolean> done);

  /** Whether it waits on a node that takes no more requests. */
  boolean waitsInVain();

  /** The client leaves: its nodes forget it at once. */
  void abandon();
}
