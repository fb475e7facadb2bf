package io.cashew.proxy.cache;

import org.jspecify.annotations.Nullable;

/** Keeps replies of servers as {@link Versions} have it. Shared by all threads. */
final class Keeper {
  private final Versions versions;
  private final Store values;
  private final Store missing;

  /**
   * Keeps nothing yet.
   *
   * @param values of keys
   * @param missing keys that do not exist
   */
  Keeper(Versions versions, Store values, Store missing) {
    this.versions = versions;
    this.values = values;
    this.missing = missing;
  }

  /**
   * A reply has come that may be kept, and is not given yet: ends what is kept of its key, if it is
   * to be kept.
   *
   * @param asked the number of the stripe when it was asked for
   * @return whether it is to be kept, with the number {@code asked + 1}; if not, what is kept is as
   *     it was
   */
  boolean claims(KeyBytes key, int stripe, long asked) {
    boolean claimed = versions.claim(stripe, asked);
    if (claimed) {
      replace(values.look(key));
      replace(missing.look(key));
    }
    return claimed;
  }

  /**
   * The same of a reply to GET. What is kept and says the same stays as it is until the new one is
   * kept: it is the newest value meanwhile, also if its life is over.
   *
   * @param reply its first {@code length} bytes; null: there is no such key
   */
  boolean claims(KeyBytes key, int stripe, long asked, byte @Nullable [] reply, int length) {
    boolean claimed = versions.claim(stripe, asked);
    if (claimed) {
      replaceOther(values.look(key), reply, length);
      replaceOther(missing.look(key), reply, length);
    }
    return claimed;
  }

  private static void replaceOther(@Nullable Kept kept, byte @Nullable [] reply, int length) {
    if (kept != null && !kept.says(reply, length)) {
      kept.isReplaced();
    }
  }

  private static void replace(@Nullable Kept kept) {
    if (kept != null) {
      kept.isReplaced();
    }
  }

  /**
   * Keeps what was claimed.
   *
   * @return false: something has come between
   */
  boolean keep(Kept kept) {
    int stripe = versions.stripe(kept.key().hash());
    if (versions.now(stripe) != kept.version()) {
      return false; // what is kept of its key may be newer
    }
    (kept.isMissing() ? missing : values).put(kept);
    return kept.begins(versions, stripe);
  }

  /** Whether something that is kept counts. */
  boolean counts(Kept kept) {
    return kept.counts(versions, versions.stripe(kept.key().hash()));
  }

  /**
   * A reply has come that says what is kept.
   *
   * @return whether that counts; if so, nothing is kept that was asked for before
   */
  boolean countsOn(Kept kept) {
    int stripe = versions.stripe(kept.key().hash());
    long now = versions.now(stripe);
    return kept.counts(versions, stripe) && versions.claim(stripe, now);
  }
}
