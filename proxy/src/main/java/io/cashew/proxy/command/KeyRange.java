package io.cashew.proxy.command;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keys at fixed places, as three numbers: what the router reads instead of asking key specs, and
 * what {@code COMMAND} has shown to clients since before there were key specs.
 */
record KeyRange(int first, int last, int step) {
  static final KeyRange NONE = new KeyRange(0, 0, 0);

  /** All keys of these specs in one range; null if that is not possible. */
  static @Nullable KeyRange ofKeys(List<KeySpec> specs) {
    List<KeySpec> keys =
        specs.stream().filter(spec -> !spec.flags().contains(KeyFlag.NOT_KEY)).toList();
    KeyRange range = NONE;
    for (KeySpec spec : keys) {
      KeyRange longer =
          spec instanceof KeySpec.Range keyRange ? range.followedBy(keyRange.range()) : null;
      if (longer == null) {
        return null;
      }
      range = longer;
    }
    return range;
  }

  /** What Redis publishes: as far as ranges follow each other, and nothing of other specs. */
  static KeyRange published(List<KeySpec> specs) {
    KeyRange range = NONE;
    for (KeySpec spec : specs) {
      for (PublishedKeySpec published : spec.published()) {
        KeyRange next = published.range();
        KeyRange longer = next == null ? null : range.followedBy(next);
        range = longer == null ? range : longer;
      }
    }
    return range;
  }

  private @Nullable KeyRange followedBy(KeyRange next) {
    if (first == 0) {
      return next;
    }
    boolean follows = last > 0 && next.first == last + 1 && step == 1 && next.step == 1;
    return follows ? new KeyRange(first, next.last, 1) : null;
  }
}
