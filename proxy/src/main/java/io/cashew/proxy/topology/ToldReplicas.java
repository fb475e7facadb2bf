package io.cashew.proxy.topology;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Replicas of one master that Sentinels tell of: those of which most tell that answer. So one
 * Sentinel that lies has nobody connected to. Confined to its owner's thread.
 */
final class ToldReplicas {
  private final Map<String, Set<String>> told = new HashMap<>();

  /**
   * A Sentinel tells.
   *
   * @param sentinel its address
   * @param replicas addresses of all that it knows
   */
  void tells(String sentinel, Collection<String> replicas) {
    told.put(sentinel, Set.copyOf(replicas));
  }

  /** A Sentinel does not answer any more. What the last of all told stays. */
  void isSilent(String sentinel) {
    if (told.size() > 1) {
      told.remove(sentinel);
    }
  }

  /** Their addresses, in an order that does not change by itself. */
  List<String> most() {
    Map<String, Integer> counts = new TreeMap<>();
    told.values().forEach(each -> each.forEach(replica -> counts.merge(replica, 1, Integer::sum)));
    return counts.entrySet().stream()
        .filter(each -> 2 * each.getValue() > told.size())
        .map(Map.Entry::getKey)
        .toList();
  }
}
