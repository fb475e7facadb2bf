package io.cashew.proxy.backend;

import io.cashew.proxy.loop.Outbound;

/**
 * How far the requests are that go out on a connection while they are still being received, one at
 * a time: a node is not late while the sender is slow, nor while it takes what there is. Confined
 * to the connection's worker.
 */
final class StreamProgress {
  private final Outbound outbound;

  /** Whether a request is under way that has not been written whole. */
  private boolean sending;

  /** Bytes of requests that were written, and those that the node had taken. */
  private long written;

  private long takenAtLastTick;

  /** Requests that are written to {@code outbound}. */
  StreamProgress(Outbound outbound) {
    this.outbound = outbound;
  }

  void begin() {
    sending = true;
  }

  /** So many bytes were written. */
  void wrote(int bytes) {
    written += bytes;
  }

  /** The request is written whole. */
  void end() {
    sending = false;
  }

  boolean sending() {
    return sending;
  }

  /** Whether the node has taken what there is of a request that is not written whole. */
  boolean senderIsSlow() {
    return sending && !outbound.behind();
  }

  /** Whether the node has taken more since the last tick. */
  boolean movedSinceLastTick() {
    long taken = written - outbound.pendingBytes();
    boolean moved = taken > takenAtLastTick;
    takenAtLastTick = taken;
    return moved;
  }
}
