package io.cashew.proxy.control;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.resp.Verdict;
import io.cashew.proxy.topology.Hint;
import io.cashew.proxy.topology.ServerId;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What workers see of a pool's nodes, on its way to the control thread. Used by all workers; what
 * it has together is which nodes are being looked at.
 */
final class NodeReports implements Node.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(NodeReports.class);

  private final ScheduledExecutorService control;
  private final Node.Listener circuits;
  private final BiConsumer<Node, Function<ServerId, Hint>> heard;
  private final ReadOnlyServers readOnly;

  /** Those of which it is not looked at yet that they take no requests. */
  private final Set<Node> refusing = ConcurrentHashMap.newKeySet();

  /**
   * Reports nothing yet.
   *
   * @param circuits hears of circuits first, where they open
   * @param heard hears on the control thread what is to be told of a node to those who know who the
   *     servers are; of nodes that take no requests, once for all that come meanwhile
   * @param readOnly looks after the names of these
   */
  NodeReports(
      ScheduledExecutorService control,
      Node.Listener circuits,
      BiConsumer<Node, Function<ServerId, Hint>> heard,
      ReadOnlyServers readOnly) {
    this.control = control;
    this.circuits = circuits;
    this.heard = heard;
    this.readOnly = readOnly;
  }

  @Override
  public void circuitOpened(Node node, NodeFailure cause) {
    circuits.circuitOpened(node, cause);
    onControl(node, () -> heard.accept(node, Hint.Lost::new));
  }

  @Override
  public void refuses(Node node, Verdict verdict) {
    if (verdict == Verdict.READONLY) {
      readOnly.refuses(node);
    }
    if (refusing.add(node)) {
      onControl(
          node,
          () -> {
            refusing.remove(node);
            heard.accept(node, Hint.Refused::new);
            readOnly.refused(node);
          });
    }
  }

  @Override
  public void moved(Node node, int slot, String address) {
    onControl(node, () -> heard.accept(node, server -> new Hint.Moved(slot, address)));
  }

  private void onControl(Node node, Runnable task) {
    try {
      control.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("nothing more is done about {}: the proxy is stopping", node);
    }
  }
}
