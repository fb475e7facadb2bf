package io.cashew.proxy.cache;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One server as the near cache sees it: whether it is heard, on the connection on which it tells of
 * keys that change. Shared by all threads; told by the worker that has that connection.
 *
 * <p>What a server has said is believed while it has answered a {@code PING} that was sent less
 * than {@link #BELIEVED_NANOS} ago: messages come in order, so all that it had to tell until then
 * has been heard. The age is looked at when something is given, with the time of that moment, so a
 * process that was stopped hears first. What a server said in another era counts no more: an era
 * ends with its connection, and when everything is to be forgotten.
 */
final class Source {
  /** A little less than a second, for what passes between the look and the reply. */
  static final long BELIEVED_NANOS = 900_000_000L;

  private final AtomicLong era = new AtomicLong();

  /** How often everything was forgotten that it had said, other than with its connection. */
  private final AtomicLong flushes = new AtomicLong();

  /** When the last PING was sent that was answered. */
  private volatile long heardNanos;

  /** In which it was found to know no life of a field; -1: in none. */
  private volatile long eraWithoutFieldLives = -1;

  private volatile boolean listening;

  /** It never tells of anything: what it says is believed as long as a rule says. */
  private volatile boolean tellsNothing;

  private volatile @Nullable Hearing hearing;

  /** The era, to be taken before something is asked that may be kept. */
  long era() {
    return era.get();
  }

  /** Whether what was kept in an era may be given. */
  boolean isBelieved(long of, long nowNanos) {
    return era.get() == of && (listening ? nowNanos - heardNanos < BELIEVED_NANOS : tellsNothing);
  }

  /** Whether what is asked now may be kept. */
  boolean isHeard(long nowNanos) {
    return listening && nowNanos - heardNanos < BELIEVED_NANOS;
  }

  /** It never tells of keys that change. */
  void tellsNothing() {
    tellsNothing = true;
  }

  /** It does not know what the life of a hash's field is. */
  void knowsNoFieldLives(long of) {
    eraWithoutFieldLives = of;
  }

  /** Whether fields of its hashes may end before their key does. */
  boolean mayEndFields(long of) {
    return eraWithoutFieldLives != of;
  }

  /** It tells of all that changes from now on. */
  void listens(long askedNanos) {
    heardNanos = askedNanos;
    listening = true;
  }

  /** It has answered what was sent to it then. */
  void heard(long sentNanos) {
    heardNanos = sentNanos;
  }

  /** What it said is forgotten. */
  void forget() {
    flushes.getAndIncrement();
    era.getAndIncrement();
  }

  long flushes() {
    return flushes.get();
  }

  /** Whether it has answered no longer ago than this, and nothing was flushed since. */
  boolean hasAnsweredWithin(long nanos, long sinceFlushes, long nowNanos) {
    return flushes.get() == sinceFlushes && nowNanos - heardNanos <= nanos;
  }

  /** When what it has answered last was sent. */
  long heardNanos() {
    return heardNanos;
  }

  /** Nothing is heard of it any more. */
  void lost() {
    listening = false;
    era.getAndIncrement();
  }

  /** It is heard on this connection; null: on none. */
  void heardOn(@Nullable Hearing by) {
    hearing = by;
  }

  /** The connection on which it tells; null: there is none. */
  @Nullable Hearing hearing() {
    return hearing;
  }
}
