package io.cashew.proxy.client.connection;

import io.cashew.proxy.client.Client;

/** A client's connection, as far as the client itself has to know. Confined to the worker. */
interface Connection {
  /** Looks soon, and not within whatever is going on, whether more requests may be taken. */
  void resumeSoon();

  /** Whether the client has said that it will send nothing more. */
  boolean inputEnded();

  /** The client may send what is within these limits from now on. */
  void limitsChanged();

  /** Whether messages can still be given. */
  boolean over();

  void closeAfterReplies();

  void close();

  void closeSlowSubscriber();

  void closeForMemory();

  /** See {@link Client#figures}. */
  Client.Figures figures();
}
