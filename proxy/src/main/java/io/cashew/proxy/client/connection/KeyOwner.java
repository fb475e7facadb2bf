package io.cashew.proxy.client.connection;

import io.cashew.proxy.resp.RequestFrame;

/**
 * Says which keys of requests belong to one pool. By routes, a request may have keys of several;
 * the rules of each are about its own keys only.
 */
interface KeyOwner {
  /** Whether an argument, which is a key, belongs to the pool. */
  boolean has(RequestFrame frame, int argument);

  /** All keys do: the pool has no routes. */
  static boolean hasAll(RequestFrame frame, int argument) {
    return true;
  }
}
