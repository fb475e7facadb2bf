package io.cashew.proxy.client;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lets what clients send take effect after the leaving of those that have left before. Confined to
 * the worker.
 *
 * <p>A client that waits for a key of a node may have closed its connection without this proxy
 * having read so: on another worker, or in the same turn of the same one. What another client sends
 * thereafter, which the node would give to the one that has gone, is held until each worker with
 * clients that wait at the node has read all that was there, and until the node has forgotten those
 * that have left. Whoever asks while others are being looked for has its answer with the next look:
 * one that has begun may have read a connection before it was closed.
 */
final class Departures {
  private final PoolPart pool;

  /** Nodes that are being looked at, each with those that have asked since. */
  private final Map<Node, List<Runnable>> looks = new HashMap<>();

  Departures(PoolPart pool) {
    this.pool = pool;
  }

  /**
   * Looks for clients that wait at a node and have left.
   *
   * @param seen runs on this worker, not within this call, when all of them are forgotten
   */
  void look(Node node, Runnable seen) {
    assert pool.worker().inThread();
    List<Runnable> next = looks.get(node);
    if (next == null) {
      looks.put(node, new ArrayList<>());
      begin(node, List.of(seen));
    } else {
      next.add(seen);
    }
  }

  private void begin(Node node, List<Runnable> seen) {
    List<PoolPart> parts =
        pool.directory().parts().stream()
            .filter(part -> node.isWaitedForBy(part.worker().index()))
            .toList();
    Look look = new Look(node, seen, parts.size() + 1);
    for (PoolPart part : parts) {
      part.worker()
          .eventLoop()
          .execute(
              () -> whenSeen(part, node, () -> pool.worker().eventLoop().execute(look::partOver)));
    }
    pool.worker().afterReads(look::partOver);
  }

  /** Runs {@code seen} when the clients of a worker that have left are forgotten at a node. */
  private static void whenSeen(PoolPart part, Node node, Runnable seen) {
    part.worker()
        .afterReads(
            () -> {
              Backend backend = backendOf(part, node);
              if (backend == null) {
                seen.run();
              } else {
                backend.whenForgotten(seen);
              }
            });
  }

  private static @Nullable Backend backendOf(PoolPart part, Node node) {
    for (Backend backend : part.router().backends()) {
      if (backend.node() == node) {
        return backend;
      }
    }
    return null; // the configuration has it no more, here not yet or there not yet
  }

  private final class Look {
    private final Node node;
    private final List<Runnable> seen;
    private int missing;

    Look(Node node, List<Runnable> seen, int missing) {
      this.node = node;
      this.seen = seen;
      this.missing = missing;
    }

    void partOver() {
      if (--missing > 0) {
        return;
      }
      List<Runnable> next = looks.get(node);
      if (next == null || next.isEmpty()) {
        looks.remove(node);
      } else {
        looks.put(node, new ArrayList<>());
        begin(node, next);
      }
      seen.forEach(Runnable::run);
    }
  }
}
