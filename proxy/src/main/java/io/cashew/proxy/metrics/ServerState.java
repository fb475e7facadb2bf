package io.cashew.proxy.metrics;

/**
 * What is known of one server of a node that has replicas to read from. Written by the control
 * thread alone, read by a scrape; each field stands for itself.
 */
public final class ServerState {
  private final boolean isPrimary;
  private volatile boolean isRead;
  private volatile long lagMillis;

  /** A primary is read while it is one, of a replica nothing is known. */
  public ServerState(boolean isPrimary) {
    this.isPrimary = isPrimary;
    isRead = isPrimary;
  }

  /** Whether it takes the node's writes. */
  boolean isPrimary() {
    return isPrimary;
  }

  /** Whether it may be read from. */
  boolean isRead() {
    return isRead;
  }

  /** How long it has been behind; 0: it is not, or that is not known. */
  long lagMillis() {
    return lagMillis;
  }

  /** A replica stands like this. Control thread only. */
  public void stands(boolean read, long lag) {
    isRead = read;
    lagMillis = Math.max(0, lag);
  }
}
