package io.cashew.proxy.topology;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread that decides; its tasks are run one at a time, in their order. Shared. */
public final class ControlThread extends ScheduledThreadPoolExecutor {
  private static final Logger LOG = LoggerFactory.getLogger(ControlThread.class);

  private final Noted threads;

  /** Notes the thread that it makes. */
  private static final class Noted implements ThreadFactory {
    private final ThreadFactory makes;
    private volatile @Nullable Thread last;

    Noted(ThreadFactory makes) {
      this.makes = makes;
    }

    @Override
    public Thread newThread(Runnable task) {
      Thread made = makes.newThread(task);
      last = made;
      return made;
    }
  }

  /**
   * Begins with its first task.
   *
   * @param makes its thread
   */
  public ControlThread(ThreadFactory makes) {
    this(new Noted(makes));
  }

  private ControlThread(Noted threads) {
    super(1, threads);
    this.threads = threads;
  }

  /** What a task has thrown would be lost with the future that nobody asks. */
  @Override
  protected void afterExecute(Runnable task, @Nullable Throwable thrown) {
    if (task instanceof Future<?> ended && ended.isDone() && !ended.isCancelled()) {
      try {
        ended.get();
      } catch (ExecutionException e) {
        LOG.error("a task of the control thread has failed", e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Whether the caller is on it, or it has not begun.
   *
   * @param control of a test, it may be another one: then it is so
   */
  public static boolean isHere(ScheduledExecutorService control) {
    if (!(control instanceof ControlThread here)) {
      return true;
    }
    Thread last = here.threads.last;
    return last == null || last == Thread.currentThread();
  }
}
