package io.cashew.proxy.client.connection;

import io.cashew.proxy.cache.CachePart;
import io.cashew.proxy.cache.rule.CacheRules;
import io.cashew.proxy.client.PoolPart;
import org.jspecify.annotations.Nullable;

/**
 * What the cache rules of a pool do on one worker, for whoever comes by routes as for its own
 * clients. Equal while nothing of that is another.
 *
 * @param pool the pool's part of the worker
 * @param rules of the pool
 * @param cache what it keeps; null: nothing
 * @param redeletes repeats deletions; null: no rule of it asks for that
 */
record TargetRules(
    PoolPart pool, CacheRules rules, @Nullable CachePart cache, @Nullable Redeletes redeletes) {

  /** Its rates; null: none of its rules has any. */
  @Nullable RuleRates rates() {
    return RuleRates.of(rules, pool.directory().rates(), pool.recorder().rules, pool.worker());
  }
}
