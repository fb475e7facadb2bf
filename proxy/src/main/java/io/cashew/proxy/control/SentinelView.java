package io.cashew.proxy.control;

import io.cashew.proxy.topology.KnownSentinel;

/**
 * A Sentinel as it may be shown.
 *
 * @param address where it is asked
 * @param reachable whether it answers
 * @param why it does not; empty while it does
 */
public record SentinelView(String address, boolean reachable, String why) {
  static SentinelView of(KnownSentinel known) {
    return new SentinelView(known.address(), known.reachable(), known.why());
  }
}
