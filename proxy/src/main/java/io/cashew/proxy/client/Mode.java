package io.cashew.proxy.client;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.RequestFrame;
import java.util.function.Consumer;

/**
 * What becomes of a client's requests before they are looked at one by one: usually nothing. One
 * that listens may send few, those of one in a transaction are queued, and one that is blocked
 * waits. A client has one mode at a time. Confined to the client's worker.
 */
public interface Mode {
  /** Requests are carried out. */
  Mode NORMAL = new Mode() {};

  /**
   * Deals with a request that is not to be carried out as usual.
   *
   * @return whether that was so: the request is over, as far as its client's next is concerned
   */
  default boolean takes(Command command, RequestFrame frame) {
    return false;
  }

  /** A request was refused. */
  default void refused() {}

  /** Commands queued in a transaction; -1 outside of one. */
  default int queuedCommands() {
    return -1;
  }

  /** Whether the client is between {@code MULTI} and {@code EXEC}. */
  default boolean inTransaction() {
    return queuedCommands() >= 0;
  }

  /** Whether {@code EXEC} would write. */
  default boolean queuesWrites() {
    return false;
  }

  /** Whether every reply is a message to this client: it is subscribed, and speaks RESP2. */
  default boolean listens() {
    return false;
  }

  /** Whether the client waits for a blocking command. */
  default boolean isBlocked() {
    return false;
  }

  /**
   * Ends the wait for a blocking command.
   *
   * @param withError whether the reply is to be an error, or what it would be after the time-out
   * @param done hears whether there was one
   */
  default void unblock(boolean withError, Consumer<Boolean> done) {
    done.accept(false);
  }

  /** Whether the client waits on a node that takes no more requests. */
  default boolean waitsInVain() {
    return false;
  }

  /** The client leaves, or begins anew: its nodes forget it at once. */
  default void abandon() {}
}
