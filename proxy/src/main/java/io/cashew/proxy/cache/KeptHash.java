package io.cashew.proxy.cache;

import io.cashew.proxy.cache.rule.CacheRule;
import org.jspecify.annotations.Nullable;

/** What is kept of a key whose value is a hash. */
final class KeptHash extends Kept {
  private final HashValue hash;

  /** A hash to keep; see {@link Kept}. */
  KeptHash(
      KeyBytes key,
      CacheRule rule,
      HashValue hash,
      Origin origin,
      long endNanos,
      long keyEndNanos,
      long version) {
    super(key, rule, null, origin, endNanos, keyEndNanos, version);
    this.hash = hash;
  }

  @Override
  @Nullable HashValue hash() {
    return hash;
  }

  @Override
  int weight() {
    return super.weight() + hash.weight();
  }
}
