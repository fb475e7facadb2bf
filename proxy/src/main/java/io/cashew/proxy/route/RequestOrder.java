package io.cashew.proxy.route;

import org.jspecify.annotations.Nullable;

/**
 * The requests of one client whose replies are not over, in the order in which they came. Confined
 * to the worker.
 */
public interface RequestOrder {

  /** The first of them; null: there is none. */
  @Nullable Exchange first();

  /**
   * Keys of the requests that are under way may belong to other servers than those that they went
   * to: what comes next looks at each of them, until the last of them is over.
   */
  void unsettle();

  /** Whether none of those that were under way at that moment still is. */
  boolean isSettled();

  /** The request that came last is for several keys of one slot. */
  void takesManyKeys();

  /** Whether such a request is under way. */
  boolean hasManyKeys();
}
