package io.cashew.proxy.cache;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Who loads which key: the first client that was told that there is no such key, until its time is
 * over or somebody has written it; all others wait. Shared by all threads. Of the keys of one
 * stripe one can be leased at a time: who asks for another is told nil.
 */
public final class Leases {
  private final ConcurrentHashMap<Integer, Lease> byStripe = new ConcurrentHashMap<>();
  private final AtomicInteger waiters = new AtomicInteger();
  private final Versions versions;
  private final int waitersMax;

  Leases(Versions versions, int waitersMax) {
    this.versions = versions;
    this.waitersMax = waitersMax;
  }

  /** Has those that wait on one worker look again; from any thread. */
  interface Room {
    void lookAgain(KeyBytes key);
  }

  /** One client loads a key. */
  public static final class Lease implements Load {
    private final Leases leases;
    private final int stripe;
    private final KeyBytes key;
    private final Seat loader;
    private final long endNanos;
    private final long takenNanos;
    private final Set<Room> rooms = ConcurrentHashMap.newKeySet();
    private final AtomicInteger heard = new AtomicInteger();
    private volatile boolean ended;

    private Lease(Leases leases, int stripe, KeyBytes key, Seat loader, long endNanos) {
      this.leases = leases;
      this.stripe = stripe;
      this.key = key;
      this.loader = loader;
      this.endNanos = endNanos;
      takenNanos = System.nanoTime(); // not that of the iteration: behind whatever was asked before
    }

    boolean isOf(Seat seat) {
      return loader == seat;
    }

    @Override
    public boolean isOver(long nowNanos) {
      return ended || endNanos - nowNanos <= 0;
    }

    /** Whether nobody has ended it before its time was over. */
    boolean hasTimedOut(long nowNanos) {
      return !ended && endNanos - nowNanos <= 0;
    }

    @Override
    public void left(Seat seat) {
      if (!ended) {
        leases.end(this);
      }
    }

    @Override
    public void forget() {
      leases.byStripe.remove(stripe, this);
    }

    /** Some wait in this room, and look again whenever something is heard of the key. */
    void waitIn(Room room) {
      rooms.add(room);
    }

    /**
     * How often something was heard of the key, or of its lease. Who begins to wait compares, once
     * it is in its room, since what was heard before has woken nobody there.
     */
    int heard() {
      return heard.get();
    }

    private void wake() {
      heard.incrementAndGet();
      rooms.forEach(room -> room.lookAgain(key));
    }
  }

  /** The lease of a key that is not over; null: nobody loads it. */
  @Nullable Lease of(int stripe, KeyBytes key, long nowNanos) {
    Lease lease = byStripe.isEmpty() ? null : byStripe.get(stripe);
    return lease == null || lease.isOver(nowNanos) || !lease.key.equals(key) ? null : lease;
  }

  /**
   * Has a client load a key of which it is told that it is not there. If something was heard since
   * that was asked, all that wait for it look again.
   *
   * @param asked the number of the stripe when it was asked; see {@link Versions}
   * @return who loads it: this client, or another one; null: nobody can, since another key is in
   *     the way
   */
  @Nullable Lease take(
      int stripe, KeyBytes key, Seat loader, long asked, long nowNanos, long endNanos) {
    Lease lease = new Lease(this, stripe, key, loader, endNanos);
    Lease now =
        byStripe.compute(
            stripe, (of, before) -> before == null || before.isOver(nowNanos) ? lease : before);
    if (now == lease) {
      loader.loads(lease, nowNanos);
      if (versions.now(stripe) != asked) {
        lease.wake();
      }
    }
    return now.key.equals(key) ? now : null;
  }

  /** Something was heard of the keys of a stripe: who waits for one looks again. */
  void heardOf(int stripe) {
    Lease lease = byStripe.isEmpty() ? null : byStripe.get(stripe);
    if (lease != null) {
      lease.wake();
    }
  }

  /** Something was heard of all keys. */
  void heardOfAll() {
    byStripe.values().forEach(Lease::wake);
  }

  /** A key is there, or its loader has left: its lease is over. */
  void end(int stripe, KeyBytes key) {
    Lease lease = byStripe.isEmpty() ? null : byStripe.get(stripe);
    if (lease != null && lease.key.equals(key)) {
      end(lease);
    }
  }

  /** Of how many keys it is remembered who loads them. */
  int size() {
    return byStripe.size();
  }

  /**
   * A value has come that was asked for then. If that was before the lease was taken, the value may
   * be the one that was there before: whoever writes the next one has those that wait look again.
   *
   * @param askedNanos as {@code System.nanoTime}, or a moment before
   */
  void isThere(int stripe, KeyBytes key, long askedNanos) {
    Lease lease = byStripe.isEmpty() ? null : byStripe.get(stripe);
    if (lease != null && lease.key.equals(key) && askedNanos - lease.takenNanos > 0) {
      end(lease);
    }
  }

  private void end(Lease lease) {
    lease.ended = true;
    lease.forget();
    lease.wake();
  }

  /** One more waits, unless too many do. */
  boolean mayWait() {
    if (waiters.incrementAndGet() <= waitersMax) {
      return true;
    }
    waiters.decrementAndGet();
    return false;
  }

  /** A client is told what became of a key, which ends what was asked for before. */
  void isTold(KeyBytes key) {
    versions.end(versions.stripe(key.hash()));
  }

  /** One waits no longer. */
  void waitIsOver() {
    waiters.decrementAndGet();
  }
}
