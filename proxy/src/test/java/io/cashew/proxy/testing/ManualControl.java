package io.cashew.proxy.testing;

import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** A control thread that runs what is due when the test says so, on the test's own thread. */
public final class ManualControl extends AbstractExecutorService
    implements ScheduledExecutorService {
  private final PriorityQueue<Task<?>> tasks = new PriorityQueue<>();
  private long nowMillis;
  private long numbers;

  private final class Task<V> extends FutureTask<V> implements ScheduledFuture<V> {
    private final long atMillis;
    private final long number = numbers++;

    Task(Callable<V> what, long delayMillis) {
      super(what);
      atMillis = nowMillis + delayMillis;
    }

    @Override
    protected void setException(Throwable defect) {
      throw new AssertionError(defect);
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(atMillis - nowMillis, TimeUnit.MILLISECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      Task<?> task = (Task<?>) other;
      int byTime = Long.compare(atMillis, task.atMillis);
      return byTime != 0 ? byTime : Long.compare(number, task.number);
    }
  }

  /** Lets time pass, and runs what is due meanwhile, in order. */
  public void pass(long millis) {
    long end = nowMillis + millis;
    while (!tasks.isEmpty() && tasks.element().atMillis <= end) {
      Task<?> next = tasks.remove();
      nowMillis = Math.max(nowMillis, next.atMillis);
      next.run();
    }
    nowMillis = end;
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
    return schedule(
        () -> {
          task.run();
          return "";
        },
        delay,
        unit);
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
    Task<V> scheduled = new Task<>(task, unit.toMillis(delay));
    tasks.add(scheduled);
    return scheduled;
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable task, long initialDelay, long period, TimeUnit unit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable task, long initialDelay, long delay, TimeUnit unit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void execute(Runnable task) {
    var unused = schedule(task, 0, TimeUnit.MILLISECONDS);
  }

  @Override
  public void shutdown() {
    tasks.clear();
  }

  @Override
  public List<Runnable> shutdownNow() {
    tasks.clear();
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return false;
  }

  @Override
  public boolean isTerminated() {
    return false;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return true;
  }
}
