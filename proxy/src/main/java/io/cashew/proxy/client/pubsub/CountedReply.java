package io.cashew.proxy.client.pubsub;

import io.cashew.proxy.backend.InFlight;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.client.PendingReply;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.ReplyReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * The reply to {@code PUBLISH}: how many have got the message, of whom the node counts the clients
 * of a worker as one. Confined to the worker.
 */
final class CountedReply extends InFlight {
  private final PendingReply slot;
  private final long uncounted;
  private @Nullable ByteBuf gathered;

  /**
   * Gives what the node says, put right, to {@code slot}.
   *
   * @param uncounted what is to be added, as things stand when the request is sent: those that
   *     leave later may count as having left after the message
   */
  CountedReply(PendingReply slot, long uncounted) {
    this.slot = slot;
    this.uncounted = uncounted;
  }

  @Override
  public void goesTo(Node node) {
    slot.goesTo(node);
  }

  @Override
  public void onReply(ByteBuf buf, int index, int length, boolean last) {
    ByteBuf kept = gathered;
    if (kept == null && last) {
      answer(buf, index, length);
      return;
    }
    if (kept == null) {
      gathered = kept = Unpooled.buffer(length);
    }
    kept.writeBytes(buf, index, length); // a line at most: a number or an error
    if (last) {
      gathered = null;
      answer(kept, 0, kept.readableBytes());
    }
  }

  private void answer(ByteBuf buf, int index, int length) {
    if (buf.getByte(index) != ':') {
      slot.onReply(buf, index, length, true);
      return;
    }
    long receivers = new ReplyReader(buf, index, length).integer() + uncounted;
    slot.give(Replies.bytes(":" + receivers + "\r\n"));
  }

  @Override
  public void onFailure(NodeFailure failure) {
    slot.onFailure(failure);
  }

  /** Never stalls: a count is held whole. */
  @Override
  public void onStallTimeout() {}
}
