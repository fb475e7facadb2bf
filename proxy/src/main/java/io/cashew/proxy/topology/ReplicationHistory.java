package io.cashew.proxy.topology;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which of a shard's servers is its primary, where no Sentinel says so: that which says it itself
 * and has the data of the one that was. A server that is empty, or has the data of another shard,
 * is not believed; of two that both say it, the former one stays. Confined to its owner's thread.
 *
 * <p>The data are compared by the id of their history and by their offset in it. A server that
 * takes over may miss what the former primary had not yet passed on: so its offset is compared with
 * what the former one had a second before it was last seen. What lags by more is not believed.
 */
final class ReplicationHistory {
  /** How far a replica may be behind and be believed. */
  static final long LAG_MILLIS = 1000;

  /** How the answers of a shard's servers fit together. */
  enum Standing {
    /** One says that it is primary, and is believed. */
    SERVES,

    /** The primary does not answer, and nobody has taken over whom one could believe. */
    SILENT,

    /** More than one say that they are primary. */
    TWO_PRIMARIES,

    /** The primary has other data than it had, and another server still has these. */
    OTHER_DATA,

    /** Nobody is known to be primary. */
    NONE
  }

  /**
   * What was found.
   *
   * @param primary who takes writes; empty: nobody may
   * @param others that say that they are primary and are not believed
   */
  record Finding(Optional<String> primary, Standing standing, List<String> others) {

    /** The others, where more than one server that answers says that it is primary. */
    List<String> rivals() {
      boolean answers = primary.isPresent() && standing != Standing.SILENT;
      return answers || others.size() > 1 ? others : List.of();
    }
  }

  private record Sample(long atMillis, long offset) {}

  private @Nullable String former;
  private String history = "";

  /** Offsets of the former primary: the newest that is old enough to compare with, and newer. */
  private final Deque<Sample> samples = new ArrayDeque<>();

  /**
   * Takes what the servers say at one moment.
   *
   * @param answers of each that answers, by its address, in the order of the configuration
   * @param nowMillis of any clock that does not go back
   */
  Finding judge(Map<String, ReplicationState> answers, long nowMillis) {
    String before = former;
    if (before == null) {
      return first(answers, nowMillis);
    }
    ReplicationState was = answers.get(before);
    if (was == null) {
      return successor(answers, nowMillis).orElseGet(() -> stays(Standing.SILENT, answers));
    }
    if (!was.isPrimary()) {
      return successorOf(was, answers, nowMillis).orElseGet(() -> nobody(answers));
    }
    if (was.has(history)) {
      return serves(before, was, answers, nowMillis);
    }
    return successor(answers, nowMillis)
        .orElseGet(
            () -> {
              if (answers.values().stream().anyMatch(each -> each.has(history))) {
                return stays(Standing.OTHER_DATA, answers);
              }
              samples.clear();
              return serves(before, was, answers, nowMillis);
            });
  }

  /** Nobody was known: one is believed whose data nobody else's contradict. */
  private Finding first(Map<String, ReplicationState> answers, long nowMillis) {
    List<String> primaries = primaries(answers);
    List<String> tookOver =
        primaries.stream().filter(each -> hasTakenOverFromOther(each, answers)).toList();
    List<String> followed = primaries.stream().filter(each -> isFollowed(each, answers)).toList();
    boolean alone = answers.values().stream().allMatch(ReplicationState::isPrimary);
    String believed = null;
    if (primaries.size() > 1 && tookOver.size() == 1) {
      believed = tookOver.get(0);
    } else if (followed.size() == 1) {
      believed = followed.get(0);
    } else if (primaries.size() == 1 && alone) {
      believed = primaries.get(0);
    }
    ReplicationState state = believed == null ? null : answers.get(believed);
    return believed == null || state == null
        ? nobody(answers)
        : serves(believed, state, answers, nowMillis);
  }

  private static boolean hasTakenOverFromOther(
      String primary, Map<String, ReplicationState> answers) {
    return answers.entrySet().stream()
        .filter(each -> each.getValue().isPrimary() && !each.getKey().equals(primary))
        .anyMatch(
            each -> {
              ReplicationState state = answers.get(primary);
              return state != null
                  && each.getValue().history().equals(state.formerHistory())
                  && !state.formerHistory().isEmpty();
            });
  }

  private static boolean isFollowed(String primary, Map<String, ReplicationState> answers) {
    ReplicationState state = answers.get(primary);
    return state != null
        && answers.values().stream()
            .anyMatch(
                each ->
                    !each.isPrimary() && (each.has(state.history()) || state.has(each.history())));
  }

  /** Who has taken over from a primary that is a replica now; its new primary is believed. */
  private Optional<Finding> successorOf(
      ReplicationState was, Map<String, ReplicationState> answers, long nowMillis) {
    for (String primary : primaries(answers)) {
      ReplicationState state = answers.get(primary);
      if (state != null
          && was.linkUp()
          && !was.history().isEmpty()
          && was.history().equals(state.history())) {
        return Optional.of(takesOver(primary, state, answers, nowMillis));
      }
    }
    return successor(answers, nowMillis);
  }

  /** Who has taken over, as its data say; of several, that which did so last. */
  private Optional<Finding> successor(Map<String, ReplicationState> answers, long nowMillis) {
    return answers.entrySet().stream()
        .filter(each -> !each.getKey().equals(former) && isBelieved(each.getValue()))
        .max(
            Map.Entry.comparingByValue(
                Comparator.comparingLong(ReplicationState::tookOverAt)
                    .thenComparingLong(ReplicationState::offset)))
        .map(each -> takesOver(each.getKey(), each.getValue(), answers, nowMillis));
  }

  private boolean isBelieved(ReplicationState state) {
    Sample toCompareWith = samples.peekFirst();
    return state.isPrimary()
        && state.has(history)
        && (toCompareWith == null || state.offset() >= toCompareWith.offset());
  }

  private Finding takesOver(
      String primary,
      ReplicationState state,
      Map<String, ReplicationState> answers,
      long nowMillis) {
    samples.clear();
    return serves(primary, state, answers, nowMillis);
  }

  private Finding serves(
      String primary,
      ReplicationState state,
      Map<String, ReplicationState> answers,
      long nowMillis) {
    former = primary;
    history = state.history();
    samples.addLast(new Sample(nowMillis, state.offset()));
    while (samples.size() > 1 && isOld(second(), nowMillis)) {
      samples.removeFirst();
    }
    List<String> others = others(answers);
    return new Finding(
        Optional.of(primary), others.isEmpty() ? Standing.SERVES : Standing.TWO_PRIMARIES, others);
  }

  private static boolean isOld(Sample sample, long nowMillis) {
    return nowMillis - sample.atMillis() >= LAG_MILLIS;
  }

  private Sample second() {
    return List.copyOf(samples).get(1);
  }

  private Finding stays(Standing standing, Map<String, ReplicationState> answers) {
    return new Finding(Optional.ofNullable(former), standing, others(answers));
  }

  private Finding nobody(Map<String, ReplicationState> answers) {
    List<String> others = primaries(answers);
    return new Finding(
        Optional.empty(), others.size() > 1 ? Standing.TWO_PRIMARIES : Standing.NONE, others);
  }

  private List<String> others(Map<String, ReplicationState> answers) {
    return primaries(answers).stream().filter(each -> !each.equals(former)).toList();
  }

  private static List<String> primaries(Map<String, ReplicationState> answers) {
    List<String> primaries = new ArrayList<>();
    answers.forEach(
        (address, state) -> {
          if (state.isPrimary()) {
            primaries.add(address);
          }
        });
    return primaries;
  }
}
