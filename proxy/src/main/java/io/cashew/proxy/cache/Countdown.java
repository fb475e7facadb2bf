package io.cashew.proxy.cache;

/** Runs a task when all have been counted, its maker included. Confined to a worker. */
final class Countdown {
  private final Runnable task;
  private int missing = 1;

  Countdown(Runnable task) {
    this.task = task;
  }

  /** One more is to come. */
  void more() {
    missing++;
  }

  /** One has come. */
  void one() {
    missing--;
    if (missing == 0) {
      task.run();
    }
  }
}
