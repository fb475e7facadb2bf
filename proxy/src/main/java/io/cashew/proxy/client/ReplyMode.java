package io.cashew.proxy.client;

/**
 * Which of a client's requests are answered: {@code CLIENT REPLY}. Confined to the worker.
 *
 * <p>A request that is not answered is carried out all the same, and keeps its place in the order
 * of the replies.
 */
final class ReplyMode {
  private boolean off;
  private boolean skipsThis;
  private boolean skipsNext;

  /** A request has been taken: what is asked from now on is of the next. */
  void requestTaken() {
    skipsThis = skipsNext;
    skipsNext = false;
  }

  /** Whether the request that is being taken gets no reply. */
  boolean muted() {
    return off || skipsThis;
  }

  /** Every request is answered, this one included. */
  void on() {
    off = false;
    skipsThis = false;
  }

  /** None is answered. */
  void off() {
    off = true;
  }

  /** The next is not answered. */
  void skipNext() {
    skipsNext = true;
  }

  /** Back to a connection that has just been accepted. */
  void reset() {
    off = false;
    skipsNext = false;
  }
}
