package io.cashew.proxy.loop;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Channels that have bytes to be written at the end of this iteration, each once. */
final class DirtyList {
  private @Nullable Outbound[] items = new Outbound[64];
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
      Outbound outbound = items[i];
      items[i] = null; // its channel may close: nothing here keeps it
      if (outbound != null) {
        outbound.flush();
      }
    }
    size = 0;
  }
}
