package io.cashew.proxy.control;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has each worker of a pool do something, and the control thread go on when all have. Nobody waits;
 * the tasks of one worker run in the order in which they were given. Used by the control thread.
 */
final class OnWorkers {
  private static final Logger LOG = LoggerFactory.getLogger(OnWorkers.class);

  private final List<PoolOnWorker> parts;
  private final Executor control;

  /** The workers of {@code parts}. */
  OnWorkers(List<PoolOnWorker> parts, Executor control) {
    this.parts = List.copyOf(parts);
    this.control = control;
  }

  /**
   * Asks each worker.
   *
   * @param question answered on the worker's thread
   * @param then runs on the control thread with whether all have said yes; one that cannot answer,
   *     or has stopped, has said no
   */
  void ask(Predicate<PoolOnWorker> question, Consumer<Boolean> then) {
    AtomicBoolean all = new AtomicBoolean(true);
    AtomicInteger missing = new AtomicInteger(parts.size());
    for (PoolOnWorker part : parts) {
      Consumer<Boolean> answered =
          yes -> {
            if (!yes) {
              all.set(false);
            }
            if (missing.decrementAndGet() == 0) {
              onControl(() -> then.accept(all.get()));
            }
          };
      try {
        part.worker().eventLoop().execute(() -> answered.accept(answer(question, part)));
      } catch (RejectedExecutionException stopped) {
        LOG.debug("worker {} has stopped", part.worker().index());
        answered.accept(false);
      }
    }
  }

  private static boolean answer(Predicate<PoolOnWorker> question, PoolOnWorker part) {
    try {
      return question.test(part);
    } catch (RuntimeException | Error defect) { // let out, nobody would go on
      LOG.error("a change cannot be carried out on worker {}", part.worker().index(), defect);
      return false;
    }
  }

  /**
   * Has each worker do something.
   *
   * @param then runs on the control thread when all have
   */
  void run(Consumer<PoolOnWorker> task, Runnable then) {
    ask(
        part -> {
          task.accept(part);
          return true;
        },
        all -> then.run());
  }

  private void onControl(Runnable task) {
    try {
      control.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("what workers have done is not followed: the proxy is stopping");
    }
  }
}
