package io.cashew.proxy.control;

import io.cashew.proxy.testing.VirtualPool;
import io.cashew.proxy.testing.VirtualWorker;
import java.util.Map;

/** What changes of servers see of a {@link VirtualPool}. */
final class VirtualPart {
  private VirtualPart() {}

  static PoolOnWorker of(VirtualWorker worker, VirtualPool pool) {
    return new PoolOnWorker(
        worker.worker(),
        pool.recorder(),
        pool.servers(),
        pool.router(),
        pool.clients(),
        new Clientele(pool.clients(), pool.router()),
        Map.of());
  }
}
