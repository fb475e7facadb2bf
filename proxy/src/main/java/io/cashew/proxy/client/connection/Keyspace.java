package io.cashew.proxy.client.connection;

import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.reply.ReplySlot;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.Kind;
import io.cashew.proxy.command.Property;
import io.cashew.proxy.command.RequestPolicy;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.gather.ManyNodes;

/** Sends requests to every node. Confined to the worker. */
final class Keyspace {
  private final PoolPart pool;
  private final ManyNodes nodes;

  Keyspace(PoolPart pool) {
    this.pool = pool;
    nodes = pool.manyNodes();
  }

  /**
   * Whether a request may begin only when its client is owed nothing, and no other before its reply
   * is over: a part of it that goes to another server is for keys that nobody can name, so that
   * what comes before it, or behind, could be executed in the wrong order.
   */
  static boolean isAlone(PoolPart pool, Command command) {
    return command.kind() == Kind.KEYSPACE
        && pool.serversMayChange()
        && (isSpecial(command) || pool.router().backends().size() > 1);
  }

  private static boolean isSpecial(Command command) {
    return command.requestPolicy() == RequestPolicy.SPECIAL;
  }

  void take(ConnectedClient client, Command command, RequestFrame frame) {
    assert pool.worker().inThread();
    boolean special = isSpecial(command);
    if (!special && command.has(Property.LOADS_SCRIPT)) {
      pool.directory().scripts().loads(frame);
    }
    ReplySlot slot = client.addSlotForMerged();
    if (command.kind() == Kind.KEYSPACE) {
      Forward.keepForRetry(pool, client, slot, command, frame);
    }
    if (isAlone(pool, command)) {
      client.waitForReplies();
    }
    client.routed(
        slot,
        special
            ? nodes.special(frame, command, pool.serversMayChange(), slot, client.lane())
            : nodes.sendToAll(frame, command, slot, client.lane()));
  }
}
