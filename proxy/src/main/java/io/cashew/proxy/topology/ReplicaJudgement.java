package io.cashew.proxy.topology;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whether one replica may be read from, by what it and its primary say time and again. Confined to
 * its owner's thread.
 *
 * <p>It is not read from when it does not answer, has lost its primary, has other data, or has been
 * behind for longer than allowed. Then it must be behind for no more than half of that, {@link
 * #GOOD_LOOKS} times in a row. While the primary does not answer either, a replica that has lost it
 * is read from until it would be too far behind.
 */
final class ReplicaJudgement {
  /** How often in a row a replica must be found well that was not. */
  static final int GOOD_LOOKS = 3;

  /** A replica is never as close as two looks at it are. */
  private static final long LEAST_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final String NOT_MEASURED = "how far it is behind is not known yet";

  /** It was well, and then it was not. */
  private boolean wasUnwell;

  private boolean isWell;

  /** Looks that could not say how far it is behind; below 0: one could. */
  private int vainLooks;

  private int goodLooks;
  private long hasAllUntilNanos = PrimaryOffsets.NEVER;
  private long lagNanos = -1;
  private String why = "it has not been asked";

  /**
   * Looks at it.
   *
   * @param said by the replica; null: it has not answered
   * @param primary what is known of the primary, which was asked together with it
   * @param maxLagNanos longest time that it may be behind
   */
  void look(
      @Nullable ReplicationState said, PrimaryOffsets primary, long maxLagNanos, long nowNanos) {
    boolean mustCatchUp = wasUnwell && !isWell;
    long most = mustCatchUp ? Math.max(maxLagNanos / 2, LEAST_NANOS) : maxLagNanos;
    String wrong = wrong(said, primary, most, nowNanos);
    vainLooks = vainLooks < 0 || !wrong.equals(NOT_MEASURED) ? -1 : vainLooks + 1;
    why = wrong;
    if (!wrong.isEmpty()) {
      wasUnwell |= isWell;
      isWell = false;
      goodLooks = 0;
    } else if (!isWell) {
      goodLooks++;
      isWell = goodLooks >= (wasUnwell ? GOOD_LOOKS : 1);
      why = isWell ? "" : "it has just caught up";
    }
  }

  private String wrong(
      @Nullable ReplicationState said, PrimaryOffsets primary, long maxLagNanos, long nowNanos) {
    if (said == null) {
      lagNanos = -1;
      return "it does not answer";
    }
    if (said.isPrimary()) {
      lagNanos = -1;
      return "it says that it is primary";
    }
    if (!said.history().equals(primary.history())) {
      lagNanos = -1;
      return said.linkUp() || primary.history().isEmpty()
          ? "its data are not those of the primary"
          : "its link to the primary is down";
    }
    hasAllUntilNanos = primary.hasAllUntil(said.offset());
    boolean lostTogether = !said.linkUp() && !primary.answers();
    long until = lostTogether ? nowNanos : primary.lastNanos();
    boolean neverHadAll = hasAllUntilNanos == PrimaryOffsets.NEVER;
    lagNanos = until - (neverHadAll ? primary.firstNanos() : hasAllUntilNanos);
    if (!said.linkUp() && primary.answers()) {
      return "its link to the primary is down";
    }
    if (lagNanos > maxLagNanos) {
      return "it is " + TimeUnit.NANOSECONDS.toMillis(lagNanos) + " ms behind";
    }
    return neverHadAll ? NOT_MEASURED : "";
  }

  /** Whether it may be read from. */
  boolean isWell() {
    return isWell;
  }

  /**
   * Whether anything can be said of it. The first look may find that it lacks what its primary has
   * just executed, and since when it lacks it, only the next ones tell.
   */
  boolean isKnown() {
    return vainLooks < 0 || vainLooks >= GOOD_LOOKS;
  }

  /** It has all that the primary had executed by then; {@link PrimaryOffsets#NEVER}: not known. */
  long hasAllUntilNanos() {
    return hasAllUntilNanos;
  }

  /** How long it has been behind, 0: it is not; -1: not known. */
  long lagNanos() {
    return lagNanos;
  }

  /** Why it is not well, in words; empty: it is. */
  String why() {
    return why;
  }
}
