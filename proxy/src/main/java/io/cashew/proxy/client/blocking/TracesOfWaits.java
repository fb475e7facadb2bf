package io.cashew.proxy.client.blocking;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.client.Traces;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.route.Router;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The clients of a worker that wait for keys. Confined to the worker, where nothing else is said.
 */
public final class TracesOfWaits implements Traces {
  private final Worker worker;
  private final Router router;

  public TracesOfWaits(Worker worker, Router router) {
    this.worker = worker;
    this.router = router;
  }

  @Override
  public boolean mayBeAt(Node node) {
    return node.isWaitedForBy(worker.index());
  }

  @Override
  public void whenForgotten(Node node, Consumer<@Nullable NodeFailure> done) {
    assert worker.inThread();
    for (Backend backend : router.backends()) {
      if (backend.node() == node) {
        backend.whenForgotten(done);
        return;
      }
    }
    done.accept(null); // the configuration has it no more, here not yet or there not yet
  }
}
