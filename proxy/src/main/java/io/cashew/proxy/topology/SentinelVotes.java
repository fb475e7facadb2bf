package io.cashew.proxy.topology;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whom most Sentinels name as the primary of one master name. Most are more than half of all that
 * are configured or learnt, whether they answer or not: so a Sentinel that is cut off, stale or
 * lies moves nothing. Confined to its owner's thread.
 *
 * <p>A Sentinel that has several addresses counts once, by its id. One that is not configured
 * counts when most of the configured ones that have ever answered tell of it: a liar cannot
 * outnumber the rest by Sentinels that it makes up. A configured address that has never answered
 * may be that of any learnt Sentinel of which no configured address is known, so it counts only if
 * there is no such Sentinel left.
 */
final class SentinelVotes {
  /** More than anybody runs; a Sentinel that tells of more is not believed beyond that. */
  static final int MOST = 64;

  /**
   * A Sentinel that another one tells of.
   *
   * @param id of its process
   * @param address {@code host:port}
   */
  record Told(String id, String address) {}

  /**
   * What comes out of it.
   *
   * @param primary {@code host:port}, named by most; empty: fewer agree
   * @param votes for the address that has most
   * @param answering Sentinels that say something
   * @param all Sentinels that count
   */
  record Outcome(Optional<String> primary, int votes, int answering, int all) {

    /** Whether none that answers names another one, or nobody. */
    boolean isUndisputed() {
      return primary.isPresent() && votes == answering;
    }

    /** Whether most answer. */
    boolean mostAnswer() {
      return isMost(answering, all);
    }
  }

  /** What one address of a Sentinel has said. */
  private static final class Voice {
    /** Of the process; empty: it has not said. */
    String id = "";

    /** Whom it names; null: it does not answer. An empty text: it knows no such master. */
    @Nullable String names;

    /** Null: it has never said. */
    @Nullable Set<Told> tells;
  }

  private final Set<String> configured;
  private final Map<String, Voice> voices = new LinkedHashMap<>();

  /**
   * Nobody has said anything.
   *
   * @param configured addresses of Sentinels
   */
  SentinelVotes(Collection<String> configured) {
    this.configured = new LinkedHashSet<>(configured);
    this.configured.forEach(address -> voices.put(address, new Voice()));
  }

  /** The Sentinel at an address says who it is. */
  void is(String address, String id) {
    voice(address).id = id;
  }

  /** It names a primary. */
  void names(String address, String primary) {
    voice(address).names = primary;
  }

  /** It knows no master of the name. */
  void namesNobody(String address) {
    voice(address).names = "";
  }

  /** It tells of others. */
  void tells(String address, Collection<Told> others) {
    Set<Told> told = new LinkedHashSet<>();
    others.stream().limit(MOST).forEach(told::add);
    voice(address).tells = told;
  }

  /** It does not answer any more. What it told of others stays. */
  void isSilent(String address) {
    Voice voice = voices.get(address);
    if (voice != null) {
      voice.names = null;
    }
  }

  /** Whom the Sentinel at an address names; empty: nobody, or it does not answer. */
  Optional<String> namedBy(String address) {
    Voice voice = voices.get(address);
    return voice == null
        ? Optional.empty()
        : Optional.ofNullable(voice.names).filter(named -> !named.isEmpty());
  }

  private Voice voice(String address) {
    return voices.computeIfAbsent(address, unknown -> new Voice());
  }

  /** Where all that count can be asked: the configured ones first. */
  List<String> addresses() {
    Set<String> addresses = new LinkedHashSet<>(configured);
    Set<String> reached = new LinkedHashSet<>();
    configured.forEach(address -> reached.add(idOf(address)));
    learnt()
        .forEach(
            (id, address) -> {
              if (!reached.contains(id)) {
                addresses.add(address);
              }
            });
    return List.copyOf(addresses);
  }

  /** Whom most name now. */
  Outcome outcome() {
    Set<String> ids = ids();
    Map<String, String> votes = new HashMap<>();
    voices.forEach(
        (address, voice) -> {
          if (voice.names != null && ids.contains(idOf(address))) {
            votes.put(idOf(address), voice.names);
          }
        });
    Map<String, Integer> counts = new HashMap<>();
    votes.values().forEach(named -> counts.merge(named, 1, Integer::sum));
    counts.remove("");
    String best = "";
    int votesForBest = 0;
    for (Map.Entry<String, Integer> each : counts.entrySet()) {
      if (each.getValue() > votesForBest) {
        best = each.getKey();
        votesForBest = each.getValue();
      }
    }
    boolean most = isMost(votesForBest, ids.size());
    return new Outcome(
        most ? Optional.of(best) : Optional.empty(), votesForBest, votes.size(), ids.size());
  }

  /** Whether most know no master of the name. */
  boolean isUnknown() {
    Set<String> ids = ids();
    Set<String> without = new LinkedHashSet<>();
    voices.forEach(
        (address, voice) -> {
          if ("".equals(voice.names) && ids.contains(idOf(address))) {
            without.add(idOf(address));
          }
        });
    return isMost(without.size(), ids.size());
  }

  private static boolean isMost(int some, int all) {
    return 2 * some > all;
  }

  /** Of all that count; an address stands for an id that is not known. */
  private Set<String> ids() {
    Set<String> ids = new LinkedHashSet<>();
    Set<String> unreached = new LinkedHashSet<>();
    for (String address : configured) {
      Voice voice = voice(address);
      if (voice.id.isEmpty() && voice.names == null) {
        unreached.add(address);
      } else {
        ids.add(idOf(address));
      }
    }
    int reached = ids.size();
    ids.addAll(learnt().keySet());
    int mayBeUnreached = ids.size() - reached;
    unreached.stream().skip(mayBeUnreached).forEach(ids::add);
    return ids;
  }

  /** Those that most of the configured ones tell of: an address by the id. */
  private Map<String, String> learnt() {
    Map<String, Set<Told>> tells = new LinkedHashMap<>();
    for (String address : configured) {
      Set<Told> told = voice(address).tells;
      if (told != null) {
        tells.put(idOf(address), told);
      }
    }
    Map<String, String> learnt = new LinkedHashMap<>();
    Map<String, String> addresses = new LinkedHashMap<>();
    Map<String, Integer> tellers = new LinkedHashMap<>();
    tells.values().stream()
        .flatMap(Set::stream)
        .forEach(
            told -> {
              tellers.merge(told.id(), 1, Integer::sum);
              addresses.put(told.id(), told.address());
            });
    tellers.forEach(
        (id, count) -> {
          // Nobody tells of itself.
          int asked = tells.size() - (tells.containsKey(id) ? 1 : 0);
          if (isMost(count, asked) && learnt.size() < MOST) {
            learnt.put(id, addresses.getOrDefault(id, ""));
          }
        });
    return learnt;
  }

  private String idOf(String address) {
    Voice voice = voices.get(address);
    if (voice != null && !voice.id.isEmpty()) {
      return voice.id;
    }
    // Before 6.2 a Sentinel does not say its id, but others do.
    return configured.stream()
        .flatMap(teller -> tellsOf(teller).stream())
        .filter(told -> told.address().equals(address))
        .map(Told::id)
        .findFirst()
        .orElse(address);
  }

  private Set<Told> tellsOf(String address) {
    Set<Told> told = voice(address).tells;
    return told == null ? Set.of() : told;
  }
}
