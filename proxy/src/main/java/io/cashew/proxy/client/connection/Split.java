package io.cashew.proxy.client.connection;

import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.reply.ReplySlot;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.gather.ManyNodes;

/** Sends the parts of a request to the nodes of its keys. Confined to the worker. */
class Split {
  private final PoolPart pool;
  private final ManyNodes nodes;

  Split(PoolPart pool) {
    this.pool = pool;
    nodes = pool.manyNodes();
  }

  void take(ConnectedClient client, Command command, RequestFrame frame) {
    take(client, command, frame, false);
  }

  /**
   * The same.
   *
   * @param merged whether the reply is made anew though one node gives all of it: some of it may be
   *     given in place of what that says
   */
  final void take(ConnectedClient client, Command command, RequestFrame frame, boolean merged) {
    assert pool.worker().inThread();
    ReplySlot slot = client.addSlotForMerged();
    Forward.keepForRetry(pool, client, slot, command, frame);
    boolean copies = CopyReads.mayAnswer(client, command);
    client.routed(
        slot,
        copies || merged
            ? nodes.read(frame, command, slot, client.lane(), copies, merged)
            : nodes.split(frame, command, slot, client.lane()));
  }
}
