package io.cashew.proxy.control;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.resp.Verdict;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
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
  private final Consumer<Node> lost;
  private final Consumer<Node> refused;

  /** Those of which it is not looked at yet that they take no requests. */
  private final Set<Node> refusing = ConcurrentHashMap.newKeySet();

  /**
   * Reports nothing yet.
   *
   * @param circuits hears of circuits first, where they open
   * @param lost hears of them on the control thread
   * @param refused hears there of nodes that take no requests, once for all that come meanwhile
   */
  NodeReports(
      ScheduledExecutorService control,
      Node.Listener circuits,
      Consumer<Node> lost,
      Consumer<Node> refused) {
    this.control = control;
    this.circuits = circuits;
    this.lost = lost;
    this.refused = refused;
  }

  @Override
  public void circuitOpened(Node node, NodeFailure cause) {
    circuits.circuitOpened(node, cause);
    onControl(node, () -> lost.accept(node));
  }

  @Override
  public void refuses(Node node, Verdict verdict) {
    if (refusing.add(node)) {
      onControl(
          node,
          () -> {
            refusing.remove(node);
            refused.accept(node);
          });
    }
  }

  private void onControl(Node node, Runnable task) {
    try {
      control.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("nothing more is done about {}: the proxy is stopping", node);
    }
  }
}
