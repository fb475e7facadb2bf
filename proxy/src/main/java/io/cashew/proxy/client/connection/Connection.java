package io.cashew.proxy.client.connection;

import io.cashew.proxy.client.Client;

/** A client's connection, as far as the client itself has to know. Confined to the worker. */
interface Connection {
  /** Looks soon, and not within whatever is going on, whether more requests may be taken. */
  void resumeSoon();

  /** Whether the client has said that it will send nothing more. */
  boolean inputEnded();

  /** The client is another user from now on, with that one's limits and routes. */
  void userChanged();

  /** Whether messages can still be given. */
  boolean over();

  void closeAfterReplies();

  void close();

  void closeSlowSubscriber();

  void closeForMemory();

  /** See {@link Client#figures}. */
  Client.Figures figures();
}
