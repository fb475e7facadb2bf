package io.cashew.proxy.frontend;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Who of one worker listens to one channel or pattern. Written by that worker; other workers read
 * it to count receivers. A count that is a moment old is as if the message had been published that
 * much earlier.
 */
final class Audience {
  private volatile int clients;

  /** 1 for each node that counts this worker's connection among the listeners, else 0. */
  private final AtomicIntegerArray joined;

  Audience(int nodes) {
    joined = new AtomicIntegerArray(nodes);
  }

  void clients(int count) {
    clients = count;
  }

  void joined(int node, boolean is) {
    joined.set(node, is ? 1 : 0);
  }

  /** By how much the node counts too few, having counted one connection for all clients. */
  int uncounted(int node) {
    return joined.get(node) == 1 ? clients - 1 : 0;
  }
}
