package io.cashew.proxy.cli;

import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.PoolSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Asks all nodes of a pool at the same time, each for a second at most. */
final class AskedNodes {
  private static final long PROBE_MILLIS = 1_000;
  private static final int MOST_THREADS = 64;

  private AskedNodes() {}

  /**
   * What was found of each node, in the order of the configuration.
   *
   * @param question asks one; blocks, and ends when it is interrupted
   */
  static List<PrimaryProbe.Finding> of(
      PoolSettings pool, Function<NodeSettings, PrimaryProbe.Finding> question)
      throws InterruptedException {
    ExecutorService threads =
        Executors.newFixedThreadPool(
            Math.min(MOST_THREADS, pool.nodes().size()),
            work -> {
              Thread thread = new Thread(work, "ask-nodes");
              thread.setDaemon(true);
              return thread;
            });
    try {
      List<Callable<PrimaryProbe.Finding>> questions = new ArrayList<>();
      for (NodeSettings node : pool.nodes()) {
        questions.add(() -> question.apply(node));
      }
      List<PrimaryProbe.Finding> answers = new ArrayList<>();
      for (Future<PrimaryProbe.Finding> answer :
          threads.invokeAll(questions, PROBE_MILLIS, TimeUnit.MILLISECONDS)) {
        answers.add(answerOf(answer));
      }
      return answers;
    } finally {
      threads.shutdownNow();
    }
  }

  private static PrimaryProbe.Finding answerOf(Future<PrimaryProbe.Finding> answer)
      throws InterruptedException {
    try {
      return answer.get();
    } catch (CancellationException tooLate) {
      return PrimaryProbe.Finding.of(Optional.of("does not answer within " + PROBE_MILLIS + " ms"));
    } catch (ExecutionException broken) {
      throw new IllegalStateException(broken);
    }
  }
}
