package io.cashew.proxy.cache;

import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.loop.Worker;
import io.cashew.proxy.metrics.RuleRecorder;
import io.cashew.proxy.route.Exchange;
import io.cashew.proxy.route.KeptRequest;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Who loads a key that is not there, as one worker has it: one client is told nil, all others wait
 * for it ({@code lease}), or are given the value before ({@code stale}), which comes first.
 * Confined to the worker.
 */
final class LoadPart {
  private final NearCache cache;
  private final RuleRecorder[] recorders;
  private final Leases leases;
  private final Versions versions;
  private final Worker worker;
  private final Waiting waiting;
  private final StalePart stales;

  /**
   * Nobody loads anything yet.
   *
   * @param recorders by the index of their rule
   */
  LoadPart(NearCache cache, Questions questions, SourceLinks links, RuleRecorder[] recorders) {
    this.cache = cache;
    worker = questions.worker();
    this.recorders = recorders;
    leases = cache.leases();
    versions = cache.versions();
    waiting = new Waiting(questions, cache, recorders);
    stales = new StalePart(cache, questions, links, recorders);
  }

  /** Values that are given although their keys have ended. */
  StalePart stales() {
    return stales;
  }

  void onTick(long nowNanos) {
    waiting.onTick(nowNanos);
    stales.onTick(nowNanos);
  }

  /** Under which another client loads a key; null: none does. */
  Leases.@Nullable Lease byOther(KeyBytes of, Seat seat) {
    Leases.Lease lease = leases.of(versions.stripe(of.hash()), of, worker.nowNanos());
    return lease == null || lease.isOf(seat) ? null : lease;
  }

  /**
   * Has a request wait until its key is loaded.
   *
   * @param of does not change
   * @return whether it waits: too many may do so
   */
  boolean waits(
      KeyBytes of, CacheRule rule, Leases.Lease lease, Seat seat, Exchange request, boolean resp3) {
    return waits(of, rule, lease, seat, request, new Awaited.Value(resp3));
  }

  /** The same of any read. */
  boolean waits(
      KeyBytes of, CacheRule rule, Leases.Lease lease, Seat seat, Exchange request, Awaited what) {
    if (!leases.mayWait()) {
      return false;
    }
    recorders[rule.index()].leaseWaits++;
    long end = worker.nowNanos() + TimeUnit.MILLISECONDS.toNanos(rule.leaseMillis());
    waiting.add(new Waiter(of, seat, request, what, end, leases), rule, lease);
    return true;
  }

  /**
   * A client is about to be told that there is no such key.
   *
   * @param asked the number of the key's stripe when that was asked; see {@link Versions}
   * @return whether it waits instead, since another one loads it
   */
  boolean waitsForLoader(
      KeyBytes of, CacheRule rule, Seat seat, long asked, Exchange request, boolean resp3) {
    if (rule.staleMillis() > 0 && mayWait(request)) {
      Boolean waits = stales.waits(of, rule, seat, request, resp3);
      if (waits != null) {
        return waits;
      }
    }
    return waitsForLoader(of, rule, seat, asked, request, new Awaited.Value(resp3));
  }

  /** The same of any read, of which no value is given that has ended; see {@link #waits}. */
  boolean waitsForLoader(
      KeyBytes of, CacheRule rule, Seat seat, long asked, Exchange request, Awaited what) {
    if (rule.leaseMillis() == 0 || !mayWait(request)) {
      return false;
    }
    long now = worker.nowNanos();
    long end = now + TimeUnit.MILLISECONDS.toNanos(rule.leaseMillis());
    Leases.Lease lease = leases.take(versions.stripe(of.hash()), of, seat, asked, now, end);
    // With a nil from before something was heard no GET makes a loader: the server is asked again.
    boolean loads = lease != null && lease.isOf(seat) && (lease.heard() == 0 || !what.isValue());
    return lease != null && !loads && waits(of, rule, lease, seat, request, what);
  }

  /** Whether anybody wants its reply, and all of it is kept, so that it can be sent by itself. */
  private static boolean mayWait(Exchange request) {
    return request.wanted() && request.requestBytes() <= KeptRequest.MAX_BEGINNING;
  }

  /** A client is told that there is no such key, whoever loads it: it does if nobody else does. */
  void isNil(KeyBytes of, CacheRule rule, Seat seat) {
    if (rule.staleMillis() > 0) {
      stales.isNil(of, seat);
    }
  }

  /** A server has told a client something of a key, which what was kept of it may be older than. */
  void isTold(KeyBytes of, CacheRule rule) {
    if (rule.staleMillis() > 0) {
      stales.isTold(of);
    }
  }

  /**
   * A client is told a value of a key.
   *
   * @param reply its first {@code length} bytes, as GET has it; null: too long to be kept
   * @param askedNanos when it was asked for, as {@link Worker#nowNanos}
   */
  void isLoaded(
      KeyBytes of, CacheRule rule, byte @Nullable [] reply, int length, Seat to, long askedNanos) {
    if (rule.staleMillis() > 0) {
      cache.staleValues().isSeen(of, reply, length, to);
    }
    isThere(of, rule, askedNanos);
  }

  /**
   * A client is told something of a key, whatever it is.
   *
   * @param askedNanos when it was asked for, as {@link Worker#nowNanos}
   */
  void isThere(KeyBytes of, CacheRule rule, long askedNanos) {
    if (rule.leaseMillis() > 0) {
      leases.isThere(versions.stripe(of.hash()), of, askedNanos);
    }
  }

  /**
   * A client that was to load a key, perhaps, is told something else than that there is none.
   *
   * @param byServer whether its server says so
   */
  void isNotLoaded(KeyBytes of, CacheRule rule, Seat seat, boolean byServer) {
    if (rule.staleMillis() > 0) {
      stales.isNotLoaded(of, seat, byServer);
    }
  }

  /**
   * What a client is given of a key that is not there; null: nothing, and it loads the key unless
   * another one does.
   */
  byte @Nullable [] stale(KeyBytes of, CacheRule rule, Seat seat) {
    return rule.staleMillis() == 0 ? null : stales.value(of, rule, seat);
  }

  /** Whether nil is not kept, since what was there before is given to all but one. */
  boolean isStale(KeyBytes of, CacheRule rule) {
    return rule.staleMillis() > 0 && stales.isKept(of);
  }
}
