package io.cashew.proxy.cache;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.cache.rule.Guard;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.RuleRecorder;
import io.cashew.proxy.metrics.RuleRecorders;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.Exchange;
import io.cashew.proxy.route.Router;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The near cache of a pool as one worker has it: what its clients ask for, what is on its way, and
 * the connections on which this worker hears of keys that change. Confined to the worker.
 */
public final class CachePart {
  private static final int SPARE_WATCHES_MAX = 1024;

  private final NearCache cache;
  private final Worker worker;
  private final RuleCounts counts;
  private final KeyBytes key = new KeyBytes();
  private final Uses uses;
  private final Map<KeyBytes, Fill> fills = new HashMap<>();
  private final SourceLinks links;
  private final Questions questions;
  private final LoadPart loads;
  private final @Nullable GuardPart guard;
  private final ArrayDeque<KeyWatch> spareWatches = new ArrayDeque<>();

  /** As this worker routes; null: that is not known yet, and nothing is kept. */
  private @Nullable Ownership ownership;

  /** A worker's part, which hears of nothing before {@link #follow}. */
  public CachePart(NearCache cache, Worker worker, Router router, RuleRecorders recorders) {
    this.cache = cache;
    this.worker = worker;
    uses = new Uses(worker.index());
    questions = new Questions(worker, router);
    boolean guards = cache.rules().any(rule -> rule.guard() == Guard.EXISTING);
    guard = guards ? new GuardPart(cache, worker) : null;
    links = new SourceLinks(cache, worker, guard, this::invalidated);
    counts = new RuleCounts(cache, recorders);
    loads = new LoadPart(cache, questions, links, counts.all());
  }

  /** Whether it is a part of this cache. */
  public boolean isOf(@Nullable NearCache other) {
    return cache == other;
  }

  /** The filters of keys that exist; null: no rule asks for one. */
  public @Nullable GuardPart guard() {
    return guard;
  }

  NearCache cache() {
    return cache;
  }

  Worker worker() {
    return worker;
  }

  /** The key that was looked at; it is filled anew by the next. */
  KeyBytes looked() {
    return key;
  }

  Versions versions() {
    return cache.versions();
  }

  /** Who loads keys, and what others are told meanwhile. */
  LoadPart loads() {
    return loads;
  }

  /** What is counted for a rule on this worker. */
  public RuleRecorder recorder(CacheRule rule) {
    return counts.of(rule);
  }

  // ---------------------------------------------------------------- servers

  /**
   * Keys may be elsewhere from now on.
   *
   * @param backends this worker's sides of the primaries
   * @param version of the topology that this worker routes by
   */
  public void follow(List<Backend> backends, long version) {
    assert worker.inThread();
    Ownership now = cache.ownership();
    if (now.version() == version) { // else a newer one is on its way
      ownership = now;
    }
    links.follow(backends);
  }

  public void onTick(long tickMillis) {
    assert worker.inThread();
    links.onTick(tickMillis);
    loads.onTick(worker.nowNanos());
    if (worker.index() == 0) {
      counts.onTick(tickMillis);
    }
  }

  /** Ends the connections on which it hears. */
  public void close() {
    assert worker.inThread();
    links.close();
  }

  /**
   * Runs a task when all has been heard that servers have to tell now.
   *
   * @param of which server; null: all of them
   */
  void whenHeard(@Nullable Node of, Runnable task) {
    links.whenHeard(of, task);
  }

  /** A server tells that a key has changed. */
  private void invalidated(Node by, KeyBytes changed, ByteBuf buf, int index, int length) {
    CacheRule rule = cache.rules().of(buf, index, length);
    if (rule != null) {
      recorder(rule).invalidations++;
      if (rule.staleMillis() > 0) {
        loads.stales().changed(changed, by);
      }
    }
    versions().end(versions().stripe(changed.hash()));
    cache.leases().heardOf(versions().stripe(changed.hash()));
  }

  // ---------------------------------------------------------------- requests

