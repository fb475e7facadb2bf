package io.cashew.proxy.cache;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Does Caffeine's maintenance (what is evicted, what has expired) on a thread of its own, so that
 * no worker does it. Caffeine would have a worker do it that writes while its buffer of writes is
 * full; so the workers ask first whether the thread {@link #lags}, and keep nothing meanwhile.
 */
final class Upkeep implements Executor, AutoCloseable {
  /** Less than the smallest buffer of writes that Caffeine has. */
  private static final int WRITES_MAX = 96;

  private final ExecutorService thread;
  private final AtomicInteger writes = new AtomicInteger();
  private final AtomicBoolean catchesUp = new AtomicBoolean();

  Upkeep(String pool) {
    thread =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "cache-" + pool);
              thread.setDaemon(true);
              return thread;
            },
            new ThreadPoolExecutor.DiscardPolicy()); // what is closed is garbage
  }

  /**
   * Whether so much was written since the last maintenance that nothing more should be; always when
   * it is closed, since replies may still be under way that would have been kept.
   */
  boolean lags() {
    return writes.get() >= WRITES_MAX || thread.isShutdown();
  }

  /** Something was written. */
  void wrote() {
    writes.getAndIncrement();
  }

  /** Has a maintenance done, if none waits that was asked for so. */
  void catchUp(Runnable maintenance) {
    if (!catchesUp.getAndSet(true)) {
      execute(
          () -> {
            catchesUp.set(false);
            maintenance.run();
          });
    }
  }

  @Override
  public void execute(Runnable task) {
    thread.execute(
        () -> {
          writes.set(0);
          task.run();
        });
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
