package io.cashew.proxy.cache;

import io.cashew.proxy.backend.NodeFailure;
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
  private final KeyBytes key;
  private final Seat seat;
  private final Exchange request;

  private final Awaited what;
  private final long endNanos;
  private final Leases leases;
  private boolean waits = true;
  private boolean asksItself;

  /** It waits from now on, and is one of those that may. */
  Waiter(KeyBytes key, Seat seat, Exchange request, Awaited what, long endNanos, Leases leases) {
    this.key = key;
    this.seat = seat;
    this.request = request;
    this.what = what;
    this.endNanos = endNanos;
    this.leases = leases;
    seat.begins(Seat.bit(key.hash()));
    seat.waits(this);
    request.watchedBy(this);
  }

  KeyBytes key() {
    return key;
  }

  Seat seat() {
    return seat;
  }

  Exchange request() {
    return request;
  }

  /** Whether the reply to a GET is its reply. */
  boolean awaitsValue() {
    return what.isValue();
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
    give(what.nothing());
  }

  /**
   * Its key is there.
   *
   * @param value the reply to a GET; null: none was asked for
   */
  void isThere(byte @Nullable [] value) {
    if (value != null && what.isValue()) {
      give(value);
    } else if (ends()) {
      what.read(this);
    }
  }

  /** Has this reply. */
  void give(byte[] reply) {
    if (ends()) {
      request.onReply(Unpooled.wrappedBuffer(reply), 0, reply.length, true);
    }
  }

  /** Is sent by itself. */
  void goAlone() {
    if (ends()) {
      asksItself();
    }
  }

  /** The same of one that waits no longer. */
  void asksItself() {
    asksItself = true;
    request.goesAlone();
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