  /** The rule of a key of which something is kept; null: nothing is. Looks at the key then. */
  public @Nullable CacheRule ruleOf(RequestFrame frame, int argument) {
    return looksAt(anyRuleOf(frame, argument), frame, argument);
  }

  /** The rule of a key, whatever it is about; null: it has none. */
  public @Nullable CacheRule anyRuleOf(RequestFrame frame, int argument) {
    return cache.rules().of(frame.buf(), frame.offset(argument), frame.length(argument));
  }

  /** As {@link #ruleOf}, of a key whose rule has been found. */
  public @Nullable CacheRule looksAt(@Nullable CacheRule rule, RequestFrame frame, int argument) {
    if (rule == null || !(rule.hearsOfWrites() || rule.collapses())) {
      return null;
    }
    key.set(frame.buf(), frame.offset(argument), frame.length(argument));
    return rule;
  }

  /** Whether a client may be owed a reply about the key that was looked at. */
  public boolean mayBeOwed(Seat seat) {
    return seat.mayBeOwed(key.hash());
  }

  /** The value that memory has of the key that was looked at, as a reply to GET; null: none. */
  public byte @Nullable [] value(CacheRule rule) {
    // The time is not that of the iteration: the process may have been stopped.
    byte[] value = value(rule, System.nanoTime());
    recorder(rule).hits += value == null ? 0 : 1;
    return value;
  }

  private byte @Nullable [] value(CacheRule rule, long now) {
    Kept value = rule.nearMillis() == 0 ? null : cache.values().get(key, uses, now);
    byte[] reply = value == null ? null : value.reply();
    return value != null && reply != null && isGood(value, now) ? reply : null;
  }

  /** The reply if memory knows that there is no such key as was looked at; null: it does not. */
  public byte @Nullable [] nothing(CacheRule rule, boolean resp3) {
    long now = System.nanoTime();
    Kept nothing = rule.missingMillis() == 0 ? null : cache.missing().get(key, uses, now);
    if (nothing != null && isGood(nothing, now)) {
      recorder(rule).missingHits++;
      return Awaited.Value.nil(resp3);
    }
    recorder(rule).misses++;
    return null;
  }

  /** What a client is told of a key that does not exist. */
  public byte[] nil(boolean resp3) {
    return Awaited.Value.nil(resp3);
  }

  /** What is given of a key while its server cannot answer; null: nothing is. */
  byte @Nullable [] onError(KeyBytes of, CacheRule rule) {
    byte[] value = lookOnError(of, rule);
    recorder(rule).staleOnError += value == null ? 0 : 1;
    return value;
  }

  /** The same, which is not counted. */
  byte @Nullable [] lookOnError(KeyBytes of, CacheRule rule) {
    Kept value = keptOnError(of, rule);
    return value == null ? null : value.reply();
  }

  @Nullable Kept keptOnError(KeyBytes of, CacheRule rule) {
    Kept value = rule.staleOnErrorMillis() == 0 ? null : cache.values().look(of);
    return value == null
            || !cache.keeper().counts(value)
            || !value.isGoodOnError(cache.ownership(), System.nanoTime())
        ? null
        : value;
  }

  /** The same of the key that was looked at. */
  public byte @Nullable [] onError(CacheRule rule) {
    return onError(key, rule);
  }

  /** The same, which is not counted. */
  public byte @Nullable [] peekOnError(CacheRule rule) {
    return lookOnError(key, rule);
  }

  /** What was peeked at so is given. */
  public void isGivenOnError(CacheRule rule) {
    recorder(rule).staleOnError++;
  }

  /** The same for a reply that is made later of the value of the key that was looked at. */
  public Supplier<byte @Nullable []> laterOnError(
      CacheRule rule, Function<byte[], byte[]> replyOf) {
    KeyBytes of = key.copy();
    return () -> {
      byte[] value = onError(of, rule);
      return value == null ? null : replyOf.apply(value);
    };
  }

  // ---------------------------------------------------------------- what others load

  /**
   * What is given of the key that was looked at although it has ended; null: nothing is. Of all
   * clients that ask one is given nothing: it loads the key.
   */
  public byte @Nullable [] stale(CacheRule rule, Seat seat) {
    return loads.stale(key, rule, seat);
  }

