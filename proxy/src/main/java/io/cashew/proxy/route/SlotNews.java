package io.cashew.proxy.route;

import io.cashew.hashing.distribution.SlotRange;

/**
 * How often topologies have said anew who has a slot: another server, or one with a newer claim.
 * Only the servers' own epochs make news, not what redirections say: so servers that name each
 * other make none, however long they do, and a slot that really moves makes some each time.
 * Confined to the worker.
 */
final class SlotNews {
  /** By slot; empty: there were none of any. */
  private int[] counts = {};

  /** There are some of a slot. */
  void comes(int slot) {
    if (counts.length == 0) {
      counts = new int[SlotRange.SLOTS];
    }
    counts[slot]++;
  }

  /** How often there were some of a slot. */
  int count(int slot) {
    return counts.length == 0 ? 0 : counts[slot];
  }
}
