package io.cashew.proxy.control;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.backend.ServerQuery;
import io.cashew.proxy.metrics.FailureKind;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the control thread asks the nodes of a pool, each on one worker; nodes are dealt out to
 * workers. From any thread.
 *
 * @param parts of the pool, one for each worker; none while it begins
 */
record NodeQuestions(List<PoolOnWorker> parts) {
  /** A probe that came to a worker which does not know the node yet, or no longer. */
  private static final NodeFailure NOT_HERE =
      NodeFailure.of(FailureKind.UNREACHABLE, "The worker does not have the node");

  /** Probes a node. */
  void probe(Node node, Health.ProbeResult result) {
    onItsWorker(node, backend -> backend.probe(result::done), () -> result.done(NOT_HERE));
  }

  /** Asks a node; see {@link ServerQuery}. */
  void ask(Node node, List<byte[]> requests, Consumer<@Nullable List<byte[]>> done) {
    onItsWorker(
        node, backend -> backend.query(new ServerQuery(requests, done)), () -> done.accept(null));
  }

  private void onItsWorker(Node node, Consumer<Backend> task, Runnable otherwise) {
    if (parts.isEmpty()) { // the pool begins
      otherwise.run();
      return;
    }
    PoolOnWorker part = parts.get(Math.floorMod(node.name().hashCode(), parts.size()));
    part.worker()
        .eventLoop()
        .execute(
            () ->
                part.servers().all().stream()
                    .filter(backend -> backend.node() == node)
                    .findFirst()
                    .ifPresentOrElse(task, otherwise));
  }
}
