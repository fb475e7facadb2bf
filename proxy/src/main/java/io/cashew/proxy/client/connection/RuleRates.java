package io.cashew.proxy.client.connection;

import io.cashew.proxy.cache.limit.KeyBuckets;
import io.cashew.proxy.cache.limit.RateBucket;
import io.cashew.proxy.cache.limit.SharedRates;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.cache.rule.CacheRules;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.RuleRecorder;
import io.cashew.proxy.metrics.RuleRecorders;
import io.cashew.proxy.resp.RequestFrame;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rates of the rules of one pool. Confined to the worker; the buckets are shared by all, and by
 * the clients of all pools whose routes lead to this one, but for those of one connection.
 */
final class RuleRates {
  private final Worker worker;
  private final CacheRules rules;

  /** By the index of the rule. */
  private final @Nullable OfRule[] rated;

  private final Map<Client, @Nullable RateBucket[]> ofClients = new HashMap<>();
  private final KeyBuckets.Probe probe = new KeyBuckets.Probe();

  /** A rule that has rates. */
  private static final class OfRule {
    private final CacheRule rule;
    private final @Nullable RateBucket all;
    private final @Nullable KeyBuckets keys;
    private final RuleRecorder recorder;

    OfRule(CacheRule rule, SharedRates rates, RuleRecorder recorder, long nowNanos) {
      this.rule = rule;
      this.recorder = recorder;
      all = rule.rate() > 0 ? rates.ofRule(rule, nowNanos) : null;
      keys = rule.ratePerKey() > 0 ? rates.ofKeys(rule) : null;
    }

    /** The error of a request that is above a rate. */
    String error(int rate, String of) {
      return "RATELIMITED Too many requests for "
          + of
          + " '"
          + rule.match()
          + "': more than "
          + rate
          + " in a second, try again later";
    }
  }

  private RuleRates(CacheRules rules, SharedRates rates, RuleRecorders recorders, Worker worker) {
    this.worker = worker;
    this.rules = rules;
    rated = new @Nullable OfRule[rules.rules().size()];
    for (CacheRule rule : rules.rules()) {
      if (rule.isRated()) {
        RuleRecorder recorder = recorders.of(CacheRules.label(rule));
        rated[rule.index()] = new OfRule(rule, rates, recorder, worker.nowNanos());
      }
    }
  }

  /**
   * Those of a pool; null: none of its rules has any.
   *
   * @param rates the pool's
   * @param recorders the pool's on this worker
   */
  static @Nullable RuleRates of(
      CacheRules rules, SharedRates rates, RuleRecorders recorders, Worker worker) {
    return rules.any(CacheRule::isRated) ? new RuleRates(rules, rates, recorders, worker) : null;
  }

  /** A client has left. */
  void left(Client client) {
    ofClients.remove(client);
  }

  /** Why a request is one too many for a key, of which it takes what it needs; null: it is not. */
  @Nullable String refusal(Tokens taken, Client client, RequestFrame frame, int key) {
    assert worker.inThread();
    CacheRule rule = rules.of(frame.buf(), frame.offset(key), frame.length(key));
    OfRule of = rule == null ? null : rated[rule.index()];
    if (rule == null || of == null) {
      return null;
    }
    String refusal = null;
    if (!taken.take(of.all)) {
      refusal = of.error(rule.rate(), "keys of");
    } else if (of.keys != null && !taken.take(ofKey(of.keys, frame, key))) {
      refusal = of.error(rule.ratePerKey(), "one key of");
    } else if (!taken.take(ofClient(client, rule))) {
      refusal = of.error(rule.ratePerClient(), "keys of");
    }
    if (refusal != null) {
      of.recorder.rateLimited++;
    }
    return refusal;
  }

  private RateBucket ofKey(KeyBuckets keys, RequestFrame frame, int key) {
    return keys.of(frame.buf(), frame.offset(key), frame.length(key), probe, worker.nowNanos());
  }

  private @Nullable RateBucket ofClient(Client client, CacheRule rule) {
    if (rule.ratePerClient() == 0) {
      return null;
    }
    @Nullable RateBucket[] all =
        ofClients.computeIfAbsent(client, absent -> new @Nullable RateBucket[rated.length]);
    RateBucket known = all[rule.index()];
    if (known == null) {
      all[rule.index()] = known = new RateBucket(rule.ratePerClient(), worker.nowNanos());
    }
    return known;
  }
}
