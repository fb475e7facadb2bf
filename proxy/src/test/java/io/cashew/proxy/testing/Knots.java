package io.cashew.proxy.testing;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Finds what depends on itself by way of others, such as classes that need each other. */
public final class Knots {
  private Knots() {}

  /**
   * The knots of a graph: sets of which each member leads to all others.
   *
   * @param edges where each node leads; a node that leads nowhere may be missing
   * @return those of more than one member
   */
  public static List<Set<String>> of(Map<String, Set<String>> edges) {
    Map<String, Set<String>> reached = new HashMap<>();
    edges.keySet().forEach(node -> reached.put(node, from(node, edges)));
    List<Set<String>> knots = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (String node : edges.keySet()) {
      if (seen.add(node)) {
        Set<String> knot = new TreeSet<>();
        for (String other : reached.getOrDefault(node, Set.of())) {
          if (reached.getOrDefault(other, Set.of()).contains(node)) {
            knot.add(other);
          }
        }
        seen.addAll(knot);
        if (knot.size() > 1) {
          knots.add(knot);
        }
      }
    }
    return knots;
  }

  private static Set<String> from(String start, Map<String, Set<String>> edges) {
    Set<String> reached = new HashSet<>();
    ArrayDeque<String> left = new ArrayDeque<>(edges.getOrDefault(start, Set.of()));
    while (!left.isEmpty()) {
      String node = left.remove();
      if (reached.add(node)) {
        left.addAll(edges.getOrDefault(node, Set.of()));
      }
    }
    return reached;
  }
}
