package io.cashew.proxy.client.connection;

import io.cashew.proxy.client.PendingReply;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.Router;

/** Sends the parts of a request to the nodes of its keys. Confined to the worker. */
final class Split {
  private final Router router;

  Split(PoolPart pool) {
    router = pool.router();
  }

  void take(ConnectedClient client, Command command, RequestFrame frame) {
    PendingReply slot = client.addSlotForMerged();
    client.routed(slot, router.split(frame, command, slot, client.lane()));
  }
}
