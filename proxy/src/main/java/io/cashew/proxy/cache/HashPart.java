package io.cashew.proxy.cache;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.Lane;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.Exchange;
import io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The hashes of a pool's near cache as one worker has them: what is kept of them, and which are on
 * their way. It is asked about the key that was looked at in its {@link CachePart}. Confined to the
 * worker.
 */
public final class HashPart {
  /** For so long a hash that is not kept is not asked for as a whole again. */
  private static final long NOT_WHOLE_MILLIS = 10_000;

  private static final int PLACES = 1 << 12;

  private final Uses uses;
  private final CachePart part;
  private final Worker worker;
  private final KeyBytes field = new KeyBytes();
  private final Map<KeyBytes, HashFetch> fetches = new HashMap<>();

  /** Reads on their way that were sent for themselves, whose replies others may have, too. */
  private final Map<Read, HashWatch> reads = new HashMap<>();

  /**
   * Keys that cannot be asked for as a whole, by their hashes: until when, in milliseconds of the
   * tick, and beside it the hash. Of two at one place the later one counts, which costs a request.
   */
  private final long[] notWholeUntil = new long[PLACES];

  private final int[] notWhole = new int[PLACES];

  /** What is read of which key. */
  record Read(KeyBytes key, HashQuestion question) {}

  /** What a client waits for while another one loads its key. */
  private record AwaitedHash(HashPart hashes, CacheRule rule, HashQuestion question)
      implements Awaited {
    @Override
    public byte[] nothing() {
      return question.reply(null);
    }

    @Override
    public boolean isValue() {
      return false;
    }

    @Override
    public void read(Waiter waiter) {
      waiter.seat().over(); // it is watched as one that reads from now on
      hashes.readTogether(waiter.key(), rule, waiter.seat(), waiter.request(), question);
    }
  }

  /** Beside what is kept of strings. */
  public HashPart(CachePart part) {
    this.part = part;
    worker = part.worker();
    uses = new Uses(worker.index());
  }

  CachePart part() {
    return part;
  }

  // ---------------------------------------------------------------- what memory has

  /** The hash that memory has; null: none. */
  public @Nullable HashValue value(CacheRule rule) {
    assert worker.inThread();
    long now = System.nanoTime();
    Store values = part.cache().values();
    Kept kept = rule.nearMillis() == 0 ? null : values.get(part.looked(), uses, now);
    HashValue hash = kept == null ? null : kept.hash();
    if (kept == null || hash == null || !part.isGood(kept, now)) {
      return null;
    }
    part.recorder(rule).hits++;
    return hash;
  }

  /** What is given while its server cannot answer; null: nothing is. */
  public @Nullable HashValue onError(CacheRule rule) {
    return onError(part.looked(), rule);
  }

  private @Nullable HashValue onError(KeyBytes of, CacheRule rule) {
    Kept kept = part.keptOnError(of, rule);
    HashValue hash = kept == null ? null : kept.hash();
    if (hash != null) {
      part.recorder(rule).staleOnError++;
    }
    return hash;
  }

  byte @Nullable [] onError(KeyBytes of, CacheRule rule, HashQuestion question) {
    HashValue hash = onError(of, rule);
    return hash == null ? null : question.reply(hash);
  }

  /**
   * Writes the reply to a request.
   *
   * @param hash null: there is no such key
   */
  public void write(
      Role read, RequestFrame frame, @Nullable HashValue hash, boolean resp3, ByteBuf out) {
    HashQuestion.write(read, frame, hash, resp3, field, out);
  }

  // ---------------------------------------------------------------- what is asked for

  /**
   * The request under way that brings the hash as a whole, or one to be begun: a request {@link
   * HashFetch#join}s it, and then it is {@link HashFetch#send sent}, unless it was.
   *
   * @return null: it cannot be asked for so, or could not be kept
   */
  public @Nullable HashFetch fetch(CacheRule rule, Backend primary, Lane lane) {
    return fetch(part.looked(), rule, primary, lane);
  }

  private @Nullable HashFetch fetch(KeyBytes of, CacheRule rule, Backend primary, Lane lane) {
    if (rule.nearMillis() == 0 || isNotWhole(of)) {
      return null;
    }
    HashFetch underWay = fetches.get(of);
    if (underWay != null && underWay.mayBeJoined()) {
      return underWay;
    }
    KeyBytes key = of.copy();
    Origin origin = part.origin(key, primary.node());
    if (origin == null) {
      return null;
    }
    HashFetch fetch = new HashFetch(this, key, rule, origin, primary, lane);
    fetches.put(key, fetch);
    return fetch;
  }

