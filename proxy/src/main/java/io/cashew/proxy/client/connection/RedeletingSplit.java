package io.cashew.proxy.client.connection;

import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.reply.ReplySlot;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.RequestFrame;
import java.util.List;

/** Has deletions that went through repeated by the rules of their keys. Confined to the worker. */
final class RedeletingSplit extends Split {
  private final List<OfPool> pools;

  /**
   * What is repeated for one pool.
   *
   * @param owner says which keys are the pool's
   */
  record OfPool(Redeletes redeletes, KeyOwner owner) {}

  /**
   * Of the clients of a pool.
   *
   * @param pools those of whose keys deletions are repeated
   */
  RedeletingSplit(PoolPart pool, List<OfPool> pools) {
    super(pool);
    this.pools = pools;
  }

  @Override
  void take(ConnectedClient client, Command command, RequestFrame frame) {
    if (!Redeletes.isOf(command)) {
      super.take(client, command, frame);
      return;
    }
    Runnable begin = null;
    for (OfPool each : pools) {
      Redeletes.Batch batch = each.redeletes.of(each.owner, client, command, frame);
      if (batch != null) {
        Runnable before = begin;
        begin =
            () -> {
              each.redeletes.begin(batch);
              if (before != null) {
                before.run();
              }
            };
      }
    }
    long slotsBefore = client.replies().added();
    super.take(client, command, frame);
    ReplySlot slot = begin == null ? null : client.replies().addedSince(slotsBefore);
    Runnable last = begin;
    if (last != null && slot != null) {
      slot.whenOver(
          type -> {
            if (type == ':') {
              last.run();
            }
          });
    }
  }
}
