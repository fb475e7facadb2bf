package io.cashew.proxy.backend;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How often connections to one node may be opened anew, those of all workers together: 20 a second.
 * A node that ends its connections is not knocked at for each request. All connections that there
 * were may end at one time, as they do behind something that ends idle ones, and are opened again
 * without a pause: that costs no request. Thread-safe.
 */
final class ConnectPace {
  private static final long INTERVAL_NANOS = 50_000_000;

  /** So many at once, if none were for a while, also if there were fewer before. */
  static final int AT_ONCE = 64;

  /** Until when the connections that were opened have used up the pace. */
  private final AtomicLong usedUntilNanos;

  private final AtomicInteger first = new AtomicInteger();

  /**
   * A pace of which nothing is used.
   *
   * @param nowNanos {@link System#nanoTime()}
   */
  ConnectPace(long nowNanos) {
    usedUntilNanos = new AtomicLong(nowNanos);
  }

  /** A connection is opened where there was none before: it does not count. */
  void countFirst() {
    first.incrementAndGet();
  }

  /** Takes leave to open a connection again; false: not now. */
  boolean tryTake(long nowNanos) {
    long most = (Math.max(AT_ONCE, first.get()) - 1) * INTERVAL_NANOS;
    while (true) {
      long until = usedUntilNanos.get();
      long from = until - nowNanos > 0 ? until : nowNanos;
      if (from - nowNanos > most) {
        return false;
      }
      if (usedUntilNanos.compareAndSet(until, from + INTERVAL_NANOS)) {
        return true;
      }
    }
  }
}
