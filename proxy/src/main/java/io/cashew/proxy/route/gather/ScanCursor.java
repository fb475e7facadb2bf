package io.cashew.proxy.route.gather;

import io.cashew.proxy.topology.Copies;
import java.util.OptionalLong;

/**
 * Where an iteration of {@code SCAN} over all nodes stands. Immutable.
 *
 * <p>A client's cursor is a node's cursor times the number of nodes, plus the node: a number like
 * any server's, which says all. So it can be at the same place again on another connection, another
 * worker or another proxy. A node's last step leads to the first step of the next node that holds
 * other data, the last one's to 0. A node's cursor that is too large for the product in 64 bits has
 * no place in a client's. Where another server may take the place of a node's, its cursors have a
 * {@link ServerMark}.
 *
 * @param node that the next step asks, in the order of the configuration
 * @param nodeCursor what it is asked with, an unsigned number
 */
record ScanCursor(int node, long nodeCursor) {

  /**
   * Reads a client's cursor. The first step on data goes to the node that is asked for them at this
   * time; later ones go where the iteration began, since no other node knows its cursors.
   *
   * @param cursor an unsigned number
   */
  static ScanCursor of(long cursor, Copies copies) {
    int nodes = copies.dataOf().size();
    int node = (int) Long.remainderUnsigned(cursor, nodes);
    long nodeCursor = Long.divideUnsigned(cursor, nodes);
    return new ScanCursor(nodeCursor == 0 ? copies.readerOf(node) : node, nodeCursor);
  }

  /**
   * The client's cursor after this step; empty if there is no room for it.
   *
   * @param next the node's, an unsigned number; 0: the node has no more
   */
  OptionalLong after(long next, Copies copies) {
    int nodes = copies.dataOf().size();
    if (next == 0) {
      return OptionalLong.of(Math.max(0, copies.readerBehind(node)));
    }
    long most = Long.divideUnsigned(-1L - node, nodes);
    return Long.compareUnsigned(next, most) > 0
        ? OptionalLong.empty()
        : OptionalLong.of(next * nodes + node);
  }
}
