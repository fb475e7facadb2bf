package io.cashew.proxy.cache;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Decides between what is kept of a key, what is being asked for, and what has become known since:
 * nobody is given an older value from memory than somebody has seen. Shared by all threads, without
 * a lock.
 *
 * <p>Each key has a number, which it shares with the other keys of its stripe. It rises with all
 * that is heard of the key: a write that is sent, a write that is answered, a message of the server
 * that the key has changed, and each reply about it that did not come from memory. So
 *
 * <ul>
 *   <li>what is kept counts while the number is that with which it was kept;
 *   <li>a reply is kept only if the number is still that of the moment when it was asked for
 *       ({@link #claim}). Of two replies about a key that were under way together the second is not
 *       kept, since nobody can tell which of them the server gave first.
 * </ul>
 *
 * <p>Keys that share a stripe end each other's life now and then, which costs a request to the
 * server. What is not kept costs nothing: to hear of a key is one addition.
 */
final class Versions {
  private final AtomicLongArray numbers;
  private final int mask;

  /**
   * All numbers are 0.
   *
   * @param stripes a power of two
   */
  Versions(int stripes) {
    if (Integer.bitCount(stripes) != 1) {
      throw new IllegalArgumentException("not a power of two: " + stripes);
    }
    numbers = new AtomicLongArray(stripes);
    mask = stripes - 1;
  }

  /** The stripe of a key with this hash. */
  int stripe(int hash) {
    return hash & mask;
  }

  /** The number of a stripe; it is taken before a request is sent that may be kept. */
  long now(int stripe) {
    return numbers.get(stripe);
  }

  /** Something was heard: what is kept, and what was asked for until now, counts no more. */
  void end(int stripe) {
    numbers.getAndIncrement(stripe);
  }

  /**
   * A reply has come that may be kept.
   *
   * @param asked the number when it was asked for
   * @return whether nothing has been heard since; if so, it counts under the number {@code asked +
   *     1}, and nothing else does
   */
  boolean claim(int stripe, long asked) {
    return numbers.compareAndSet(stripe, asked, asked + 1);
  }
}
