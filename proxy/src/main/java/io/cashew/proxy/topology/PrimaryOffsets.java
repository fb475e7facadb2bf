package io.cashew.proxy.topology;

import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * How far a primary was at which moments, so that the offset of a replica says until when it has
 * everything. Confined to its owner's thread.
 *
 * <p>Every moment is one before the primary was asked: all that it had executed by then is within
 * the offset that it answered.
 */
final class PrimaryOffsets {
  /** No moment is known. */
  static final long NEVER = Long.MIN_VALUE;

  /** A replica that is further behind is so for longer than anybody allows. */
  private static final int MOST = 8192;

  private record Sample(long offset, long nanos) {}

  private final ArrayDeque<Sample> samples = new ArrayDeque<>();
  private String history = "";
  private boolean answers;

  /**
   * The primary has said how far it is.
   *
   * @param state in which it is primary
   * @param askedNanos when it was asked
   */
  void said(ReplicationState state, long askedNanos) {
    Sample last = samples.peekLast();
    if (!state.history().equals(history) || (last != null && state.offset() < last.offset())) {
      history = state.history();
      samples.clear();
      last = null;
    }
    if (last != null && last.offset() == state.offset()) {
      samples.removeLast();
    }
    samples.addLast(new Sample(state.offset(), askedNanos));
    if (samples.size() > MOST) {
      samples.removeFirst();
    }
    answers = true;
  }

  /** It has not answered, or is no primary any more. */
  void isSilent() {
    answers = false;
  }

  /** Whether it has answered when it was asked last. */
  boolean answers() {
    return answers;
  }

  /** Id of the history of its data; empty: it has never answered. */
  String history() {
    return history;
  }

  /** When it was asked last of the times that it answered; {@link #NEVER}: it has not. */
  long lastNanos() {
    Sample last = samples.peekLast();
    return last == null ? NEVER : last.nanos();
  }

  /** When it was asked first of the times that are known; {@link #NEVER}: it has not answered. */
  long firstNanos() {
    Sample first = samples.peekFirst();
    return first == null ? NEVER : first.nanos();
  }

  /** Until when a replica has all that this primary had executed; {@link #NEVER}: not known. */
  long hasAllUntil(long offset) {
    for (Iterator<Sample> newestFirst = samples.descendingIterator(); newestFirst.hasNext(); ) {
      Sample sample = newestFirst.next();
      if (offset >= sample.offset()) {
        return sample.nanos();
      }
    }
    return NEVER;
  }
}
