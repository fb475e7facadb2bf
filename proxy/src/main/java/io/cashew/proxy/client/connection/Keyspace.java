package io.cashew.proxy.client.connection;

import io.cashew.proxy.client.PendingReply;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.Property;
import io.cashew.proxy.command.RequestPolicy;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.Router;

/** Sends requests to every node. Confined to the worker. */
final class Keyspace {
  private final PoolPart pool;
  private final Router router;

  Keyspace(PoolPart pool) {
    this.pool = pool;
    router = pool.router();
  }

  void take(ConnectedClient client, Command command, RequestFrame frame) {
    boolean special = command.requestPolicy() == RequestPolicy.SPECIAL;
    if (!special && command.has(Property.LOADS_SCRIPT)) {
      pool.directory().scripts().loads(frame);
    }
    PendingReply slot = client.addSlotForMerged();
    client.routed(
        slot,
        special
            ? router.special(frame, command, slot, client.lane())
            : router.sendToAll(frame, command, slot, client.lane()));
  }
}
