package io.cashew.proxy.client.blocking;

import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.Trace;
import io.cashew.proxy.metrics.FailureKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets what clients send take effect after the leaving of those that have left before. Confined to
 * the worker.
 *
 * <p>A client that waits for a key of a node, or listens there, may have closed its connection
 * without this proxy having read so: on another worker, or in the same turn of the same one. What
 * another client sends thereafter, which the node would give to the one that has gone, or count it
 * for, is held until each worker with such clients has read all that was there, and until the node
 * has forgotten those that have left. Whoever asks while others are being looked for has its answer
 * with the next look: one that has begun may have read a connection before it was closed. So many
 * requests cost one look at a time.
 */
public final class Departures {
  private final PoolPart pool;

  /** What is being looked for, each with those that have asked since. */
  private final Map<Trace.At, List<Consumer<@Nullable NodeFailure>>> looks = new HashMap<>();

  public Departures(PoolPart pool) {
    this.pool = pool;
  }

  /**
   * Looks for clients that have left.
   *
   * @param what they may have left behind, and where
   * @param seen takes null on this worker, not within this call, when all of them are forgotten; or
   *     why not, if the node has let a time-out pass: a request that went there now would take
   *     another
   */
  public void look(Trace.At what, Consumer<@Nullable NodeFailure> seen) {
    assert pool.worker().inThread();
    List<Consumer<@Nullable NodeFailure>> next = looks.get(what);
    if (next == null) {
      looks.put(what, new ArrayList<>());
      begin(what, List.of(seen));
    } else {
      next.add(seen);
    }
  }

  /** Whether clients of any worker, also such as have left, may have left something there. */
  public boolean mayBeAt(Trace.At what) {
    return pool.directory().parts().stream()
        .anyMatch(part -> part.traces(what.trace()).mayBeAt(what.node()));
  }

  private void begin(Trace.At what, List<Consumer<@Nullable NodeFailure>> seen) {
    List<PoolPart> parts =
        pool.directory().parts().stream()
            .filter(part -> part.traces(what.trace()).mayBeAt(what.node()))
            .toList();
    Look look = new Look(what, seen, parts.size() + 1);
    for (PoolPart part : parts) {
      part.worker()
          .eventLoop()
          .execute(
              () ->
                  whenSeen(
                      part,
                      what,
                      failure -> pool.worker().eventLoop().execute(() -> look.partOver(failure))));
    }
    pool.worker().afterReads(() -> look.partOver(null));
  }

  /**
   * Waits, on the worker of {@code part}, until its clients that have left are forgotten. When all
   * has been read, the handler of a connection that was reset hears of it in the next task.
   */
  private static void whenSeen(PoolPart part, Trace.At what, Consumer<@Nullable NodeFailure> seen) {
    Runnable forget = () -> part.traces(what.trace()).whenForgotten(what.node(), seen);
    part.worker().afterReads(() -> part.worker().eventLoop().execute(forget));
  }

  private final class Look {
    private final Trace.At what;
    private final List<Consumer<@Nullable NodeFailure>> seen;
    private int missing;
    private @Nullable NodeFailure timeOut;

    Look(Trace.At what, List<Consumer<@Nullable NodeFailure>> seen, int missing) {
      this.what = what;
      this.seen = seen;
      this.missing = missing;
    }

    void partOver(@Nullable NodeFailure failure) {
      if (failure != null && failure.kind() == FailureKind.TIMEOUT) {
        timeOut = failure.ofUnsent();
      }
      if (--missing > 0) {
        return;
      }
      NodeFailure failed = timeOut;
      List<Consumer<@Nullable NodeFailure>> next = looks.remove(what);
      if (next == null) {
        throw new IllegalStateException("nobody looks for " + what);
      }
      if (!next.isEmpty() && failed == null) {
        looks.put(what, new ArrayList<>());
        begin(what, next);
      }
      seen.forEach(each -> each.accept(failed));
      if (failed != null) { // they have waited for the same node, which has not answered
        next.forEach(each -> each.accept(failed));
      }
    }
  }
}
