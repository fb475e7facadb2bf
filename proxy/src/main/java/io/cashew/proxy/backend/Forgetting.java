package io.cashew.proxy.backend;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a node has been told to forget on a connection on which it answers in order, and what waits
 * until it has. Confined to the worker.
 */
final class Forgetting {
  /** Commands to forget something, and those of them that have an answer. */
  private long told;

  private long answered;
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

  /** Waits for the answers to the first so many commands. */
  private record Waiting(long commands, Consumer<@Nullable NodeFailure> done) {}

  /** The node is told to forget something. */
  void tell() {
    told++;
  }

  /** The node has answered the first of the commands that wait for their answers. */
  void answer() {
    answered++;
    while (!waiting.isEmpty() && waiting.element().commands() <= answered) {
      waiting.remove().done().accept(null);
    }
  }

  /** There will be no answers: the connection has ended, and the node forgets what was on it. */
  void end(NodeFailure cause) {
    answered = told;
    while (!waiting.isEmpty()) {
      waiting.remove().done().accept(cause);
    }
  }

  /**
   * Waits until the node has forgotten all that it has been told to by now.
   *
   * @param done takes null, or why there is no answer; within this call if there is nothing to wait
   *     for
   */
  void whenForgotten(Consumer<@Nullable NodeFailure> done) {
    if (answered == told) {
      done.accept(null);
    } else {
      waiting.add(new Waiting(told, done));
    }
  }
}
