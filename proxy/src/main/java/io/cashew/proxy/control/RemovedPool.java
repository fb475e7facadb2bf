package io.cashew.proxy.control;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.topology.ServerId;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whether nothing is under way on a pool that a reload removes: its clients have left, and those of
 * pools whose routes led to it have their replies. Confined to the control thread.
 */
final class RemovedPool implements BooleanSupplier {
  private final Pool pool;
  private final ScheduledExecutorService control;

  /** Of its servers, which are retired; null: its clients have not left. */
  private @Nullable Drained drained;

  /** No route leads to the pool any more, and its clients are leaving. */
  RemovedPool(Pool pool, ScheduledExecutorService control) {
    this.pool = pool;
    this.control = control;
  }

  @Override
  public boolean getAsBoolean() {
    if (pool.clients() > 0) {
      return false;
    }
    Drained of = drained;
    if (of == null) {
      OnWorkers workers = new OnWorkers(pool.parts(), control);
      workers.run(part -> part.servers().all().forEach(Backend::retire), () -> {});
      drained = of = new Drained(workers, servers());
    }
    return of.getAsBoolean();
  }

  private List<ServerId> servers() {
    PoolState state = pool.state();
    return Stream.of(state.nodes(), state.replicas())
        .flatMap(List::stream)
        .map(Placed::server)
        .toList();
  }
}
