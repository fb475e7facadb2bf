package io.cashew.proxy.client.connection;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.Kind;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.RequestKeys;
import io.cashew.proxy.route.RequestOrder;
import io.cashew.proxy.route.SlotOrder;
import io.cashew.proxy.topology.Placement;

/**
 * Holds a request that could overtake others of its client: those that are on their way from one
 * server to another, and those for several keys of a slot that may be about to move. One per pool
 * and worker, confined to it.
 */
final class RerouteCheck {
  private final PoolPart pool;
  private final RequestKeys next = new RequestKeys();

  RerouteCheck(PoolPart pool) {
    this.pool = pool;
  }

  /** Whether a request has to wait; then its client's gate has the hold. */
  boolean holds(ConnectedClient client, Command command, Kind kind, RequestFrame frame) {
    assert pool.worker().inThread();
    RequestOrder order = client.order();
    if (order.isSettled() && !order.hasManyKeys()) {
      return false;
    }
    if (kind == Kind.LOCAL || client.mode().inTransaction() || !isHeld(order, command, frame)) {
      return false;
    }
    client.hold(Hold.REROUTE);
    return true;
  }

  private boolean isHeld(RequestOrder order, Command command, RequestFrame frame) {
    boolean known = next.read(frame, command, pool.router().placement());
    Backend to =
        known && next.group() != Placement.NO_GROUP
            ? pool.router().table().primaryOf(next.group())
            : null;
    return SlotOrder.holds(order, known ? next : null, to, !command.onlyReads());
  }
}
