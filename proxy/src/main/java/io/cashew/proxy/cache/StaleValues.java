package io.cashew.proxy.cache;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which of the values that are kept have ended as the newest of their keys: see {@link
 * Stale}. Shared by all threads.
 *
 * <p>A value is the newest while it counts ({@link Versions}). So whoever hears of a key calls this
 * before that number rises, but for a write of a client, which raises the number first: a value
 * that comes to be kept in between is not the newest then.
 */
final class StaleValues {
  private final Store values;
  private final Versions versions;

  StaleValues(Store values, Versions versions) {
    this.values = values;
    this.versions = versions;
  }

  private boolean isNewest(Kept kept) {
    return kept.counts(versions, versions.stripe(kept.key().hash()));
  }

  /** How it has ended, if it was the newest until now; null: it was not, or is the newest. */
  private @Nullable Stale ended(Kept kept, boolean now, long nowNanos) {
    Stale stale = kept.stale();
    if (stale == null && now && isNewest(kept)) {
      return kept.ends(nowNanos);
    }
    // Who has raised the number since the first look has said before how it ended.
    return stale == null ? kept.stale() : stale;
  }

  /** The value that may be given of a key that has ended, or about which that is undecided. */
  @Nullable Kept of(KeyBytes key, Ownership ownership, long nowNanos) {
    Kept kept = values.look(key);
    if (kept == null || kept.reply() == null || !kept.isBelieved(ownership, nowNanos)) {
      return null;
    }
    Stale stale = ended(kept, kept.hasExpired(nowNanos), nowNanos);
    return stale == null || stale.isOver(nowNanos) ? null : kept;
  }

  /** How the value has ended that is kept of a key; null: none is, or it has not. */
  @Nullable Stale look(KeyBytes key) {
    Kept kept = value(key);
    return kept == null ? null : kept.stale();
  }

  /**
   * A server tells that a key has changed; its number rises behind this.
   *
   * @return what is to be decided, for which that server must be asked; null: nothing is
   */
  @Nullable Stale changed(KeyBytes key, long nowNanos) {
    Kept kept = value(key);
    Stale stale = kept == null ? null : ended(kept, true, nowNanos);
    return stale != null && stale.heard(nowNanos) ? stale : null;
  }

  /**
   * A client is about to delete a key, or has; its number rises behind this.
   *
   * @return what may be given when it is deleted, if it is the newest value until then; null:
   *     nothing may be
   */
  @Nullable Kept isDeleted(KeyBytes key, long nowNanos) {
    Kept kept = value(key);
    Stale stale = kept == null ? null : ended(kept, true, nowNanos);
    return stale == null || stale.isOver(nowNanos) ? null : kept;
  }

  /** A client may write a key, or may have; its number has risen. */
  void isWritten(KeyBytes key) {
    Kept kept = value(key);
    if (kept != null) {
      kept.isOutdated();
    }
  }

  /**
   * A client is told a value of a key.
   *
   * @param reply its first {@code length} bytes, as GET has it; null: too long to be kept
   * @param to the client
   */
  void isSeen(KeyBytes key, byte @Nullable [] reply, int length, Seat to) {
    Kept kept = value(key);
    if (kept == null) {
      return;
    }
    byte[] value = kept.reply();
    Stale stale = kept.stale();
    if (value == null
        || reply == null
        || !Arrays.equals(value, 0, value.length, reply, 0, length)) {
      kept.isOutdated();
    } else if (stale != null) {
      stale.release(to); // it has not ended yet, as far as this reply knows
    }
  }

  /** What is kept of a key, if it is no hash, of which nothing is given after its end. */
  private @Nullable Kept value(KeyBytes key) {
    Kept kept = values.look(key);
    return kept == null || kept.reply() == null ? null : kept;
  }
}
