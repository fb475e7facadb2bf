package io.cashew.proxy.loop;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The file descriptors that clients, and what is opened for them, share: one count for all pools,
 * since the limit is the process's. Any thread takes and gives; a limit overstepped in a race is
 * made good by the reserve that is not counted here.
 */
public final class Descriptors {
  private final AtomicLong left;

  /**
   * A number of them.
   *
   * @param count at least 1
   */
  public Descriptors(long count) {
    left = new AtomicLong(count);
  }

  /** More than are ever used. */
  public static Descriptors unlimited() {
    return new Descriptors(Long.MAX_VALUE / 2);
  }

  /** Takes one, for a client, unless none is left. */
  public boolean tryTake() {
    if (left.decrementAndGet() >= 0) {
      return true;
    }
    left.incrementAndGet();
    return false;
  }

  /** Takes one that a client who is served cannot do without; the next clients pay for it. */
  public void take() {
    left.decrementAndGet();
  }

  /** Whether there is one left. */
  public boolean anyLeft() {
    return left.get() > 0;
  }

  /** Sets more of them aside, or, below 0, fewer. */
  public void setAside(long more) {
    left.addAndGet(-more);
  }

  /** Gives one back. */
  public void give() {
    left.incrementAndGet();
  }
}
