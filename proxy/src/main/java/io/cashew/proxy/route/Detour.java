package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.resp.Redirection;
import io.cashew.proxy.resp.Verdict;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a request goes through that a server has not executed: from where it has come back, why,
 * where it goes next, and how long it may look. Confined to the worker; used again.
 */
final class Detour {
  /** Between two questions to servers that have each a part of the keys, or name each other. */
  static final long FIRST_PAUSE_MILLIS = 5;

  static final long LONGEST_PAUSE_MILLIS = 50;

  private static final long NEVER = Long.MAX_VALUE;

  private enum State {
    /** Nobody has refused the request. */
    NONE,

    /** It waits to be sent again. What still comes of the answer that is not given is dropped. */
    WAITS,

    /** It was sent again. */
    SENT
  }

  private State state = State.NONE;
  private @Nullable Backend from;

  /** Where it was before that; null: nowhere. */
  private @Nullable Backend former;

  /** What the server has said; {@link Verdict#ANSWER}: something else has brought it back. */
  private Verdict verdict = Verdict.ANSWER;

  /** What ends it if no server is found in time; null: it is asked again, or said otherwise. */
  private @Nullable Refusal refusal;

  /** The slot that was named last, for messages. */
  private int slot;

  /** Where the server has sent it; null: nowhere, or to one that is not known here. */
  private @Nullable Backend to;

  /** The same where it is not known; null: it is, or there is none. */
  private @Nullable Redirection unknown;

  private int hops;

  /** How often it was sent again since it was refused first, whatever was learnt meanwhile. */
  private int sends;

  /** How often it had been learnt who has the slot when a server sent the request away last. */
  private int news;

  private long pauseMillis;
  private long notBeforeNanos;

  /** Until when it may look for a server that takes it, and until when it may be sent at all. */
  private long waitEndsNanos;

  private long endsNanos;

  /** A later request for one of its keys was executed: it is not sent again. */
  private boolean overtaken;

  // ---------------------------------------------------------------- its beginning and its end

  /** Whether the request was refused once, and is not over. */
  boolean isBegun() {
    return state != State.NONE;
  }

  /**
   * Begins.
   *
   * @param nowNanos as all times: {@code Worker.nowNanos}
   * @param timeoutNanos after which it is not sent again any more; 0: there is no such time
   */
  void begin(long nowNanos, long timeoutNanos) {
    state = State.WAITS;
    former = null;
    hops = 0;
    sends = 0;
    pauseMillis = 0;
    notBeforeNanos = nowNanos;
    waitEndsNanos = NEVER;
    endsNanos = timeoutNanos == 0 ? NEVER : nowNanos + timeoutNanos;
    overtaken = false;
  }

  /** Nothing is left of it. */
  void end() {
    state = State.NONE;
    from = null;
    former = null;
    refusal = null;
    to = null;
    unknown = null;
  }

  // ---------------------------------------------------------------- it comes back

  private void comesBack(Backend where, Verdict why) {
    state = State.WAITS;
    former = from;
    from = where;
    verdict = why;
    refusal = null;
    to = null;
    unknown = null;
  }

  /**
   * A server does not take it, and another one may, or that one later.
   *
   * @param why what ends it if none does
   */
  void isRefused(Backend where, Verdict said, Refusal why) {
    comesBack(where, said);
    refusal = why;
  }

  /** It was answered, and is asked again behind others that have come back. */
  void isAskedAgain(Backend where) {
    comesBack(where, Verdict.ANSWER);
  }

  /**
   * A server sends it to another.
   *
   * @param there null: no server is known there
   * @param newsNow how often it was learnt so far who has the slot
   */
  void isRedirected(
      Backend where,
      Verdict said,
      Redirection way,
      @Nullable Backend there,
      int newsNow,
      long nowNanos) {
    comesBack(where, said);
    if (newsNow != news) { // the slot has moved meanwhile: the hops so far were not in a circle
      hops = 0;
    }
    news = newsNow;
    slot = way.slot();
    to = there;
    unknown = there == null ? way.copy() : null;
    if (there != null) {
      isServed();
    }
    if (there != null && there == former) { // they name each other
      pause(nowNanos);
    }
  }

