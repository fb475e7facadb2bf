package io.cashew.proxy.client.reply;

import io.cashew.proxy.client.ReplyLimits;

/**
 * The replies owed to one client that are merged of those of several nodes: how many of them may be
 * gathered at one time, and how much of what was gathered the client has not taken. Confined to the
 * worker.
 *
 * <p>A merged reply is held until all nodes have answered, and comes at once, however large it is:
 * what is unsent of it does not say that the client does not read.
 */
final class MergedReplies {
  private final Window window;
  private int inFlight;

  /** Written since the client last had room. */
  private long unsentBytes;

  MergedReplies(ReplyLimits limits) {
    window = new Window(limits.inFlightMax(), limits.unsentBytes(), 1);
  }

  /** Has other limits from now on. */
  void limits(ReplyLimits limits) {
    window.limits(limits.inFlightMax(), limits.unsentBytes());
  }

  /** A request is sent whose reply is merged. */
  void add() {
    inFlight++;
  }

  /** Whether the next such request has to wait until there are fewer of them. */
  boolean full() {
    return inFlight >= window.size();
  }

  /** Whether it still has to: for half of them, so that it is not held up each time. */
  boolean stillFull() {
    return inFlight > window.size() / 2;
  }

  /** A merged reply of so many bytes is over. */
  void over(long bytes) {
    inFlight--;
    window.replied(bytes);
  }

  /** Bytes of a merged reply were written, to a client that had room before, or had not. */
  void written(int bytes, boolean hadRoom) {
    unsentBytes = (hadRoom ? 0 : unsentBytes) + bytes;
  }

  /** The client has taken so much that it has room again. */
  void clientHasRoom() {
    unsentBytes = 0;
  }

  /** Bytes of merged replies that the client may have left unread for no fault of its own. */
  long unsentBytes() {
    return unsentBytes;
  }
}
