package io.cashew.proxy.cache;

import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.route.Exchange;
import io.cashew.proxy.route.ReplyWatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** A request that was not sent, since another one brings its reply. Confined to the worker. */
abstract class JoinedRequest implements ReplyWatch {
  private final CachePart part;
  private final int stripe;
  private final Seat seat;
  private final Exchange request;

  /** It was sent by itself after all. */
  private boolean alone;

  /**
   * Joins another one.
   *
   * @param stripe of the key that both ask for
   */
  JoinedRequest(CachePart part, int stripe, Seat seat, Exchange request) {
    this.part = part;
    this.stripe = stripe;
    this.seat = seat;
    this.request = request;
  }

  Seat seat() {
    return seat;
  }

  Exchange request() {
    return request;
  }

  @Override
  public boolean onReply(ByteBuf buf, int index, int bytes, boolean last) {
    assert part.worker().inThread();
    if (last) {
      seat.joinedIsOver();
      if (alone) {
        part.versions().end(stripe);
      }
    }
    return false;
  }

  /** Has this reply. */
  void give(byte[] whole) {
    request.onReply(Unpooled.wrappedBuffer(whole), 0, whole.length, true);
  }

  /** Is sent by itself. */
  void goAlone() {
    alone = true;
    request.goesAlone();
  }

  /** The other one has failed. */
  void fail(NodeFailure failure) {
    alone = true;
    request.onFailure(failure);
  }
}
