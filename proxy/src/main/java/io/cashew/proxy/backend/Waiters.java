package io.cashew.proxy.backend;

import java.util.ArrayList;
import java.util.List;

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

  private final List<Runnable> whenForgotten = new ArrayList<>();

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

  /** The node has forgotten a client that has left, or the connection to it has ended. */
  void forgotten() {
    end();
    if (--leaving == 0 && !whenForgotten.isEmpty()) {
      List<Runnable> tasks = List.copyOf(whenForgotten);
      whenForgotten.clear();
      tasks.forEach(Runnable::run);
    }
  }

  /**
   * Runs {@code task} when the node has forgotten all that have left, at once if there are none.
   */
  void whenForgotten(Runnable task) {
    if (leaving == 0) {
      task.run();
    } else {
      whenForgotten.add(task);
    }
  }
}
