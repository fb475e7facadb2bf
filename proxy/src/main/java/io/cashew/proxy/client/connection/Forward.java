package io.cashew.proxy.client.connection;

import io.cashew.proxy.client.ClientSettings;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.reply.ReplySlot;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandErrors;
import io.cashew.proxy.metrics.RefusalKind;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.Router;

/** Sends requests to the one node of their keys, unchanged. Confined to the worker. */
final class Forward {
  private final PoolPart pool;
  private final Router router;

  Forward(PoolPart pool) {
    this.pool = pool;
    router = pool.router();
  }

  void take(ConnectedClient client, Command command, RequestFrame frame) {
    ReplySlot slot = client.addSlot();
    ClientSettings settings = pool.settings();
    if (settings.retriesReads() && command.onlyReads()) {
      slot.mayBeSentOnceMore(frame);
    }
    if (settings.followsFailovers()) {
      slot.mayGoElsewhere(frame, command.onlyReads());
    }
    client.routed(slot, router.forward(frame, command, slot, client.lane()));
  }

  /** The same of commands that only a pool of one node can carry out. */
  void takeOfOneNode(ConnectedClient client, Command command, RequestFrame frame) {
    if (router.readers().size() == 1) {
      take(client, command, frame);
    } else {
      client.refuse(RefusalKind.REFUSED_COMMAND, CommandErrors.refused(command));
    }
  }
}
