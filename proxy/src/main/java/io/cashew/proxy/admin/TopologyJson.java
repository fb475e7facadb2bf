package io.cashew.proxy.admin;

import io.cashew.proxy.control.ClusterView;
import io.cashew.proxy.control.NodeView;
import io.cashew.proxy.control.PoolView;
import io.cashew.proxy.control.ReplicaView;
import io.cashew.proxy.control.SentinelView;
import io.cashew.proxy.metrics.PrimaryState;
import org.jspecify.annotations.Nullable;

/**
 * Who takes the writes of each node of a pool, who has copies, and who says so, as {@code
 * /api/topology} has it.
 */
final class TopologyJson {
  private static final long MILLIS = 1000;

  private TopologyJson() {}

  static Object of(PoolView pool) {
    return Json.object(
        "name", pool.name(),
        "version", pool.version(),
        "nodes", pool.nodes().stream().map(node -> node(node, pool.cluster() != null)).toList(),
        "sentinels", pool.sentinels().stream().map(TopologyJson::sentinel).toList(),
        "cluster", cluster(pool.cluster()));
  }

  private static @Nullable Object cluster(@Nullable ClusterView known) {
    return known == null
        ? null
        : Json.object(
            "epoch", known.epoch(),
            "uncoveredSlots", known.uncovered(),
            "ageSeconds", known.ageSeconds(),
            "toldBy", known.teller().isEmpty() ? null : known.teller(),
            "questions", known.questions(),
            "failedQuestions", known.failures(),
            "reason", known.problem().isEmpty() ? null : known.problem());
  }

  private static Object node(NodeView node, boolean hasSlots) {
    PrimaryState.Now now = node.state().primary().now();
    return Json.object(
        "name", node.name(),
        "weight", node.weight(),
        "found", node.found(),
        "slots", hasSlots ? node.slots() : null,
        "replicas", node.replicas().stream().map(TopologyJson::replica).toList(),
        "primary", now.address(),
        "reason", now.address() == null ? node.whyNobody() : null,
        "rivals", node.state().primary().rivals(),
        "beingReplaced", node.state().primary().beingReplaced(),
        "zone", node.zone(),
        "sinceSeconds", now.sinceMillis() / MILLIS,
        "failovers", now.failovers());
  }

  private static Object replica(ReplicaView replica) {
    return Json.object(
        "address", replica.address(),
        "read", replica.isRead(),
        "lagMillis", replica.lagMillis() < 0 ? null : replica.lagMillis(),
        "zone", replica.zone(),
        "reason", replica.isRead() ? null : replica.why());
  }

  private static Object sentinel(SentinelView sentinel) {
    return Json.object(
        "address", sentinel.address(),
        "reachable", sentinel.reachable(),
        "reason", sentinel.reachable() ? null : sentinel.why());
  }
}
