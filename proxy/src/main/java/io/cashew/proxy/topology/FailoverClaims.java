package io.cashew.proxy.topology;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The Sentinels that say that they are replacing the primary of one master name, and whether that
 * is believed. A failover that somebody asks for is known to one Sentinel alone until it is over,
 * and the former primary goes on taking writes, which are lost: so one that says so is enough for
 * writes to wait. It is not enough for more, and not for long: each has a credit of {@link
 * #CREDIT_MILLIS}, which its claim uses up. It gets that back when another server has taken over,
 * else a {@link #EARNS_IN}th of the time: so one that lies or is cut off holds up writes for that
 * share of the time at most. Confined to its owner's thread.
 *
 * <p>A claim is against the primary that the Sentinel named when it began. It lasts until the
 * Sentinel says that it replaces nobody and names that primary: one that names another already has
 * replaced it, and the others do not know yet.
 */
final class FailoverClaims {
  /** A planned failover takes one to three seconds. */
  static final long CREDIT_MILLIS = 10_000;

  /** Of so many milliseconds one is earned. */
  static final long EARNS_IN = 60;

  /** With less credit a new claim is not believed: it would be for a moment only. */
  static final long LEAST_MILLIS = 3_000;

  private static final long CREDIT_NANOS = TimeUnit.MILLISECONDS.toNanos(CREDIT_MILLIS);
  private static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(LEAST_MILLIS);

  /**
   * What a Sentinel says at the moment.
   *
   * @param sentinel its address
   * @param replaces whether it says that it replaces the primary
   * @param names whom it names as the primary; empty: nobody
   */
  record Saying(String sentinel, boolean replaces, Optional<String> names) {}

  private static final class Claimant {
    private long creditNanos = CREDIT_NANOS;
    private long countedNanos;
    private boolean replaces;

    /** The primary that it claims to replace; null: it claims nothing. */
    private @Nullable String against;

    private boolean believed;

    Claimant(long nowNanos) {
      countedNanos = nowNanos;
    }

    void count(long nowNanos) {
      long pastNanos = nowNanos - countedNanos;
      countedNanos = nowNanos;
      if (believed) {
        creditNanos = Math.max(0, creditNanos - pastNanos);
        believed = creditNanos > 0;
      } else {
        creditNanos = Math.min(CREDIT_NANOS, creditNanos + pastNanos / EARNS_IN);
      }
    }

    void says(Saying saying) {
      String named = saying.names().orElse(null);
      if (saying.replaces() && !replaces) {
        against = named;
        believed = named != null && creditNanos >= LEAST_NANOS;
      } else if (!saying.replaces() && (named == null || named.equals(against))) {
        ends();
      }
      replaces = saying.replaces();
    }

    void ends() {
      against = null;
      believed = false;
    }
  }

  private final Map<String, Claimant> claimants = new HashMap<>();

  /**
   * The Sentinels say this now.
   *
   * @param sayings of all that there are, each once
   */
  void look(List<Saying> sayings, long nowNanos) {
    claimants.keySet().retainAll(sayings.stream().map(Saying::sentinel).toList());
    for (Saying each : sayings) {
      Claimant its = claimants.computeIfAbsent(each.sentinel(), first -> new Claimant(nowNanos));
      its.count(nowNanos);
      its.says(each);
    }
  }

  /** Another server has taken over from a primary: those who have said so have told the truth. */
  void isReplaced(String former) {
    for (Claimant each : claimants.values()) {
      if (former.equals(each.against)) {
        each.creditNanos = CREDIT_NANOS;
        each.ends();
      }
    }
  }

  /** A Sentinel that is replacing a primary, and is believed; empty: none. */
  Optional<String> against(String primary) {
    return claimants.entrySet().stream()
        .filter(each -> each.getValue().believed && primary.equals(each.getValue().against))
        .map(Map.Entry::getKey)
        .sorted()
        .findFirst();
  }
}
