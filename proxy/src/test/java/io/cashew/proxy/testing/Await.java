package io.cashew.proxy.testing;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what another thread or process is about to do, and for no longer than it takes. */
public final class Await {
  /** Longer than anything takes on a machine that is busy with something else. */
  private static final long DEADLINE_SECONDS = 30;

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

  private static void look() {
    try {
      TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
