package io.cashew.proxy.metrics;

import java.util.EnumMap;
import java.util.Map;

/** How often what was done at the admin address. From any thread. */
public final class ActionCounts {
  private final Map<ActionKind, Long> done = new EnumMap<>(ActionKind.class);
  private final Map<ActionKind, Long> refused = new EnumMap<>(ActionKind.class);

  /** Counts one. */
  public synchronized void count(ActionKind kind, boolean wasDone) {
    (wasDone ? done : refused).merge(kind, 1L, Long::sum);
  }

  /** Times that it was done. */
  public synchronized long done(ActionKind kind) {
    return done.getOrDefault(kind, 0L);
  }

  /** Times that it was asked for and not done. */
  public synchronized long refused(ActionKind kind) {
    return refused.getOrDefault(kind, 0L);
  }
}
