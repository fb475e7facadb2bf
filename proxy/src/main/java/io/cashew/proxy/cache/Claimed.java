package io.cashew.proxy.cache;

/**
 * Something that was kept of a reply for which a number was {@link Versions#claim claimed}: from
 * when it begins to count until something is heard, or there is another reply about its key. Shared
 * by all threads.
 */
class Claimed {
  private final long version;
  private volatile boolean counts;

  /** Guarded by this. */
  private boolean replaced;

  /** Does not count yet. */
  Claimed(long version) {
    this.version = version;
  }

  /** The number that was claimed for it. */
  final long version() {
    return version;
  }

  /**
   * Has it count, if there is no other reply about its key, and nothing was heard. It must be where
   * it is found before this: a reply that comes between ends it there, or has changed the number.
   *
   * @return whether it counts
   */
  final boolean begins(Versions versions, int stripe) {
    return versions.now(stripe) == version && begin();
  }

  private synchronized boolean begin() {
    counts = !replaced;
    return counts;
  }

  /** There is another reply about its key, for which a number was claimed before this. */
  final synchronized void isReplaced() {
    replaced = true;
    counts = false;
  }

  /** Whether it counts. */
  final boolean counts(Versions versions, int stripe) {
    return counts && versions.isUnheard(stripe, version);
  }
}