  /** A server has some of its keys and not others. */
  void isSplit(Backend where, int ofSlot, long nowNanos) {
    comesBack(where, Verdict.TRYAGAIN);
    slot = ofSlot;
    hops = 0;
    isServed();
    pause(nowNanos);
  }

  /**
   * Begins anew if it was learnt anew who has the slot since a server has sent it away. That counts
   * then, and not where that server has sent it.
   *
   * @param newsNow how often it was learnt so far
   */
  boolean beginsAnew(int newsNow) {
    boolean isNew = newsNow != news;
    if (isNew) {
      news = newsNow;
      hops = 0;
      to = null;
      unknown = null;
      isServed();
    }
    return isNew;
  }

  /** Its slot has a server again: what is left of the time to find one does not count. */
  private void isServed() {
    waitEndsNanos = NEVER;
  }

  private void pause(long nowNanos) {
    pauseMillis =
        pauseMillis == 0 ? FIRST_PAUSE_MILLIS : Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
    notBeforeNanos = nowNanos + TimeUnit.MILLISECONDS.toNanos(pauseMillis);
  }

  /** A later request for one of its keys was executed. */
  void isOvertaken() {
    overtaken = true;
  }

  // ---------------------------------------------------------------- how it stands

  /** Whether it waits to be sent again; then what still comes of a reply is dropped. */
  boolean waits() {
    return state == State.WAITS;
  }

  /** Whether a server has spoken of the slot, and not of itself. */
  boolean isOfSlot() {
    return verdict == Verdict.MOVED || verdict == Verdict.ASK || verdict == Verdict.TRYAGAIN;
  }

  /** Whether the server from which it has come back has said that it is a replica. */
  boolean isAtReplica() {
    return verdict == Verdict.READONLY || verdict == Verdict.MASTERDOWN;
  }

  /** Whether the next server is to take it though the slot is still on the way there. */
  boolean asks() {
    return verdict == Verdict.ASK;
  }

  /** The slot that was named last. */
  int slot() {
    return slot;
  }

  /** To how many servers it has gone since it was learnt last who has the slot. */
  int hops() {
    return hops;
  }

  /** How often it was sent again since it was refused first. */
  int sends() {
    return sends;
  }

  /** Whether it may be sent to the server from which it has come back, at any time. */
  boolean mayReturn() {
    return (verdict == Verdict.ANSWER && refusal == null) || verdict == Verdict.TRYAGAIN;
  }

  /** Millis until it may be sent; 0: it may be. */
  long pauseLeftMillis(long nowNanos) {
    long left = notBeforeNanos - nowNanos;
    return left <= 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(left) + 1;
  }

  /** From where it has come back. */
  @Nullable Backend from() {
    return from;
  }

  /** Where a server has sent it; null: nowhere, or to one that is not known here. */
  @Nullable Backend to() {
    return to;
  }

  /** Where a server has sent it that is not known here; null: nowhere. */
  @Nullable Redirection unknown() {
    return unknown;
  }

  /** The server to which it was sent is known now. */
  void leadsTo(Backend found) {
    to = found;
    unknown = null;
  }

  /** It looks for a server that takes it no longer than that, and no longer than said before. */
  void looksUntil(long nanos) {
    waitEndsNanos = waitEndsNanos == NEVER || nanos - waitEndsNanos < 0 ? nanos : waitEndsNanos;
  }

  /** Whether it may not be sent again any more. */
  boolean isOver(long nowNanos) {
    return overtaken
        || (endsNanos != NEVER && nowNanos - endsNanos >= 0)
        || (waitEndsNanos != NEVER && nowNanos - waitEndsNanos >= 0);
  }

  /** The request is sent again. @return to how many servers it has gone after the first */
  int sentTo(Backend where) {
    state = State.SENT;
    sends++;
    return where == from ? hops : ++hops;
  }

  /** What its client gets; null: it is asked again, since all that is left is to answer it. */
  @Nullable Refusal whyItEnds(String pool) {
    Refusal said = refusal;
    if (said != null || verdict == Verdict.ANSWER) {
      return said;
    }
    return Refusal.notExecuted(pool, slot, verdict, overtaken);
  }
}
