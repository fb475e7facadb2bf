package io.cashew.proxy.cache;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeFailure;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.RuleRecorder;
import io.cashew.proxy.metrics.RuleRecorders;
import io.cashew.proxy.route.ReplyWatch;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The near cache of a pool whose servers tell nobody of keys that change, as those of memcached, as
 * one worker has it. What clients of this process write ends what is kept, as everywhere ({@link
 * Versions}); what others write is seen when the time of the rule is over. Confined to the worker.
 */
public final class TimedPart {
  private final NearCache cache;
  private final Worker worker;
  private final RuleCounts counts;
  private final Uses uses;
  private final KeyBytes key = new KeyBytes();

  /** As this worker routes; null: that is not known yet, and nothing is kept. */
  private @Nullable Ownership ownership;

  /** A worker's part, which keeps nothing before {@link #follow}. */
  public TimedPart(NearCache cache, Worker worker, RuleRecorders recorders) {
    this.cache = cache;
    this.worker = worker;
    uses = new Uses(worker.index());
    counts = new RuleCounts(cache, recorders);
  }

  /** Whether it is a part of this cache. */
  public boolean isOf(@Nullable NearCache other) {
    return cache == other;
  }

  NearCache cache() {
    return cache;
  }

  Versions versions() {
    return cache.versions();
  }

  RuleRecorder recorder(CacheRule rule) {
    return counts.of(rule);
  }

  /**
   * Keys may be elsewhere from now on.
   *
   * @param version of the topology that this worker routes by
   */
  public void follow(long version) {
    assert worker.inThread();
    Ownership now = cache.ownership();
    if (now.version() == version) { // else a newer one is on its way
      ownership = now;
    }
  }

  /** Some time has passed. */
  public void onTick(long tickMillis) {
    assert worker.inThread();
    if (worker.index() == 0) {
      counts.onTick(tickMillis);
    }
  }

  // ---------------------------------------------------------------- what is kept

  /** The rule of a key of which something is kept; null: nothing is. Looks at the key then. */
  public @Nullable CacheRule ruleOf(ByteBuf buf, int offset, int length) {
    CacheRule rule = cache.rules().of(buf, offset, length);
    if (rule == null || !rule.hearsOfWrites()) {
      return null;
    }
    key.set(buf, offset, length);
    return rule;
  }

  /** What is given of the key that was looked at, if memory has its value; null: it has not. */
  public byte @Nullable [] value(CacheRule rule) {
    Kept value = rule.nearMillis() == 0 ? null : good(cache.values());
    return value == null ? null : value.reply();
  }

  /** Whether memory knows that there is no such key as was looked at. */
  public boolean isMissing(CacheRule rule) {
    return rule.missingMillis() > 0 && good(cache.missing()) != null;
  }

  private @Nullable Kept good(Store store) {
    long now = System.nanoTime();
    Kept kept = store.get(key, uses, now);
    return kept != null && cache.keeper().counts(kept) && kept.isGood(cache.ownership(), now)
        ? kept
        : null;
  }

  /** A value is given from memory. */
  public void isHit(CacheRule rule) {
    recorder(rule).hits++;
  }

  /** It is said from memory that there is no such key. */
  public void isMissingHit(CacheRule rule) {
    recorder(rule).missingHits++;
  }

  /** A server is asked. */
  public void isMiss(CacheRule rule) {
    recorder(rule).misses++;
  }

  // ---------------------------------------------------------------- what is asked and written

  /** The key that was looked at is about to be asked for, of a server. */
  TimedFill.Asked asked(CacheRule rule, Node of) {
    int stripe = versions().stripe(key.hash());
    Ownership now = ownership;
    Source source = cache.source(of);
    source.tellsNothing();
    return new TimedFill.Asked(
        key.copy(),
        rule,
        stripe,
        versions().now(stripe),
        now == null ? null : Origin.of(source, now, key));
  }

  /** Keys are about to be asked for: what is said of them may be kept. */
  public TimedFill fill(boolean keepsMissing) {
    return new TimedFill(this, keepsMissing, worker.nowNanos());
  }

  /**
   * The key that was looked at is in a request that is about to be sent.
   *
   * @param writes whether it may be written by it
   * @return hears of the reply
   */
  public ReplyWatch ends(boolean writes) {
    int stripe = versions().stripe(key.hash());
    if (writes) {
      versions().end(stripe);
    }
    return new AtItsEnd(() -> versions().end(stripe));
  }

  /**
   * All keys are about to be flushed.
   *
   * @param inSeconds when servers do it
   * @return hears of the reply
   */
  public ReplyWatch flushes(long inSeconds) {
    cache.forgetAll();
    if (inSeconds > 0) {
      cache.isFlushedAt(System.nanoTime() + TimeUnit.SECONDS.toNanos(inSeconds));
    }
    return new AtItsEnd(cache::forgetAll);
  }

  /** Does the same whatever comes of a request. */
  private record AtItsEnd(Runnable task) implements ReplyWatch {
    @Override
    public boolean onReply(ByteBuf buf, int index, int length, boolean last) {
      if (last) {
        task.run();
      }
      return false;
    }

    @Override
    public byte @Nullable [] onNoReply(@Nullable NodeFailure failure) {
      task.run();
      return null;
    }
  }
}