  void isOver(HashFetch fetch) {
    fetches.remove(fetch.key(), fetch);
  }

  /** As {@link CachePart#isKeptAlready}. */
  boolean isKeptAlready(KeyBytes of, HashValue hash) {
    Kept kept = part.cache().values().look(of);
    HashValue known = kept == null ? null : kept.hash();
    return kept != null
        && known != null
        && part.isGood(kept, System.nanoTime())
        && known.isSame(hash)
        && part.countsOn(kept);
  }

  private boolean isNotWhole(KeyBytes key) {
    int place = key.hash() & (PLACES - 1);
    return notWhole[place] == key.hash() && worker.tickMillis() < notWholeUntil[place];
  }

  /** It is too large, no hash, or the server does not say. */
  void cannotBeWhole(KeyBytes key) {
    int place = key.hash() & (PLACES - 1);
    notWhole[place] = key.hash();
    notWholeUntil[place] = worker.tickMillis() + NOT_WHOLE_MILLIS;
  }

  // ---------------------------------------------------------------- what is read by itself

  /**
   * A request under way whose reply another one has, too.
   *
   * @param copies whether any copy of the key may answer the other one
   * @return null: there is none
   */
  public @Nullable HashWatch underWay(CacheRule rule, HashQuestion question, boolean copies) {
    return underWay(part.looked(), rule, question, copies);
  }

  private @Nullable HashWatch underWay(
      KeyBytes key, CacheRule rule, HashQuestion question, boolean copies) {
    HashWatch watch = mayBeShared(rule) ? reads.get(new Read(key, question)) : null;
    return watch != null && watch.mayBeJoined(copies) ? watch : null;
  }

  private static boolean mayBeShared(CacheRule rule) {
    return rule.collapses() || rule.leaseMillis() > 0;
  }

  /**
   * A request is about to be sent for itself.
   *
   * @param shared whether others may have its reply
   * @return what is to hear of the reply; null: nobody cares
   */
  public @Nullable HashWatch watch(
      CacheRule rule, Seat seat, HashQuestion question, boolean shared) {
    boolean isHeard =
        mayBeShared(rule) || rule.missingMillis() > 0 || rule.staleOnErrorMillis() > 0;
    return isHeard ? watch(part.looked().copy(), rule, seat, question, shared) : null;
  }

  private HashWatch watch(
      KeyBytes key, CacheRule rule, Seat seat, HashQuestion question, boolean shared) {
    Read read = new Read(key, question);
    HashWatch watch = new HashWatch(this, read, rule, seat);
    if (shared && mayBeShared(rule)) {
      reads.put(read, watch);
    }
    return watch;
  }

  void isOver(HashWatch watch) {
    reads.remove(watch.read(), watch);
  }

  /** Has a request that was not sent its reply, in which it is not alone. */
  private void readTogether(
      KeyBytes key, CacheRule rule, Seat seat, Exchange request, HashQuestion question) {
    Backend primary = part.questions().primaryOf(key);
    HashFetch fetch = fetch(key, rule, primary, part.questions().lane());
    if (fetch == null) {
      readItself(key, rule, seat, request, question);
    } else {
      request.watchedBy(fetch.join(seat, request, question));
      fetch.send();
    }
  }

  /** The same where the key is not asked for as a whole. */
  void readItself(
      KeyBytes key, CacheRule rule, Seat seat, Exchange request, HashQuestion question) {
    HashWatch underWay = underWay(key, rule, question, false);
    if (underWay != null) {
      request.watchedBy(underWay.join(seat, request, question));
      return;
    }
    HashWatch watch = watch(key, rule, seat, question, true);
    request.watchedBy(watch);
    watch.begin();
    watch.isSent(request);
    request.goesAlone();
  }

  /** Has a request wait until the key is loaded. @return whether it waits */
  public boolean waits(
      CacheRule rule, Leases.Lease lease, Seat seat, Exchange request, HashQuestion question) {
    KeyBytes key = part.looked().copy();
    return part.loads().waits(key, rule, lease, seat, request, awaited(rule, question));
  }

  /** What a request waits for that asks this. */
  Awaited awaited(CacheRule rule, HashQuestion question) {
    return new AwaitedHash(this, rule, question);
  }
}
