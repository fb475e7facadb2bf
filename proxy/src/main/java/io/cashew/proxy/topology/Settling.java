package io.cashew.proxy.topology;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Those who wait until nothing speaks for a failover that is under way: each hears of the first
 * look that began after it came and found no doubt, or of the last doubt when its time is over.
 * Confined to the control thread.
 */
final class Settling {
  /** Between two looks while somebody waits. */
  static final long LOOK_MILLIS = 100;

  private final ScheduledExecutorService control;
  private final Runnable look;
  private final List<Waiting> waiting = new ArrayList<>();
  private boolean planned;

  private static final class Waiting {
    private final long sinceNanos;
    private final Consumer<Optional<String>> doubt;
    private String last = "nobody has answered who is primary";

    Waiting(long sinceNanos, Consumer<Optional<String>> doubt) {
      this.sinceNanos = sinceNanos;
      this.doubt = doubt;
    }
  }

  /**
   * Nobody waits.
   *
   * @param look begins a look, of which {@link #looked} hears
   */
  Settling(ScheduledExecutorService control, Runnable look) {
    this.control = control;
    this.look = look;
  }

  /** Somebody waits from now on. */
  void begin(Consumer<Optional<String>> doubt) {
    assert ControlThread.isHere(control);
    Waiting each = new Waiting(System.nanoTime(), doubt);
    waiting.add(each);
    var unused =
        control.schedule(
            () -> end(each, Optional.of(each.last)),
            PrimaryWatch.SETTLE_MILLIS,
            TimeUnit.MILLISECONDS);
    look.run();
  }

  /** Whether somebody waits. */
  boolean isAwaited() {
    return !waiting.isEmpty();
  }

  /**
   * All that could be asked has been.
   *
   * @param beganNanos when the first question was sent
   * @param doubt what speaks for a failover; empty: nothing
   */
  void looked(long beganNanos, Optional<String> doubt) {
    for (Waiting each : List.copyOf(waiting)) {
      if (doubt.isPresent()) {
        each.last = doubt.get();
      } else if (beganNanos - each.sinceNanos >= 0) {
        end(each, doubt);
      }
    }
    if (!waiting.isEmpty() && !planned) {
      planned = true;
      var unused = control.schedule(this::again, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void again() {
    planned = false;
    if (!waiting.isEmpty()) {
      look.run();
    }
  }

  private void end(Waiting each, Optional<String> doubt) {
    if (waiting.remove(each)) {
      each.doubt.accept(doubt);
    }
  }

  /** Nobody looks any more. */
  void close() {
    List.copyOf(waiting)
        .forEach(each -> end(each, Optional.of("its configuration changes at this moment")));
  }
}
