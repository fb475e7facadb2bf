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
class Forward {
  private final PoolPart pool;
  private final Router router;

  Forward(PoolPart pool) {
    this.pool = pool;
    router = pool.router();
  }

  void take(ConnectedClient client, Command command, RequestFrame frame) {
    assert pool.worker().inThread();
    ReplySlot slot = client.addSlot();
    keepForRetry(client, slot, command, frame);
    client.routed(
        slot,
        CopyReads.mayAnswer(client, command)
            ? router.read(frame, command, slot, client.lane())
            : router.forward(frame, command, slot, client.lane()));
  }

  /** The same of a read that no replica may answer. */
  void takeAtPrimary(ConnectedClient client, Command command, RequestFrame frame) {
    assert pool.worker().inThread();
    ReplySlot slot = client.addSlot();
    keepForRetry(client, slot, command, frame);
    client.routed(slot, router.forward(frame, command, slot, client.lane()));
  }

  /** Keeps a request for all cases in which it is sent again. */
  void keepForRetry(ConnectedClient client, ReplySlot slot, Command command, RequestFrame frame) {
    keepForRetry(pool, client, slot, command, frame);
  }

  /** The same of one that may go in parts, each of which is sent again by itself. */
  static void keepForRetry(
      PoolPart pool, ConnectedClient client, ReplySlot slot, Command command, RequestFrame frame) {
    ClientSettings settings = pool.settings();
    if (settings.retriesReads() && command.onlyReads()) {
      slot.mayBeSentOnceMore(frame);
    }
    keep(pool, client, slot, command, frame);
  }

  /** Keeps a request for the case that the server that it goes to does not execute it. */
  static void keep(
      PoolPart pool, ConnectedClient client, ReplySlot slot, Command command, RequestFrame frame) {
    boolean slotsMove = pool.router().table().slotsMove();
    if (pool.serversMayChange()) {
      slot.mayGoElsewhere(frame, command.onlyReads(), slotsMove && !pool.worker().shortOfMemory());
    }
    if (slotsMove && !command.hasOneKey()) {
      client.order().takesManyKeys();
    }
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
