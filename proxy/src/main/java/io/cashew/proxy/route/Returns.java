package io.cashew.proxy.route;

import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.NodeFailure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Takes the requests of a pool that a server has not executed. Confined to the worker. */
interface Returns {

  /**
   * Whether a reply that begins is not the client's, since its request is to be sent again.
   *
   * @param buf holds the first piece of it, an error whole; borrowed
   */
  boolean takesReply(Redirectable request, ByteBuf buf, int index, int length);

  /** Whether a failure is not the client's, since its request is to be sent again. */
  boolean takesFailure(Redirectable request, NodeFailure failure);

  /** Whether an error is taken by the holder of the connection of a request. */
  boolean givesBack(Exchange request, LeaseRefusal holder, ByteBuf buf, int index, int length);

  /** A request has come back: it waits, or goes on at once. */
  void wait(Redirectable request);

  /** A request that had come back is over: those behind it may go on. */
  void oneIsOver();

  /** Sends a request, which only reads, once more: its connection has ended. */
  void sendOnceMore(Redirectable request);

  /**
   * Reads the keys of a request of a lane.
   *
   * @return whether there are any, all of which are known
   */
  boolean keysOf(ByteBuf request, Lane lane, RequestKeys into);

  ByteBufAllocator allocator();
}
