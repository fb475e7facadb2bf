package io.cashew.proxy.cache;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Decides between what is kept of a key, what is being asked for, and what has become known since:
 * nobody is given an older value from memory than somebody has seen. Shared by all threads, without
 * a lock.
 *
 * <p>Each key has a number, which it shares with the other keys of its stripe. Its upper part rises
 * with all that is heard of the key: a write that is sent, a write that is answered, a message of
 * the server that the key has changed, and each reply about it that is not kept and did not come
 * from memory. Its lower part rises with each reply that is kept. So
 *
 * <ul>
 *   <li>what is kept counts while the upper part is that with which it was kept, and no other reply
 *       about its own key has come ({@link Claimed}): keys that share a stripe are kept together;
 *   <li>a reply is kept only if the whole number is still that of the moment when it was asked for
 *       ({@link #claim}). Of two replies about a key that were under way together the second is not
 *       kept, since nobody can tell which of them the server gave first.
 * </ul>
 *
 * <p>What is heard of a key ends what is kept of all keys of its stripe, which costs requests to
 * the server. What is not kept costs nothing: to hear of a key is one addition.
 */
final class Versions {
  /** Of the lower part. When it is full, the upper one rises, which ends what is kept. */
  static final int CLAIM_BITS = 16;

  private static final long HEARD = 1L << CLAIM_BITS;

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
    numbers.getAndAdd(stripe, HEARD);
  }

  /**
   * A reply has come that may be kept.
   *
   * @param asked the number when it was asked for
   * @return whether nothing has been heard since, and no other reply was kept; if so, its number is
   *     {@code asked + 1}, which no other reply has
   */
  boolean claim(int stripe, long asked) {
    return numbers.compareAndSet(stripe, asked, asked + 1);
  }

  /** Whether nothing has been heard since a reply was kept with this number. */
  boolean isUnheard(int stripe, long version) {
    return numbers.get(stripe) >>> CLAIM_BITS == version >>> CLAIM_BITS;
  }
}
