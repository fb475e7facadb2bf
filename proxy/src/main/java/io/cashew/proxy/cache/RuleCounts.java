package io.cashew.proxy.cache;

import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.cache.rule.CacheRules;
import io.cashew.proxy.metrics.RuleRecorder;
import io.cashew.proxy.metrics.RuleRecorders;

/** What is counted for the rules of a cache on one worker. Confined to it. */
final class RuleCounts {
  private static final long COUNT_MILLIS = 1000;

  private final NearCache cache;
  private final RuleRecorder[] recorders;
  private long nextTickMillis;

  RuleCounts(NearCache cache, RuleRecorders recorders) {
    this.cache = cache;
    this.recorders =
        cache.rules().rules().stream()
            .map(rule -> recorders.of(CacheRules.label(rule)))
            .toArray(RuleRecorder[]::new);
  }

  RuleRecorder of(CacheRule rule) {
    return recorders[rule.index()];
  }

  RuleRecorder[] all() {
    return recorders;
  }

  /** On one worker of a pool: counts what all of them keep together, once a second. */
  void onTick(long tickMillis) {
    if (tickMillis < nextTickMillis) {
      return;
    }
    nextTickMillis = tickMillis + COUNT_MILLIS;
    for (RuleRecorder each : recorders) {
      each.bytes = 0;
      each.entries = 0;
    }
    for (CacheRule rule : cache.rules().rules()) { // of which those behind the last share one
      of(rule).bytes += cache.values().bytes(rule) + cache.missing().bytes(rule);
      of(rule).evictions +=
          cache.values().takeEvictions(rule) + cache.missing().takeEvictions(rule);
      of(rule).entries += cache.values().entries(rule) + cache.missing().entries(rule);
    }
  }
}