  /**
   * The same for a client that is not told by this to load it; it is not counted.
   *
   * @param whileLoading whether only while another client loads it
   */
  public byte @Nullable [] peekStale(CacheRule rule, Seat seat, boolean whileLoading) {
    return rule.staleMillis() == 0 ? null : loads.stales().peek(key, seat, whileLoading);
  }

  /** What was peeked at so is given. */
  public void isGivenStale(CacheRule rule) {
    recorder(rule).stale++;
  }

  /** Whether something may be given of the key that was looked at although it has ended. */
  public boolean isStale(CacheRule rule) {
    return loads.isStale(key, rule);
  }

  /** Under which another client loads the key that was looked at; null: none does. */
  public Leases.@Nullable Lease leaseOfOther(CacheRule rule, Seat seat) {
    return rule.leaseMillis() == 0 ? null : loads.byOther(key, seat);
  }

  /**
   * Has a request wait until the key that was looked at is loaded.
   *
   * @return whether it waits: too many may do so
   */
  public boolean waits(
      CacheRule rule, Leases.Lease lease, Seat seat, Exchange request, boolean resp3) {
    return loads.waits(key.copy(), rule, lease, seat, request, resp3);
  }

  /** A client that was to load the key that was looked at, perhaps, is told something else. */
  public void isNotLoaded(CacheRule rule, Seat seat) {
    loads.isNotLoaded(key, rule, seat, false);
  }

  /** A client's request is about the key that was looked at: it waits for that no longer. */
  public void endWaits(Seat seat) {
    seat.endWaits(key);
  }

  /** Whether a value that is never given while it is the newest still is that. */
  private boolean isNewestOnly(Kept kept) {
    return kept.rule().nearMillis() == 0
        && kept.reply() != null
        && kept.stale() == null
        && cache.keeper().counts(kept)
        && kept.isBelieved(cache.ownership(), System.nanoTime());
  }

  /** Whether how long a key lives is known of the value that is kept of it. */
  boolean knowsLife(KeyBytes of, CacheRule rule) {
    Kept kept = rule.nearMillis() == 0 ? cache.values().look(of) : null;
    return kept != null && isNewestOnly(kept);
  }

  boolean isGood(Kept kept, long now) {
    return cache.keeper().counts(kept) && kept.isGood(cache.ownership(), now);
  }

  /**
   * The request under way whose reply is to be that of another for the same key, too.
   *
   * @param copies whether any copy of the key may answer the other one
   */
  public @Nullable Fill underWay(CacheRule rule, boolean copies) {
    Fill fill = rule.collapses() || rule.leaseMillis() > 0 ? fills.get(key) : null;
    return fill != null && fill.mayBeJoined(copies) ? fill : null;
  }

  /** Whether a request under way is at a server that has what was written last. */
  static boolean isAtPrimary(Exchange underWay) {
    Node at = underWay.node();
    return at != null && !at.isReplica();
  }

  /**
   * A GET of the key that was looked at is about to be sent.
   *
   * @param shared whether others may have its reply
   */
  public Fill begin(CacheRule rule, Seat seat, boolean shared, boolean resp3) {
    Fill fill = new Fill(this, key.copy(), rule, seat, resp3, worker.nowNanos());
    if (shared) {
      fills.putIfAbsent(fill.key(), fill);
    }
    return fill;
  }

  /** Whether what a server says now may be kept; if so, a fill is told. */
  public boolean mayKeep(Fill fill, Node of) {
    Origin origin = origin(fill.key(), of);
    if (origin != null) {
      fill.mayBeKept(origin);
    }
    return origin != null;
  }

  /** What is asked now of a server, as far as the answer may be kept; null: it may not. */
  @Nullable Origin origin(KeyBytes of, Node from) {
    Source source = cache.source(from);
    Ownership now = ownership;
    Origin origin = now == null ? null : Origin.of(source, now, of);
    return source.isHeard(System.nanoTime()) ? origin : null;
  }

