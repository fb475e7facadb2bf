package io.cashew.proxy.cache.redelete;

import io.cashew.proxy.metrics.RuleRecorder;

/**
 * A deletion that is to be repeated.
 *
 * @param key of the database
 * @param unlink whether it was an {@code UNLINK}; else a {@code DEL}
 * @param database that the client had selected
 * @param recorder counts for the rule of the key
 * @param dueMillis when, in ticks of the worker
 * @param attempts that were made and came to nothing
 */
public record Deletion(
    byte[] key, boolean unlink, int database, RuleRecorder recorder, long dueMillis, int attempts) {
  private static final int MOST_ATTEMPTS = 8;
  private static final long FIRST_PAUSE_MILLIS = 100;

  /** The next attempt, each after twice as long as the one before. */
  Deletion again(long nowMillis) {
    long pause = FIRST_PAUSE_MILLIS << attempts;
    return new Deletion(key, unlink, database, recorder, nowMillis + pause, attempts + 1);
  }

  boolean mayGoAgain() {
    return attempts < MOST_ATTEMPTS;
  }
}
