package io.cashew.proxy.loop;

import java.util.Arrays;

/** Channels that have bytes to be written at the end of this iteration, each once. */
final class DirtyList {
  private Outbound[] items = new Outbound[64];
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  void add(Outbound outbound) {
    if (size == items.length) {
      items = Arrays.copyOf(items, size * 2);
    }
    items[size++] = outbound;
  }

  /** Flushes those that were here at the call, and those that these make dirty. */
  void flushAll() {
    for (int i = 0; i < size; i++) {
      items[i].flush();
    }
    // The slots keep their last values: they are few, and clearing them would cost every iteration.
    size = 0;
  }
}
