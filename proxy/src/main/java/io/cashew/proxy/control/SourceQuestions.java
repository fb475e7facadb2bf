package io.cashew.proxy.control;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.backend.ServerQuery;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.NodeRecorder;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.TopologySource;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a pool's source asks servers, whether shards have them or not: on a worker, with the
 * credentials and the TLS of the pool's nodes. It says nothing of a node's health. Confined to the
 * control thread.
 */
final class SourceQuestions implements TopologySource.Asker {
  private static final Logger LOG = LoggerFactory.getLogger(SourceQuestions.class);

  private final ProxyParts proxy;
  private final List<PoolOnWorker> parts;
  private final Placing placing;
  private final Supplier<PoolState> state;

  SourceQuestions(
      ProxyParts proxy, List<PoolOnWorker> parts, Placing placing, Supplier<PoolState> state) {
    this.proxy = proxy;
    this.parts = parts;
    this.placing = placing;
    this.state = state;
  }

  @Override
  public void ask(
      ServerId server, List<byte[]> requests, Consumer<@Nullable List<byte[]>> replies) {
    Wanted wanted = state.get().wanted();
    NodeAddress address =
        placing.address(server, wanted.settings(), wanted.certificates(), known(server));
    address.whenLookedUp(() -> ask(address, wanted, requests, replies));
  }

  private @Nullable SocketAddress known(ServerId server) {
    return state.get().nodes().stream()
        .filter(each -> each.known().equals(server))
        .map(each -> each.node().address().current())
        .findFirst()
        .orElse(null);
  }

  /** On any thread. */
  private void ask(
      NodeAddress address,
      Wanted wanted,
      List<byte[]> requests,
      Consumer<@Nullable List<byte[]>> replies) {
    Worker worker = parts.get(Math.floorMod(address.text().hashCode(), parts.size())).worker();
    Backend asked =
        new Backend(
            worker,
            new Node(wanted.settings().name(), address.text(), address, 1, (node, cause) -> {}),
            LayerSettings.ofBackends(wanted.settings()),
            new NodeRecorder(),
            proxy.sockets(),
            proxy.descriptors());
    ServerQuery query = new ServerQuery(requests, said -> answered(worker, asked, said, replies));
    try {
      worker
          .eventLoop()
          .execute(
              () -> {
                worker.addTickListener(asked);
                asked.query(query);
              });
    } catch (RejectedExecutionException e) {
      LOG.debug("{} is not asked: the proxy is stopping", address.text());
    }
  }

  private void answered(
      Worker worker,
      Backend asked,
      @Nullable List<byte[]> said,
      Consumer<@Nullable List<byte[]>> replies) {
    try {
      worker
          .eventLoop()
          .execute(
              () -> {
                worker.removeTickListener(asked);
                asked.close();
              });
      proxy.control().execute(() -> replies.accept(said));
    } catch (RejectedExecutionException e) {
      LOG.debug("{} answers too late: the proxy is stopping", asked.node());
    }
  }
}
