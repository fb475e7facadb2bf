package io.cashew.proxy.control;

import io.cashew.proxy.command.PoolRoutes;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Connects pools with routes to the pools that their routes lead to. */
final class Fronts {
  private Fronts() {}

  /**
   * Has every pool with routes follow the pools that these lead to, and waits until every worker
   * has gone over. Called by the thread that starts or reloads.
   *
   * @param pools all that there are
   */
  static void connect(List<Pool> pools) {
    Map<String, Pool> byName = new HashMap<>();
    pools.forEach(pool -> byName.put(pool.settings().name(), pool));
    List<Future<?>> done = new ArrayList<>();
    for (Pool pool : pools) {
      if (pool.settings().hasRoutes()) {
        connect(pool, byName, done);
      }
    }
    done.forEach(Future::syncUninterruptibly);
  }

  private static void connect(Pool front, Map<String, Pool> byName, List<Future<?>> done) {
    PoolRoutes routes = front.settings().poolRoutes();
    List<Pool> pools = routes.pools().stream().map(name -> named(byName, name)).toList();
    List<PoolOnWorker> parts = front.parts();
    for (int worker = 0; worker < parts.size(); worker++) {
      PoolOnWorker part = parts.get(worker);
      int index = worker;
      List<Clientele> targets =
          pools.stream().map(pool -> pool.parts().get(index).clientele()).toList();
      done.add(part.worker().eventLoop().submit(() -> part.clientele().follow(routes, targets)));
    }
  }

  private static Pool named(Map<String, Pool> byName, String name) {
    Pool pool = byName.get(name);
    if (pool == null) {
      throw new IllegalStateException("no pool '" + name + "'");
    }
    return pool;
  }
}
