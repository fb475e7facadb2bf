package io.cashew.proxy.testing;

import static java.util.stream.Collectors.joining;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Waits for what another thread or process is about to do, and for no longer than it takes. */
public final class Await {
  /** Longer than anything takes on a machine that is busy with something else. */
  private static final long DEADLINE_SECONDS = 30;

  /** Longer than what has been told to end may go on: it may do all of its last round. */
  static final long LONGEST_SECONDS = 240;

  private static final long LOOK_EVERY_MILLIS = 2;

  private Await() {}

  /**
   * Returns when {@code condition} holds.
   *
   * @param what for the message if it does not come true: {@code "the circuit opens"}
   * @throws AssertionError if it has not come true after {@value #DEADLINE_SECONDS} seconds
   */
  public static void until(String what, BooleanSupplier condition) {
    until(() -> what, condition);
  }

  /** As above, with a message that tells how things stand at the end. */
  public static void until(Supplier<String> what, BooleanSupplier condition) {
    until(DEADLINE_SECONDS, what, condition);
  }

  /** As above, of what may take longer than anything else. */
  public static void until(long seconds, Supplier<String> what, BooleanSupplier condition) {
    long begin = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(seconds)) {
        throw new AssertionError("not within " + seconds + " s: " + what.get());
      }
      look();
    }
  }

  /** Waits for the end of threads, which have nothing more to do, or are about to find that out. */
  public static void end(Thread... threads) {
    end(List.of(threads));
  }

  /**
   * The same.
   *
   * @throws AssertionError if one of them has not ended after {@value #LONGEST_SECONDS} seconds; it
   *     tells where that is
   */
  public static void end(Collection<Thread> threads) {
    for (Thread each : threads) {
      try {
        each.join(TimeUnit.SECONDS.toMillis(LONGEST_SECONDS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while " + where(each), e);
      }
      if (each.isAlive()) {
        throw new AssertionError("not within " + LONGEST_SECONDS + " s: the end of " + where(each));
      }
    }
  }

  private static String where(Thread thread) {
    String stack =
        Stream.of(thread.getStackTrace()).map(frame -> "\n\tat " + frame).collect(joining());
    return "thread '" + thread.getName() + "' is " + thread.getState() + stack;
  }

  /**
   * Waits for what a task gives.
   *
   * @throws AssertionError if it has failed, with its failure as the cause, or has not ended after
   *     {@value #LONGEST_SECONDS} seconds
   */
  public static <T> T result(Future<T> task) {
    try {
      return task.get(LONGEST_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("a task has failed: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("not within " + LONGEST_SECONDS + " s: the end of " + task, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** Waits for a latch, as above. */
  public static void open(CountDownLatch latch) {
    until(LONGEST_SECONDS, () -> "all are there: " + latch, () -> latch.getCount() == 0);
  }

  private static void look() {
    try {
      TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
