package io.cashew.proxy.control;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.BackendSettings;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.topology.Traits;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Makes workers' sides of the servers of a pool, and publishes what they count.
 *
 * @param rivals of the primary of a shard; on any thread
 */
record Backends(ProxyParts proxy, Function<String, List<String>> rivals) {

  /**
   * A worker's side of a server, with the recorder that it has there under its node's name.
   *
   * @param traits of the pool's topology
   * @param recorders by the names of nodes
   */
  Backend make(
      PoolSettings of,
      Traits traits,
      Worker worker,
      Map<String, NodeRecorder> recorders,
      Placed placed) {
    String name = placed.shard();
    NodeRecorder recorder = recorders.get(name);
    if (recorder == null) {
      recorder = new NodeRecorder();
      recorders.put(name, recorder);
      proxy.metrics().addNode(of.name(), name, worker.index(), recorder);
      if (worker.index() == 0) {
        proxy.metrics().addNodeState(of.name(), name, placed.state());
        placed.state().primary().rivals(() -> rivals.apply(name));
        proxy.metrics().addPrimary(of.name(), name, placed.state().primary());
      }
    }
    BackendSettings settings =
        placed.node().isReplica()
            ? LayerSettings.ofReplicas(of, traits)
            : LayerSettings.ofBackends(of);
    return new Backend(
        worker, placed.node(), settings, recorder, proxy.sockets(), proxy.descriptors());
  }
}
