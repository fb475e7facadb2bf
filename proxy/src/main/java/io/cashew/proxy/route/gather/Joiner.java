package io.cashew.proxy.route.gather;

import io.cashew.proxy.backend.InFlight;

/** Makes one reply of those of several nodes, in a protocol that is not RESP. */
interface Joiner {
  /** Gives the one reply of all, each of which has come or failed. */
  void join(Gather of, InFlight to);
}
