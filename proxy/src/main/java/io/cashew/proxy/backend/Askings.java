package io.cashew.proxy.backend;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;

/**
 * The places in a connection's queue of the replies to {@code ASKING}, which are dropped: what it
 * has made of the request behind it, that one's reply says; and to memcached's {@code mn}, whose
 * reply says that the request before it has none. Confined to the worker.
 */
final class Askings {
  private static final int MAX_FREE = 64;

  private final ArrayDeque<InFlight> free = new ArrayDeque<>();

  /** A place that comes back by itself when its reply has come, or will not. */
  InFlight take() {
    InFlight asking = free.poll();
    return asking == null ? new Asking() : asking;
  }

  private final class Asking extends InFlight {
    Asking() {
      proxysOwn = true;
    }

    @Override
    public void onReply(ByteBuf buf, int index, int length, boolean last) {
      if (last) {
        isOver();
      }
    }

    @Override
    public void onFailure(NodeFailure failure) {
      isOver();
    }

    private void isOver() {
      if (free.size() < MAX_FREE) {
        free.push(this);
      }
    }

    @Override
    public void onStallTimeout() {}
  }
}
