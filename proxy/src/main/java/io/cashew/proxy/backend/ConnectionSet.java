package io.cashew.proxy.backend;

import java.util.ArrayList;
import java.util.List;

/**
 * Connections that belong together, of which any may end while all are looked at. Confined to the
 * worker.
 */
final class ConnectionSet {
  private final List<RequestConnection> connections = new ArrayList<>();

  void add(RequestConnection connection) {
    connections.add(connection);
  }

  void remove(RequestConnection connection) {
    connections.remove(connection);
  }

  int size() {
    return connections.size();
  }

  boolean isEmpty() {
    return connections.isEmpty();
  }

  /** Has other limits from now on. */
  void adopt(BackendSettings newer) {
    connections.forEach(connection -> connection.adopt(newer));
  }

  /** A tick; returns how many bytes wait for the node. */
  long onTick(long tickMillis) {
    long queued = 0;
    for (int i = connections.size() - 1; i >= 0; i--) {
      if (i < connections.size()) { // one that ends may end others
        RequestConnection connection = connections.get(i);
        connection.onTick(tickMillis);
        queued += connection.queuedBytes();
      }
    }
    return queued;
  }

  /** Bytes of large requests that wait for the node. */
  long streamedBytes() {
    long unsent = 0;
    for (RequestConnection connection : connections) {
      unsent += connection.sending() ? connection.queuedBytes() : 0;
    }
    return unsent;
  }

  /** Ends those that owe nothing; the others end when they have their replies. */
  void retire(NodeFailure why) {
    List.copyOf(connections).forEach(connection -> connection.retire(why));
  }

  /** Ends all. */
  void fail(NodeFailure why) {
    List.copyOf(connections).forEach(connection -> connection.fail(why, false));
  }
}
