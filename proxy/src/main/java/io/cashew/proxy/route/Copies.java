package io.cashew.proxy.route;

import io.cashew.proxy.backend.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Which nodes of a pool hold the same data, and which one of those is asked. Immutable. A node is
 * its index in the configuration.
 *
 * <p>Names of one server hold the same data and are reached by one request. Nodes of the
 * distribution {@code random} hold the same data too, but each in a server of its own: what reads
 * or listens asks one of them, what changes every server goes to each.
 *
 * @param anyNodeWillDo for any key, since the distribution is for nodes that hold the same data
 * @param dataOf for each node, the first node that holds the same data
 * @param readers one node for each different data, in the order of {@code dataOf}: the first of
 *     those that are up, or the first of all while none is
 * @param servers one node for each server, chosen in the same way
 */
public record Copies(
    boolean anyNodeWillDo, List<Integer> dataOf, List<Integer> readers, List<Integer> servers) {

  /**
   * Every node holds data of its own.
   *
   * @param nodes how many there are
   */
  public static Copies none(int nodes) {
    List<Integer> all = new ArrayList<>();
    for (int node = 0; node < nodes; node++) {
      all.add(node);
    }
    List<Integer> each = List.copyOf(all);
    return new Copies(false, each, each, each);
  }

  /**
   * What is so at this moment.
   *
   * @param nodes in the order of the configuration
   * @param allHoldTheSame whether the distribution is for nodes that hold the same data
   * @param isUp whether a node may be asked
   */
  public static Copies of(List<Node> nodes, boolean allHoldTheSame, Predicate<Node> isUp) {
    List<Integer> serverOf = new ArrayList<>();
    List<Integer> dataOf = new ArrayList<>();
    for (int node = 0; node < nodes.size(); node++) {
      int first = 0;
      while (first < node && !nodes.get(first).isSameServerAs(nodes.get(node))) {
        first++;
      }
      serverOf.add(first == node ? node : serverOf.get(first));
      dataOf.add(allHoldTheSame ? 0 : serverOf.get(node));
    }
    return new Copies(
        allHoldTheSame,
        List.copyOf(dataOf),
        oneOfEach(dataOf, nodes, isUp),
        oneOfEach(serverOf, nodes, isUp));
  }

  private static List<Integer> oneOfEach(
      List<Integer> firstOf, List<Node> nodes, Predicate<Node> isUp) {
    List<Integer> chosen = new ArrayList<>();
    for (int first = 0; first < nodes.size(); first++) {
      if (firstOf.get(first) == first) {
        int up = first;
        while (up < nodes.size() && !(firstOf.get(up) == first && isUp.test(nodes.get(up)))) {
          up++;
        }
        chosen.add(up < nodes.size() ? up : first);
      }
    }
    return List.copyOf(chosen);
  }

  /** The node that is asked for the data of {@code node}. */
  public int readerOf(int node) {
    int first = dataOf.get(node);
    for (int i = 0; i < readers.size(); i++) {
      int reader = readers.get(i);
      if (dataOf.get(reader) == first) {
        return reader;
      }
    }
    throw new IllegalStateException("no reader for node " + node + ": " + this);
  }

  /** The reader of the next data behind that of {@code node}; -1 if it is the last. */
  int readerBehind(int node) {
    int first = dataOf.get(node);
    for (int i = 0; i < readers.size(); i++) {
      int reader = readers.get(i);
      if (dataOf.get(reader) > first) {
        return reader;
      }
    }
    return -1;
  }
}
