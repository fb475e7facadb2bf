package io.cashew.proxy.cli;

import io.cashew.hashing.distribution.Distribution;
import io.cashew.hashing.distribution.Member;
import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.PoolSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The nodes of a pool and how hashes are spread over them.
 *
 * @param nodes in order
 * @param spread over their indexes
 */
record Ring(List<NodeSettings> nodes, Distribution spread) {
  private static final int SAMPLES = 1 << 20;

  /** 2^32 over the golden ratio: its multiples are spread evenly. */
  private static final int STRIDE = 0x9e3779b9;

  /**
   * The ring of a pool over these nodes.
   *
   * @throws IllegalArgumentException if they cannot be spread over; the message says why
   */
  static Ring of(PoolSettings pool, List<NodeSettings> nodes) {
    List<Member> members = new ArrayList<>();
    for (NodeSettings node : nodes) {
      members.add(
          new Member(members.size(), node.name(), node.weight(), node.slots(), node.named()));
    }
    return new Ring(
        List.copyOf(nodes),
        pool.placement().distribution().create(members, pool.placement().options()));
  }

  /** The part of all hashes that each node has. */
  double[] shares() {
    return spread.shares(nodes.size());
  }

  /** What moves from this ring to another, by the names of the nodes that get it: parts of all. */
  Map<String, Double> moves(Ring to) {
    Map<String, Double> moves = new TreeMap<>();
    for (int i = 0; i < SAMPLES; i++) {
      int hash = i * STRIDE;
      String after = to.nodes.get(to.spread.nodeFor(hash)).name();
      if (!after.equals(nodes.get(spread.nodeFor(hash)).name())) {
        moves.merge(after, 1.0 / SAMPLES, Double::sum);
      }
    }
    return moves;
  }
}
