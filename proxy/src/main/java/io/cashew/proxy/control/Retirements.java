package io.cashew.proxy.control;

import io.netty.util.concurrent.Ticker;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What changes of the configuration have left to be taken away: each is ended when nothing is under
 * way on it, when the time for that has passed, or with the proxy, whatever comes first. It is
 * looked after on the control thread; any thread may add to it.
 */
final class Retirements {
  private static final Logger LOG = LoggerFactory.getLogger(Retirements.class);

  /** How often it is looked whether nothing is under way any more. */
  static final long LOOK_MILLIS = 20;

  /** More than it takes to end all that there may be. */
  private static final long STOP_SECONDS = 60;

  private record Retirement(long deadlineNanos, BooleanSupplier drained, Runnable end) {}

  private final ScheduledExecutorService control;
  private final Ticker clock;

  // Of the control thread alone.
  private final Set<Retirement> pending = new LinkedHashSet<>();
  private boolean stopping;

  Retirements(ScheduledExecutorService control, Ticker clock) {
    this.control = control;
    this.clock = clock;
  }

  /**
   * Has something ended once, on the control thread.
   *
   * @param drainMillis how long what is under way on it may take
   * @param drained whether nothing is, asked now and then on the control thread
   */
  void add(long drainMillis, BooleanSupplier drained, Runnable end) {
    long deadlineNanos = clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(drainMillis);
    Retirement added = new Retirement(deadlineNanos, drained, end);
    try {
      control.execute(
          () -> {
            pending.add(added);
            look(added);
          });
    } catch (RejectedExecutionException stopped) {
      LOG.debug("what is no longer used has ended with the proxy");
    }
  }

  private void look(Retirement at) {
    if (!pending.contains(at)) {
      return;
    }
    boolean late = at.deadlineNanos() - clock.nanoTime() < 0;
    if (stopping || late || at.drained().getAsBoolean()) {
      end(at);
    } else {
      control.schedule(() -> look(at), LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void end(Retirement which) {
    pending.remove(which);
    try {
      which.end().run();
    } catch (RuntimeException e) {
      LOG.error("what is no longer used cannot be taken away", e);
    }
  }

  /**
   * Ends everything now, and what is added later at once. Returns when that is done, or the control
   * thread hangs; called by the thread that stops the proxy.
   */
  void endAll() {
    try {
      control.submit(this::stop).get(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      LOG.error("the control thread hangs while the proxy stops");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      LOG.error("what is no longer used cannot be taken away", e.getCause());
    }
  }

  /** What {@link #endAll} does on the control thread. */
  void stop() {
    stopping = true;
    List.copyOf(pending).forEach(this::end);
  }
}
