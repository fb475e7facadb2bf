package io.cashew.proxy.control;

import java.util.BitSet;
import java.util.List;

/**
 * Which nodes of a pool are out of their distribution: a function of what is known of them, without
 * a state or a clock of its own.
 *
 * <p>Never more than {@code max-ejected} of the nodes are out, and never the last: the keys of the
 * others get errors then. The keys of nodes that are well never move by a failure of others.
 */
final class Ejection {

  /** What is known of a node. */
  enum Condition {
    WELL,

    /** Its circuit is open, and nothing but the end of a connection says that it is down. */
    SUSPECT,

    DOWN,

    /** It went down together with all others, and is given time to come back with them. */
    AWAITED
  }

  private Ejection() {}

  /**
   * The nodes that are out from now on: those that were and are still down, and, in the order of
   * the nodes, as many more of those that are down as may be.
   *
   * @param before indexes of the nodes that were out
   * @param nodes what is known of each, in the order of the configuration
   * @param maxEjected largest share of the nodes that may be out at once, 0 to 1
   * @return their indexes
   */
  static BitSet after(BitSet before, List<Condition> nodes, double maxEjected) {
    BitSet out = new BitSet();
    for (int i = 0; i < nodes.size(); i++) {
      Condition condition = nodes.get(i);
      out.set(i, before.get(i) && condition != Condition.WELL && condition != Condition.AWAITED);
    }
    int most = Math.min(nodes.size() - 1, (int) (maxEjected * nodes.size()));
    for (int i = 0; i < nodes.size() && out.cardinality() < most; i++) {
      if (nodes.get(i) == Condition.DOWN) {
        out.set(i);
      }
    }
    return out;
  }
}
