package io.cashew.proxy.loop;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.locks.LockSupport;

/**
 * When a worker waits a moment for more of the same, and for how long: while many clients are
 * active and its thread is busy. Each system call costs as much as the handling of ten requests, so
 * that a busy worker gets more done if it looks less often and finds more. Otherwise nothing ever
 * waits. Confined to the worker.
 *
 * <p>Two things wait then. Iterations begin no closer to each other than {@link #intervalNanos()}:
 * what has arrived meanwhile shares the writes to its nodes. And the replies that a client has so
 * far wait up to {@link #LONGEST_BATCH_NANOS} for those that nodes still owe it, so that what
 * belongs to one pipeline leaves in one write instead of one for each node.
 */
final class Pacing {
  /** Clients that have sent something within a tick, from which on anything waits. */
  static final int FROM_CLIENTS = 24;

  /** Replies of nodes that are well are as far apart as that. */
  static final long LONGEST_BATCH_NANOS = 125_000;

  private static final long INTERVAL_NANOS_A_CLIENT = 2_000;
  private static final long LONGEST_INTERVAL_NANOS = 100_000;

  /** Percent of a processor that the thread has used in a tick when it becomes busy. */
  private static final int BUSY_FROM = 50;

  /** The same below which it is no longer; it uses less because it waits. */
  private static final int BUSY_UNTIL = 30;

  /** Made when it is first needed: it takes a start longer. */
  private static final class Threads {
    private static final ThreadMXBean BEAN = ManagementFactory.getThreadMXBean();
    private static final boolean TELLS = BEAN.isCurrentThreadCpuTimeSupported();

    /** What the calling thread has used; always 0 where the JVM cannot tell: then nothing waits. */
    static long processorNanos() {
      return TELLS ? BEAN.getCurrentThreadCpuTime() : 0;
    }
  }

  private int activeClients;
  private boolean measured;
  private long tickNanos;
  private long tickProcessorNanos;
  private boolean on;
  private long intervalNanos;
  private long lastTurnNanos;

  /** A client has sent something, for the first time within this tick. */
  void clientActive() {
    activeClients++;
  }

  /** Whether anything waits now. */
  boolean on() {
    return on;
  }

  /** Nanoseconds from the beginning of an iteration to that of the next, at least; 0: none. */
  long intervalNanos() {
    return intervalNanos;
  }

  /** Waits until the next iteration may look for what has arrived; most often not at all. */
  void awaitTurn() {
    if (intervalNanos > 0) {
      long left = lastTurnNanos + intervalNanos - System.nanoTime();
      if (left > 0) {
        LockSupport.parkNanos(left);
      }
      lastTurnNanos = System.nanoTime();
    }
  }

  /** A tick of the worker whose thread calls this. */
  void tick(long nowNanos) {
    boolean many = activeClients >= FROM_CLIENTS;
    tick(nowNanos, many ? Threads.processorNanos() : 0);
  }

  /**
   * A tick.
   *
   * @param nowNanos as {@code System.nanoTime}
   * @param processorNanos that the thread has used since it began
   */
  void tick(long nowNanos, long processorNanos) {
    boolean many = activeClients >= FROM_CLIENTS;
    if (many && measured) {
      long used = 100 * (processorNanos - tickProcessorNanos);
      on = used > (on ? BUSY_UNTIL : BUSY_FROM) * (nowNanos - tickNanos);
    } else {
      on = false;
    }
    intervalNanos =
        on ? Math.min(LONGEST_INTERVAL_NANOS, activeClients * INTERVAL_NANOS_A_CLIENT) : 0;
    measured = many;
    tickNanos = nowNanos;
    tickProcessorNanos = processorNanos;
    activeClients = 0;
  }
}
