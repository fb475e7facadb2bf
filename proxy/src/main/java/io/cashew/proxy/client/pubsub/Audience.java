package io.cashew.proxy.client.pubsub;

import io.cashew.proxy.backend.Node;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who of one worker listens to one channel or pattern. Written by that worker; other workers read
 * it to count receivers. A count that is a moment old is as if the message had been published that
 * much earlier.
 */
final class Audience {
  private volatile int clients;

  /** The nodes that count this worker's connection among the listeners. */
  private final Set<Node> joined = ConcurrentHashMap.newKeySet();

  void clients(int count) {
    clients = count;
  }

  void joined(Node node, boolean is) {
    if (is) {
      joined.add(node);
    } else {
      joined.remove(node);
    }
  }

  /** A node is another one to the proxy, and goes on counting. */
  void move(Node from, Node to) {
    if (joined.contains(from)) {
      joined.add(to);
      joined.remove(from);
    }
  }

  /**
   * By how much the node counts too few, having counted one connection for all clients. Nothing is
   * taken away when the last client has just left: whether the node still counts the connection is
   * not known here, and the client may count as having left after the message. What is published
   * later waits until the node has forgotten it ({@code Departures}).
   */
  int uncounted(Node node) {
    return joined.contains(node) ? Math.max(0, clients - 1) : 0;
  }
}
