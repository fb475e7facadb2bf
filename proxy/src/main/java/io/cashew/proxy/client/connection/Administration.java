package io.cashew.proxy.client.connection;

import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.Refusals;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandErrors;
import io.cashew.proxy.metrics.RefusalKind;
import io.cashew.proxy.resp.RequestFrame;

/**
 * Sends requests that administer nodes to the node of their key, or to every node, where that is
 * allowed. Confined to the worker.
 */
final class Administration {
  private final PoolPart pool;
  private final Forward forward;
  private final Keyspace keyspace;
  private final Local local;

  Administration(PoolPart pool, Forward forward, Keyspace keyspace, Local local) {
    this.pool = pool;
    this.forward = forward;
    this.keyspace = keyspace;
    this.local = local;
  }

  void take(ConnectedClient client, Command command, RequestFrame frame) {
    assert pool.worker().inThread();
    if (pool.settings().adminCommands()) {
      if (command.firstKey() > 0) {
        forward.take(client, command, frame);
      } else {
        keyspace.take(client, command, frame);
      }
    } else if (!local.answersInstead(command)) {
      Refusals.administration(client, command);
    } else if (command.arityMatches(frame.argc())) {
      local.take(client, command, frame);
    } else {
      client.isAnsweredHere();
      client.refuse(RefusalKind.WRONG_ARITY, CommandErrors.wrongArity(command));
    }
  }
}
