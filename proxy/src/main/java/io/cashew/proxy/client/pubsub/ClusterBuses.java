package io.cashew.proxy.client.pubsub;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Subscription;
import io.cashew.proxy.backend.SubscriptionKind;
import io.cashew.proxy.route.Router;
import io.cashew.proxy.route.RoutingTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a worker listens, by the nodes: at all of those that pass on to nobody what is published
 * there, and at one of each Cluster, its {@link ClusterBus}. A pool is one Cluster or none; routes
 * may lead to several. Confined to the worker.
 */
final class ClusterBuses {
  private final Router router;

  /** By the names of their pools. */
  private final Map<String, ClusterBus> buses = new HashMap<>();

  ClusterBuses(Router router) {
    this.router = router;
  }

  /** That of the Cluster of a node; null: it is of none. */
  private @Nullable ClusterBus of(Backend node) {
    String pool = node.node().pool();
    RoutingTable table = router.table().ofPoolOf(node.node());
    if (table == null) { // of a pool that has just gone it stays what it was
      return buses.get(pool);
    }
    return table.slotsMove()
        ? buses.computeIfAbsent(pool, absent -> new ClusterBus(router, pool))
        : null;
  }

  /** Whether servers pass on to others what is published at a node. */
  boolean has(Backend node) {
    return of(node) != null;
  }

  /** The node at which messages that are published at a node are listened to: it, or its bus's. */
  Backend standsFor(Backend node) {
    ClusterBus bus = of(node);
    Backend at = bus == null ? null : bus.node();
    return at == null ? node : at;
  }

  /**
   * Whether a node is listened to.
   *
   * @param home where the channel is published
   */
  boolean listensAt(Backend node, Subscription subscription, Backend home) {
    if (subscription.kind() == SubscriptionKind.SHARD_CHANNEL || node == home) {
      return node == home;
    }
    return standsFor(node) == node || ClusterBus.mayBeOfKeyspace(subscription);
  }

  /**
   * The node of a Cluster at which will be listened when these are its nodes.
   *
   * @param soon nodes of one pool
   * @return null: they are no Cluster's
   */
  @Nullable Backend nodeAmong(List<Backend> soon) {
    ClusterBus bus = soon.isEmpty() ? null : of(soon.get(0));
    return bus == null ? null : bus.nodeAmong(soon);
  }

  /** Chooses others in place of those that cannot be reached. @return whether there were any */
  boolean leaveWhoIsLost() {
    boolean left = false;
    for (ClusterBus each : buses.values()) {
      left |= each.leavesWhoIsLost();
    }
    return left;
  }
}
