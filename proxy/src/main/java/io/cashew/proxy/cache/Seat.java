package io.cashew.proxy.cache;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the near cache has to know of one client: what it is owed by servers, whose order memory
 * must not upset. Confined to the client's worker.
 *
 * <p>A reply from memory is found when its request comes, and given in its turn, which may be
 * behind replies of servers that are newer than what was found. So a key is not looked for in
 * memory while a request of the same client about it is under way. Which keys these are, 64 bits
 * say, a bit for each 64th of all keys: to take one key for another costs a request to the server.
 */
public final class Seat {
  private static final long EVERY_KEY = -1L;
  private static final int LOADS_MANY = 64;

  private int owed;

  /** Those of {@link #owed} that were not sent, but have the reply of another client's request. */
  private int joined;

  private long bits;

  /** Scripts of its whose writes to keys that they did not name may not have been heard of. */
  private int unheardScripts;

  private boolean cachingOff;

  /** Its requests that wait until others have loaded their keys. */
  private final List<Waiter> waiters = new ArrayList<>(0);

  /** What it was told to load, the oldest first; null: nothing yet. */
  private @Nullable ArrayDeque<Load> loading;

  /** Of so many, all are looked at whether they are over. */
  private int loadsMany = LOADS_MANY;

  /** What is queued in its transaction, whose keys may be in the caches of several pools. */
  private final List<Queued> queued = new ArrayList<>(0);

  private boolean queuedEveryKey;
  private boolean queuedScript;

  private record Queued(Versions of, Stripes keys) {}

  /** A request about keys is under way. */
  void begins(long keys) {
    owed++;
    bits |= keys;
  }

  /** Its reply is over. */
  void over() {
    owed--;
    if (owed == 0) {
      bits = 0;
    }
  }

  /** A request about a key has the reply of another client's, which is under way. */
  void joins(long keys) {
    joined++;
    begins(keys);
  }

  /** That reply is over. */
  void joinedIsOver() {
    joined--;
    over();
  }

  /**
   * Whether the client must not write before it is owed nothing: a request that was not sent has no
   * place among those that were.
   */
  public boolean waitsForOthers() {
    return joined > 0;
  }

  /** Whether requests of the client's wait for others, so that any of its next ones may have to. */
  public boolean isBusy() {
    return waitsForOthers() || waits();
  }

  static long bit(int hash) {
    return 1L << (hash >>> 26);
  }

  static long everyKey() {
    return EVERY_KEY;
  }

  /** Whether a request about a key of this hash may be under way. */
  boolean mayBeOwed(int hash) {
    return (bits & bit(hash)) != 0;
  }

  /** A script was sent, whose writes are heard of when {@link #scriptHeard} says so. */
  void scriptBegins() {
    unheardScripts++;
  }

  void scriptHeard() {
    unheardScripts--;
  }

  /** Whether it may be given what is in memory. */
  public boolean mayBeServed() {
    return unheardScripts == 0 && !cachingOff;
  }

  /** {@code CLIENT CACHING NO} without tracking: nothing is given from memory until YES. */
  public void caching(boolean on) {
    cachingOff = !on;
  }

  // ---------------------------------------------------------------- what it loads and waits for

  /** It loads a key. What it was to load before, and was given up or is there, is forgotten. */
  void loads(Load load, long nowNanos) {
    ArrayDeque<Load> all = loading;
    if (all == null) {
      loading = all = new ArrayDeque<>(4);
    }
    for (Load oldest = all.peek(); oldest != null && oldest.isOver(nowNanos); oldest = all.peek()) {
      all.poll();
      oldest.forget();
    }
    if (all.size() >= loadsMany) { // behind one that lasts
      all.removeIf(each -> isForgotten(each, nowNanos));
      loadsMany = Math.max(LOADS_MANY, 2 * all.size());
    }
    all.add(load);
  }

  private static boolean isForgotten(Load load, long nowNanos) {
    boolean over = load.isOver(nowNanos);
    if (over) {
      load.forget();
    }
    return over;
  }

  /** What is remembered of what it was told to load. */
  int loads() {
    ArrayDeque<Load> all = loading;
    return all == null ? 0 : all.size();
  }

  /** The client has left: others load what it was to load, and it waits for nothing. */
  public void left() {
    endWaits(null);
    ArrayDeque<Load> all = loading;
    if (all != null) {
      loading = null;
      all.forEach(each -> each.left(this));
    }
  }

  /** Whether it waits until others have loaded a key. */
  public boolean waits() {
    return !waiters.isEmpty();
  }

  /** Ends all that it waits for, with nil. */
  public void endWaits() {
    endWaits(null);
  }

  void waits(Waiter waiter) {
    waiters.add(waiter);
  }

  void waitIsOver(Waiter waiter) {
    waiters.remove(waiter);
  }

  /** Ends what it waits for with nil: of one key, or of all (null). */
  void endWaits(@Nullable KeyBytes key) {
    if (!waiters.isEmpty()) {
      for (Waiter each : List.copyOf(waiters)) {
        if (key == null || each.key().equals(key)) {
          each.giveNil();
        }
      }
    }
  }

  // ---------------------------------------------------------------- its transaction

  /** A request about every key was queued. */
  public void queuedEveryKey() {
    queuedEveryKey = true;
  }

  /** A script was queued. */
  public void queuedScript() {
    queuedScript = true;
  }

  /** What was queued is executed, and watched, or is not executed. */
  public void forgetQueued() {
    if (!queued.isEmpty()) {
      queued.clear();
    }
    queuedScript = false;
    queuedEveryKey = false;
  }

  /** The keys about which something was queued: those whose numbers these are. */
  Stripes queued(Versions of) {
    for (Queued each : queued) {
      if (each.of == of) {
        return each.keys;
      }
    }
    Queued one = new Queued(of, new Stripes());
    queued.add(one);
    return one.keys;
  }

  /** Whether something about every key was queued. */
  boolean hasQueuedEveryKey() {
    return queuedEveryKey;
  }

  /** Whether a script was queued. */
  boolean hasQueuedScript() {
    return queuedScript;
  }
}
