package io.cashew.proxy.client.answer;

import io.cashew.proxy.client.PoolPart;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A question to a pool's part on every worker, asked there and answered on the worker that asks, to
 * which this is confined. Questions of one worker reach another in the order in which they are
 * asked.
 *
 * <p>No {@link io.cashew.proxy.route.gather.Gather}: the answers are objects of this process, which
 * always come, and no replies of nodes that may be large, late or errors.
 */
final class Survey<T> {
  private final List<T> answers = new ArrayList<>();
  private final Consumer<List<T>> whenAllAreIn;
  private int missing;

  private Survey(int missing, Consumer<List<T>> whenAllAreIn) {
    this.missing = missing;
    this.whenAllAreIn = whenAllAreIn;
  }

  /**
   * Asks.
   *
   * @param home the part on the calling worker, which is asked within this call
   * @param question runs on each worker
   * @param whenAllAreIn takes the answers, in no order, on the calling worker: within this call if
   *     it is the only one
   */
  static <T> void ask(
      PoolPart home, Function<PoolPart, T> question, Consumer<List<T>> whenAllAreIn) {
    assert home.worker().inThread();
    List<PoolPart> parts = home.directory().parts();
    Survey<T> survey = new Survey<>(parts.size(), whenAllAreIn);
    for (PoolPart part : parts) {
      if (part != home) {
        part.worker()
            .eventLoop()
            .execute(
                () -> {
                  T answer = question.apply(part);
                  home.worker().eventLoop().execute(() -> survey.take(answer));
                });
      }
    }
    survey.take(question.apply(home));
  }

  /**
   * The same, asked on each worker when it has read all that its clients have sent by now: one that
   * has left is not there any more.
   *
   * @param whenAllAreIn not within this call
   */
  static <T> void askAfterReads(
      PoolPart home, Function<PoolPart, T> question, Consumer<List<T>> whenAllAreIn) {
    assert home.worker().inThread();
    List<PoolPart> parts = home.directory().parts();
    Survey<T> survey = new Survey<>(parts.size(), whenAllAreIn);
    for (PoolPart part : parts) {
      Runnable answer =
          () -> {
            T found = question.apply(part);
            home.worker().eventLoop().execute(() -> survey.take(found));
          };
      part.worker().eventLoop().execute(() -> part.worker().afterReads(answer));
    }
  }

  private void take(T answer) {
    answers.add(answer);
    if (--missing == 0) {
      whenAllAreIn.accept(answers);
    }
  }
}
