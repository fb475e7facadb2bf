package io.cashew.proxy.client.connection;

import io.cashew.proxy.client.reply.Load;

/**
 * Whether a client's next request may begin: it may, unless a {@link Hold} is set or the client is
 * owed as much as it may be. Confined to the worker.
 *
 * <p>Three holds are set and released by whoever knows why. Three are released here, when the
 * {@link Load} that they wait for has gone. How many replies may be owed is no hold but looked at
 * each time, since every request and every reply changes it.
 */
final class Gate {
  private static final int ONLY_OF_NEXT_REQUEST = ofNextRequest();

  private final Load load;

  /** The {@link Hold#bit}s of the holds that are set. */
  private int holds;

  /** How many replies were over when {@link Hold#REROUTE} was set. */
  private long overAtReroute;

  private boolean shut;

  Gate(Load load) {
    this.load = load;
  }

  private static int ofNextRequest() {
    int bits = 0;
    for (Hold hold : Hold.values()) {
      bits |= hold.ofNextRequest() ? hold.bit() : 0;
    }
    return bits;
  }

  /** The next request has to wait for this, too. */
  void hold(Hold why) {
    holds |= why.bit();
    if (why == Hold.REROUTE) {
      overAtReroute = load.repliesOver();
    }
  }

  /** The next request need not wait for this any more. */
  void release(Hold why) {
    holds &= ~why.bit();
  }

  /** Whether a hold is set; one that ends by itself may be over without that having been seen. */
  boolean has(Hold why) {
    return (holds & why.bit()) != 0;
  }

  /** Looks whether the next request must wait. */
  boolean holdsRequest() {
    return (holds != 0 && isHeld(holds)) || load.full(shut);
  }

  /** Looks whether the rest of a request that has begun must wait. */
  boolean holdsRest() {
    int set = holds & ~ONLY_OF_NEXT_REQUEST;
    return set != 0 && isHeld(set);
  }

  /** Whether one of the holds in {@code set} is not over; releases those that are. */
  private boolean isHeld(int set) {
    if ((set & Hold.OWED_REPLIES.bit()) != 0 && load.isEmpty()) {
      release(Hold.OWED_REPLIES);
    }
    if ((set & Hold.MERGED_REPLIES.bit()) != 0 && !load.stillFullOfMerged()) {
      release(Hold.MERGED_REPLIES);
    }
    if ((set & Hold.REROUTE.bit()) != 0 && load.repliesOver() != overAtReroute) {
      release(Hold.REROUTE);
    }
    return (holds & set) != 0;
  }

  /** A request had to wait: nothing is taken until {@link #open}. */
  void shut() {
    shut = true;
  }

  /** Requests are taken again. */
  void open() {
    shut = false;
  }

  /** Whether a request waits. */
  boolean isShut() {
    return shut;
  }
}