  /** A GET was sent to a server: asks how long its key lives, behind it. */
  public void isSent(Fill fill, Exchange request, Backend to, Lane lane) {
    fill.isSent(request);
    if (fill.needsLife()) {
      TimeToLive.ask(questions, fill.key(), fill, to, lane);
    }
  }

  /** Asks how long a key lives whose value is here. */
  void askLife(KeyBytes of, Life life) {
    TimeToLive.ask(questions, of, life, questions.primaryOf(of), questions.lane());
  }

  /** What the proxy asks for itself. */
  Questions questions() {
    return questions;
  }

  /** What is to be said of the key that was looked at, if memory knows it; it is not counted. */
  public byte @Nullable [] peek(CacheRule rule, boolean resp3) {
    long now = System.nanoTime();
    byte[] value = value(rule, now);
    if (value != null) {
      return value;
    }
    Kept nothing = rule.missingMillis() == 0 ? null : cache.missing().get(key, uses, now);
    return nothing != null && isGood(nothing, now) ? Awaited.Value.nil(resp3) : null;
  }

  /** What was peeked at is given. */
  public void isGiven(CacheRule rule, boolean nil) {
    RuleRecorder of = recorder(rule);
    of.hits += nil ? 0 : 1;
    of.missingHits += nil ? 1 : 0;
  }

  /** A request is about to be sent about keys whose replies do not come from memory. */
  public KeyWatch watch() {
    KeyWatch spare = spareWatches.poll();
    return spare == null ? new KeyWatch(this) : spare;
  }

  /** Its reply is over. */
  void give(KeyWatch watch) {
    if (spareWatches.size() < SPARE_WATCHES_MAX) {
      spareWatches.push(watch);
    }
  }

  /** The stripe of the key that was looked at. */
  public int stripe() {
    return versions().stripe(key.hash());
  }

  /** A request is about the key that was looked at. */
  public void addTo(KeyWatch watch, CacheRule rule) {
    watch.add(stripe(), bit());
    if (rule.staleMillis() > 0) {
      watch.add(key.copy());
    }
  }

  /** A request about the key that was looked at was queued in a transaction. */
  public void addTo(Seat seat, CacheRule rule) {
    Stripes queued = seat.queued(versions());
    queued.add(stripe());
    if (rule.staleMillis() > 0) {
      queued.add(key.copy());
    }
  }

  /** The bit of the key that was looked at: see {@link Seat}. */
  public long bit() {
    return Seat.bit(key.hash());
  }

  // ---------------------------------------------------------------- replies

  /** Bytes of the longest reply that is kept. */
  int replyBytesMax() {
    return cache.replyBytesMax();
  }

  /** Others no longer get this one's reply. */
  void isOver(Fill fill) {
    fills.remove(fill.key(), fill);
  }

  /**
   * Whether a reply is what is kept of its key, which counts on then: what was asked for before
   * does not.
   *
   * @param reply its first {@code length} bytes; null: there is no such key
   */
  boolean isKeptAlready(KeyBytes of, byte @Nullable [] reply, int length) {
    Kept kept = (reply == null ? cache.missing() : cache.values()).look(of);
    if (kept == null || !(isGood(kept, System.nanoTime()) || isNewestOnly(kept))) {
      return false;
    }
    return kept.says(reply, length) && countsOn(kept);
  }

  /** As {@link Keeper#countsOn}. */
  boolean countsOn(Kept kept) {
    return cache.keeper().countsOn(kept);
  }

  /** As {@link Keeper#claims}. */
  boolean claims(KeyBytes of, int stripe, long asked) {
    return cache.keeper().claims(of, stripe, asked);
  }

  /** The same of a reply to GET. */
  boolean claims(KeyBytes of, int stripe, long asked, byte @Nullable [] reply, int length) {
    return cache.keeper().claims(of, stripe, asked, reply, length);
  }

  /** As {@link Keeper#keep}; what is not kept is counted. */
  void keep(Kept kept) {
    recorder(kept.rule()).fillsDropped += cache.keeper().keep(kept) ? 0 : 1;
  }
}
