package io.cashew.proxy.client.connection;

import io.cashew.proxy.backend.ServerFacts;
import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.reply.ReplySlot;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.computed.ComputeLimit;
import io.cashew.proxy.route.computed.ComputedRead;
import io.cashew.proxy.route.computed.ReplyStyle;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to the one node of their keys, and computes what reads keys of several nodes, if
 * it can. Confined to the worker.
 */
final class ComputingForward extends Forward {
  private static final String SHORT_SCORES_SINCE = "7.2";

  private final PoolPart pool;
  private final Forward forward;
  private final ComputeLimit limit;

  /** By the ids of the pool's commands. */
  private final @Nullable ComputedRead[] reads;

  /** Computes within a limit; all else {@code forward} sends. */
  ComputingForward(PoolPart pool, Forward forward, ComputeLimit limit) {
    super(pool);
    this.pool = pool;
    this.forward = forward;
    this.limit = limit;
    reads = ComputedRead.byId(pool.commands());
  }

  @Override
  void take(ConnectedClient client, Command command, RequestFrame frame) {
    assert pool.worker().inThread();
    ComputedRead read = reads[command.id()];
    if (read == null || !pool.manyNodes().hasKeysOfSeveralGroups(frame, command)) {
      forward.take(client, command, frame);
      return;
    }
    ReplySlot slot = client.addSlotForMerged();
    keep(pool, client, slot, command, frame);
    client.routed(
        slot,
        pool.manyNodes()
            .askEachKey(
                frame,
                command,
                read.question(),
                limit.bytes(),
                read.within(limit, style(client)),
                slot,
                client.lane()));
  }

  private ReplyStyle style(ConnectedClient client) {
    ServerFacts facts = pool.router().backends().get(0).node().facts();
    return new ReplyStyle(
        client.session().resp3(), facts != null && !facts.isAtLeast(SHORT_SCORES_SINCE));
  }
}
