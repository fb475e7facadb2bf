package io.cashew.proxy.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The clients of one worker that wait for a key of one node. A client that leaves is one of them
 * until the node has said that it has forgotten it: until then the node may give it what others
 * write. Confined to the worker.
 */
final class Waiters {
  private final Node node;
  private final int worker;
  private int count;

  /** Those of {@link #count} that have left. */
  private int leaving;

  private final List<Consumer<@Nullable NodeFailure>> whenForgotten = new ArrayList<>();

  /** Why the node has not answered of one of those that have left; null: it has. */
  private @Nullable NodeFailure failure;

  /**
   * Nobody waits.
   *
   * @param worker index of the worker
   */
  Waiters(Node node, int worker) {
    this.node = node;
    this.worker = worker;
  }

  /** A client begins to wait. */
  void begin() {
    if (count++ == 0) {
      node.worker(worker, true);
    }
  }

  /** A client has its reply. */
  void end() {
    if (--count == 0) {
      node.worker(worker, false);
    }
  }

  /** A client that waits has left, and the node is told. */
  void leave() {
    leaving++;
  }

  /**
   * The node has forgotten a client that has left.
   *
   * @param why it has not said so: its connection has ended, and it has forgotten it with that
   */
  void forgotten(@Nullable NodeFailure why) {
    end();
    if (why != null) {
      failure = why;
    }
    if (--leaving == 0) {
      NodeFailure told = failure;
      failure = null;
      List<Consumer<@Nullable NodeFailure>> tasks = List.copyOf(whenForgotten);
      whenForgotten.clear();
      tasks.forEach(task -> task.accept(told));
    }
  }

  /**
   * Waits until the node has forgotten all that have left.
   *
   * @param done takes null, or why the node has not answered; within this call if there are none
   */
  void whenForgotten(Consumer<@Nullable NodeFailure> done) {
    if (leaving == 0) {
      done.accept(null);
    } else {
      whenForgotten.add(done);
    }
  }
}
