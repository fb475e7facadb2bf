package io.cashew.proxy.admin;

import io.cashew.proxy.control.NodeView;
import io.cashew.proxy.control.PoolView;
import io.cashew.proxy.control.SentinelView;
import io.cashew.proxy.metrics.PrimaryState;

/**
 * Who takes the writes of each node of a pool, and who says so, as {@code /api/topology} has it.
 */
final class TopologyJson {
  private static final long MILLIS = 1000;

  private TopologyJson() {}

  static Object of(PoolView pool) {
    return Json.object(
        "name", pool.name(),
        "version", pool.version(),
        "nodes", pool.nodes().stream().map(TopologyJson::node).toList(),
        "sentinels", pool.sentinels().stream().map(TopologyJson::sentinel).toList());
  }

  private static Object node(NodeView node) {
    PrimaryState.Now now = node.state().primary().now();
    return Json.object(
        "name", node.name(),
        "weight", node.weight(),
        "found", node.found(),
        "primary", now.address(),
        "reason", now.address() == null ? node.whyNobody() : null,
        "sinceSeconds", now.sinceMillis() / MILLIS,
        "failovers", now.failovers());
  }

  private static Object sentinel(SentinelView sentinel) {
    return Json.object(
        "address", sentinel.address(),
        "reachable", sentinel.reachable(),
        "reason", sentinel.reachable() ? null : sentinel.why());
  }
}
