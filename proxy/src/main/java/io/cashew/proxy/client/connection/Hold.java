package io.cashew.proxy.client.connection;

/** Why a client's next request must wait. */
enum Hold {
  /** The client is owed replies that come before the request. Ends by itself with the last. */
  OWED_REPLIES(1, false),

  /**
   * The client is owed as many merged replies as may be gathered for it at one time. Ends by itself
   * when half of them are given.
   */
  MERGED_REPLIES(2, false),

  /** Clients that have left are looked for, so that the request does not serve them. */
  DEPARTURES(4, false),

  /** The node of the request has no server that takes it, and may get another. */
  NO_PRIMARY(32, false),

  /**
   * The request could overtake one that is on its way from one server to another. Looked at again
   * with each reply that is over.
   */
  REROUTE(64, false),

  /** A node that the client feeds takes no more. */
  OVERLOADED_NODE(8, true),

  /** {@code CLIENT PAUSE} holds the request. */
  PAUSE(16, true);

  private final int bit;
  private final boolean ofNextRequest;

  Hold(int bit, boolean ofNextRequest) {
    this.bit = bit;
    this.ofNextRequest = ofNextRequest;
  }

  /** Whether only a request that has not begun is held. */
  boolean ofNextRequest() {
    return ofNextRequest;
  }

  /** A set of one. */
  int bit() {
    return bit;
  }
}
