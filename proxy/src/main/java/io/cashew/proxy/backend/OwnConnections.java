package io.cashew.proxy.backend;

import org.jspecify.annotations.Nullable;

/**
 * Connections of one client's own, which its requests take instead of those that all clients share.
 * Confined to the worker.
 */
interface OwnConnections {
  /** The connection for a request to a node, which is sent next; null if it is being made. */
  @Nullable RequestConnection connection(Node node);

  /** The connection to a node; null if there is none. */
  @Nullable RequestConnection existing(Node node);
}
