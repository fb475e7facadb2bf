package io.cashew.proxy.loop;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Channels that have bytes to be written at the end of this iteration, each once, in the order in
 * which they got the first of them.
 */
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

  /** Since when the first has had bytes, as {@code System.nanoTime}; there is one. */
  long oldestNanos() {
    Outbound first = items[0];
    assert first != null;
    return first.dirtySinceNanos();
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

  /**
   * The same, but keeps those that {@link Outbound#mayWait}.
   *
   * @param sinceNanos what has had bytes for longer is flushed
   */
  void flushAllBut(long sinceNanos) {
    int kept = 0;
    for (int i = 0; i < size; i++) {
      Outbound outbound = items[i];
      items[i] = null;
      if (outbound != null) {
        if (outbound.dirtySinceNanos() - sinceNanos > 0 && outbound.mayWait()) {
          items[kept++] = outbound;
        } else {
          outbound.flush();
        }
      }
    }
    size = kept;
  }
}
