package io.cashew.proxy.client.connection;

import io.cashew.proxy.client.PoolPart;
import io.cashew.proxy.client.reply.ReplySlot;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.resp.RequestFrame;

/** Has deletions that went through repeated by the rules of their keys. Confined to the worker. */
final class RedeletingSplit extends Split {
  private final Redeletes redeletes;

  RedeletingSplit(PoolPart pool, Redeletes redeletes) {
    super(pool);
    this.redeletes = redeletes;
  }

  @Override
  void take(ConnectedClient client, Command command, RequestFrame frame) {
    Redeletes.Batch batch = Redeletes.isOf(command) ? redeletes.of(client, command, frame) : null;
    long slotsBefore = client.replies().added();
    super.take(client, command, frame);
    ReplySlot slot = batch == null ? null : client.replies().addedSince(slotsBefore);
    if (batch != null && slot != null) {
      slot.whenOver(
          type -> {
            if (type == ':') {
              redeletes.begin(batch);
            }
          });
    }
  }
}
