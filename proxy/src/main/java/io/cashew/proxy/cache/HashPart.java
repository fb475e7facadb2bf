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

  /**
   * Keys that cannot be asked for as a whole, by their hashes: until when, in milliseconds of the
   * tick, and beside it the hash. Of two at one place the later one counts, which costs a request.
   */
  private final long[] notWholeUntil = new long[PLACES];

  private final int[] notWhole = new int[PLACES];

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
    if (rule.nearMillis() == 0 || isNotWhole(part.looked())) {
      return null;
    }
    HashFetch underWay = fetches.get(part.looked());
    if (underWay != null && underWay.mayBeJoined()) {
      return underWay;
    }
    KeyBytes key = part.looked().copy();
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
  boolean isKeptAlready(KeyBytes of, int stripe, HashValue hash) {
    Kept kept = part.cache().values().look(of);
    HashValue known = kept == null ? null : kept.hash();
    return kept != null
        && known != null
        && part.isGood(kept, System.nanoTime())
        && known.isSame(hash)
        && part.countsOn(kept, stripe);
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

  /**
   * A request is about to be sent for itself.
   *
   * @return what is to hear of the reply; null: nobody cares
   */
  public @Nullable HashWatch watch(CacheRule rule, Seat seat, HashQuestion question) {
    return rule.leaseMillis() == 0 && rule.missingMillis() == 0 && rule.staleOnErrorMillis() == 0
        ? null
        : new HashWatch(this, part.looked().copy(), rule, seat, question);
  }

  /** Has a request wait until the key is loaded. @return whether it waits */
  public boolean waits(
      CacheRule rule, Leases.Lease lease, Seat seat, Exchange request, HashQuestion question) {
    KeyBytes key = part.looked().copy();
    return part.loads().waits(key, rule, lease, seat, request, question.reply(null), false);
  }
}
