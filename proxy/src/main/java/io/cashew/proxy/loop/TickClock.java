package io.cashew.proxy.loop;

/**
 * A clock for time-outs. It is moved by ticks, and by no tick further than a few ticks' worth: when
 * the process was stopped, or the machine slept, that time does not count against the nodes.
 */
final class TickClock {
  /** Time between ticks: the resolution of every time-out. */
  static final long TICK_MILLIS = 20;

  private static final long MAX_STEP_NANOS = 5 * TICK_MILLIS * 1_000_000;

  private long elapsedNanos;
  private long lastNanos;
  private boolean started;
  private boolean late;

  /** The time, in milliseconds since the first tick. */
  long millis() {
    return elapsedNanos / 1_000_000;
  }

  /** Whether the last tick came so late that not all of the time was counted. */
  boolean late() {
    return late;
  }

  /**
   * Moves the clock.
   *
   * @param nowNanos {@link System#nanoTime()}
   * @return the new time in milliseconds
   */
  long tick(long nowNanos) {
    if (started) {
      long step = nowNanos - lastNanos;
      late = step > MAX_STEP_NANOS;
      elapsedNanos += late ? MAX_STEP_NANOS : step;
    }
    started = true;
    lastNanos = nowNanos;
    return millis();
  }
}
