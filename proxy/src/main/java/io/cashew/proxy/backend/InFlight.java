package io.cashew.proxy.backend;

import io.cashew.proxy.memcached.ExpectedReply;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The sink through which the reply to a request goes up: the one way in which anything in this
 * package calls what is above it. Confined to the worker.
 *
 * <p>While its request is in flight a sink is in the {@link InFlightQueue} of one connection. When
 * {@link #onReply} with {@code last}, or {@link #onFailure}, is called, that queue has forgotten
 * it, and it may be used again, within that call, too.
 */
public abstract class InFlight {
  /** In which its request waits for the reply; null: it is not in flight. */
  @Nullable InFlightQueue queue;

  long sentNanos;

  /** The same in ticks of the worker, which is what time-outs are measured in. */
  long sentTickMillis;

  /** Whether this is a command of the proxy's own: not counted as a request. */
  boolean proxysOwn;

  /** What the reply looks like, where replies do not tell by themselves; made by the first such. */
  private @Nullable ExpectedReply expected;

  /** What the reply looks like, of a protocol whose replies do not tell by themselves. */
  public final ExpectedReply expected() {
    ExpectedReply known = expected;
    if (known == null) {
      expected = known = new ExpectedReply();
    }
    return known;
  }

  /**
   * Takes a piece of the reply, in order.
   *
   * @param buf holds the bytes; borrowed
   * @param index of the first byte
   * @param length number of bytes; 0 only if the last piece was empty
   * @param last whether the reply ends with this piece
   */
  public abstract void onReply(ByteBuf buf, int index, int length, boolean last);

  /**
   * There will be no reply, or no more of it.
   *
   * @param failure what happened to the node
   */
  public abstract void onFailure(NodeFailure failure);

  /**
   * The node's connection has stood still for longer than it may because this request's receiver
   * did not take its reply. The receiver gives up; pieces that still come are to be dropped.
   */
  public abstract void onStallTimeout();

  /**
   * Bytes of the reply are held further down until all of it is here, or, below 0, no longer are.
   */
  public void onHeld(long bytes) {}

  /** Whether more bytes of a reply may be held until its turn. */
  public enum Room {
    ENOUGH,

    /** Not now: the node is not read from, for as long as it may be. */
    LATER,

    /** No: a node has waited in vain, and is not to wait again. */
    NONE
  }

  /** Whether more bytes of this reply may be held until its turn. */
  public Room room() {
    return Room.ENOUGH;
  }

  /** A node has waited as long as it may for {@link #room()}. */
  public void onWaitedInVain() {}

  /** Whether anybody waits for the reply; if not, what comes of it need not be held. */
  public boolean wanted() {
    return true;
  }

  /** Looks again whether the receiver of this reply, which has stalled its node, can take more. */
  public void onStalledTick() {}

  /** Whether it runs a script, for whose end a node lets everybody wait. */
  protected boolean runsScript() {
    return false;
  }

  /** It is about to be handed to a connection of a node, or to fail for want of one. */
  public void goesTo(Node node) {}

  /** A node has answered its part of a request for several; called before the reply. */
  public void partOver(Node node) {}

  /** When it was handed to a connection that was ready, as {@code System.nanoTime}; 0: never. */
  protected final long sentNanos() {
    return sentNanos;
  }

  /** Whether its request waits for the reply of a server. */
  public final boolean isInFlight() {
    return queue != null;
  }

  /** Forgets when it was sent the last time. */
  protected final void notSent() {
    sentNanos = 0;
  }

  /** Stops reading the node's connection: the receiver of this reply cannot take more now. */
  protected final void stallNode() {
    InFlightQueue in = queue;
    if (in != null) {
      in.stall(this);
    }
  }

  /** Goes on reading the node's connection after {@link #stallNode()}. */
  protected final void unstallNode() {
    InFlightQueue in = queue;
    if (in != null) {
      in.unstall(this);
    }
  }
}
