package io.cashew.proxy.cache;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * How a value ended that was kept, and who loads the next one. Shared by all threads; what changes
 * it takes its lock, what gives the value does not.
 *
 * <p>A value that was the newest of its key may be given although the key has expired or was
 * deleted. That a key has expired, its time to live tells, if nothing was heard of it before. That
 * it was deleted, nothing tells: a server says that a key has changed, and no more, and it says so
 * once for all that happened to the key in one turn of its loop. So a key that has changed is
 * {@link #heard undecided} until its server was asked in a later turn. If there is no such key
 * then, and nothing else was heard until then, what has happened was the deletion. A second message
 * ends it, since a new value may have come between; so does each write of a client of this process.
 */
final class Stale implements Load {
  /** A value that is not given. */
  static final Stale NEVER = new Stale(false, 0, 0);

  static {
    NEVER.end();
  }

  private enum Phase {
    UNDECIDED,
    GIVEN,
    OVER
  }

  /** Has those that wait on one worker look again; from any thread. */
  interface Room {
    void lookAgain(Stale at);
  }

  private final boolean expired;
  private final long lifeNanos;
  private final Set<Room> rooms = ConcurrentHashMap.newKeySet(1);
  private volatile Phase phase;
  private volatile long sinceNanos;
  private volatile @Nullable Seat loader;
  private int messages;
  private int doubts;

  private Stale(boolean expired, long sinceNanos, long lifeNanos) {
    this.expired = expired;
    this.lifeNanos = lifeNanos;
    this.sinceNanos = sinceNanos;
    phase = expired ? Phase.GIVEN : Phase.UNDECIDED;
  }

  /** Of a value whose key has expired. */
  static Stale expired(long endNanos, long lifeNanos) {
    return new Stale(true, endNanos, lifeNanos);
  }

  /** Of a value whose key has changed, or is about to be deleted. */
  static Stale undecided(long nowNanos, long lifeNanos) {
    return new Stale(false, nowNanos, lifeNanos);
  }

  // ---------------------------------------------------------------- what happened to its key

  /**
   * The key's server has told that it has changed.
   *
   * @return whether the server must be asked what became of it, for {@link #decide}
   */
  synchronized boolean heard(long nowNanos) {
    messages++;
    if (phase == Phase.OVER || messages > 1) {
      end();
      return false;
    }
    if (!expired) {
      sinceNanos = nowNanos;
    }
    phase = Phase.UNDECIDED;
    return true;
  }

  /**
   * A client was told something of the key: it must not be given an older value than that.
   *
   * @return whether the server must be asked what became of the key, for {@link #decide}
   */
  synchronized boolean doubt() {
    doubts++;
    if (phase != Phase.GIVEN) {
      return false; // who asks now asks again: see decide
    }
    phase = Phase.UNDECIDED;
    return true;
  }

  /** To be taken before the server is asked. */
  synchronized int doubts() {
    return doubts;
  }

  /**
   * The server was asked after {@link #heard}, and all has been heard that it had to tell when it
   * answered.
   *
   * @param gone whether there was no such key
   * @param doubtsThen what {@link #doubts} said when it was asked
   * @return whether it must be asked again, since a client was told something of the key meanwhile
   */
  synchronized boolean decide(boolean gone, int doubtsThen) {
    if (phase != Phase.UNDECIDED) {
      return false;
    }
    boolean onlyEnded = messages == 1 || (expired && messages == 0);
    if (!gone || !onlyEnded) {
      end();
    } else if (doubts == doubtsThen) {
      phase = Phase.GIVEN;
      wake();
    } else {
      return true;
    }
    return false;
  }

  /** A deletion has its reply, and all has been heard that the server had to tell then. */
  synchronized void deletionHeard() {
    if (phase == Phase.UNDECIDED && messages == 0 && !expired) {
      end();
    }
  }

  /** It is not given any more, whatever happens. */
  synchronized void end() {
    if (phase != Phase.OVER) {
      phase = Phase.OVER;
      wake();
    }
  }

  private void wake() {
    rooms.forEach(room -> room.lookAgain(this));
    rooms.clear();
  }

  /** Some wait in this room until it is decided. */
  void waitIn(Room room) {
    rooms.add(room);
    if (phase != Phase.UNDECIDED) {
      room.lookAgain(this);
    }
  }

  // ---------------------------------------------------------------- who is given it

  /** Whether it is given now, to all but the client that loads the next value. */
  boolean isGiven(long nowNanos) {
    return phase == Phase.GIVEN && nowNanos - sinceNanos < lifeNanos;
  }

  @Override
  public boolean isOver(long nowNanos) {
    return phase == Phase.OVER || (phase == Phase.GIVEN && nowNanos - sinceNanos >= lifeNanos);
  }

  /** Whether a client loads the next value, which may be this one. */
  boolean isLoaded() {
    return loader != null;
  }

  boolean isLoadedBy(Seat seat) {
    return loader == seat;
  }

  /** Whether a client is the one that loads the next value: it is if nobody else does. */
  boolean loads(Seat seat, long nowNanos) {
    synchronized (this) {
      if (loader != null) {
        return loader == seat;
      }
      loader = seat;
    }
    seat.loads(this, nowNanos);
    return true;
  }

  /** A client was not told that there is no such key: if it is to load it, it does not know. */
  synchronized void release(Seat seat) {
    if (loader == seat) {
      loader = null;
    }
  }

  @Override
  public void left(Seat seat) {
    release(seat);
  }

  @Override
  public void forget() {}
}
