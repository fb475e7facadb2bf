package io.cashew.proxy.client;

/**
 * Which of a client's requests are answered: {@code CLIENT REPLY}. Confined to the worker.
 *
 * <p>A request that is not answered is carried out all the same, and keeps its place in the order
 * of the replies.
 */
public final class ReplyMode {
  private boolean off;
  private boolean skipsThis;
  private boolean skipsNext;

  /** A request has been taken: what is asked from now on is of the next. */
  public void requestTaken() {
    skipsThis = skipsNext;
    skipsNext = false;
  }

  /** Whether the request that is being taken gets no reply. */
  public boolean muted() {
    return off || skipsThis;
  }

  /** Every request is answered, this one included. */
  public void on() {
    off = false;
    skipsThis = false;
  }

  /** None is answered. */
  public void off() {
    off = true;
  }

  /** The next is not answered. */
  public void skipNext() {
    skipsNext = true;
  }

  /** Back to a connection that has just been accepted. */
  public void reset() {
    off = false;
    skipsNext = false;
  }
}
