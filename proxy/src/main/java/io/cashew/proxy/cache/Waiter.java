package io.cashew.proxy.cache;

import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.route.Exchange;
import io.cashew.proxy.route.ReplyWatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * A request for a key that another client loads: it has not been sent, and has its reply when the
 * key is there or its time is over. Confined to the worker.
 */
final class Waiter implements ReplyWatch {
  private static final byte[] NIL = Replies.bytes("$-1\r\n");
  private static final byte[] NIL_3 = Replies.bytes("_\r\n");

  private final KeyBytes key;
  private final Seat seat;
  private final Exchange request;

  /** Its reply if there is no such key. */
  private final byte[] nothing;

  /** Whether it is a GET. */
  private final boolean get;

  private final long endNanos;
  private final Leases leases;
  private boolean waits = true;
  private boolean asksItself;

  /** It waits from now on, and is one of those that may. */
  Waiter(
      KeyBytes key,
      Seat seat,
      Exchange request,
      byte[] nothing,
      boolean get,
      long endNanos,
      Leases leases) {
    this.key = key;
    this.seat = seat;
    this.request = request;
    this.nothing = nothing;
    this.get = get;
    this.endNanos = endNanos;
    this.leases = leases;
    seat.begins(Seat.bit(key.hash()));
    seat.waits(this);
    request.watchedBy(this);
  }

  static byte[] nil(boolean resp3) {
    return resp3 ? NIL_3 : NIL;
  }

  KeyBytes key() {
    return key;
  }

  Seat seat() {
    return seat;
  }

  boolean waits() {
    return waits;
  }

  boolean isLate(long nowNanos) {
    return endNanos - nowNanos <= 0;
  }

  private boolean ends() {
    boolean did = waits;
    if (did) {
      waits = false;
      leases.waitIsOver();
      seat.waitIsOver(this);
    }
    return did;
  }

  /** Is told that there is no such key. */
  void giveNil() {
    give(nothing);
  }

  /** Has the reply to a GET, or asks itself. */
  void giveGet(byte[] reply) {
    if (get) {
      give(reply);
    } else {
      goAlone();
    }
  }

  /** Has this reply. */
  void give(byte[] reply) {
    if (ends()) {
      request.onReply(Unpooled.wrappedBuffer(reply), 0, reply.length, true);
    }
  }

  /** Asks itself. */
  void goAlone() {
    if (ends()) {
      asksItself = true;
      request.goesAlone();
    }
  }

  @Override
  public boolean onReply(ByteBuf buf, int index, int length, boolean last) {
    if (last) {
      seat.over();
      if (asksItself) {
        leases.isTold(key);
      }
    }
    return false;
  }

  @Override
  public byte @Nullable [] onNoReply(@Nullable NodeFailure failure) {
    ends();
    seat.over();
    return null;
  }
}
