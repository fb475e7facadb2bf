package io.cashew.proxy.control;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.metrics.NodeState;
import io.cashew.proxy.topology.ServerId;
import org.jspecify.annotations.Nullable;

/**
 * The server that is the primary of a shard, as long as it is and its connections need not be made
 * anew: {@link Placing} says when that is. Another server, or the same one with other connections,
 * is another object with another {@link Node}; only the {@link NodeState} is that of the shard's
 * name. Immutable.
 *
 * @param shard the name of the shard
 * @param known the server as the topology's source names it
 * @param server the server in the topologies that workers route by: no other object has this id
 * @param node its address and its circuit
 * @param state what is published of the node of this name
 * @param generation of the settings that its connections were made by
 * @param tls what its connections are encrypted with; null: with nothing
 */
record Placed(
    String shard,
    ServerId known,
    ServerId server,
    Node node,
    NodeState state,
    long generation,
    @Nullable WatchedTls tls) {

  /** Whether it stands for the server of a node that an operator has taken out. */
  boolean isOut() {
    return known.equals(Maintenance.OUT);
  }

  /** Whether the name of its address has another address than it was made with. */
  boolean moved() {
    return node.address().moved();
  }

  /**
   * Whether a connection to the other is one to this server: it may be handed over.
   *
   * <p>If neither has an address yet, their configuration decides.
   */
  boolean isReachedAs(Placed other) {
    return tls == other.tls
        && !isOut()
        && !other.isOut()
        && (node.isSameServerAs(other.node)
            || (node.address().home() == null
                && other.node.address().home() == null
                && node.address().text().equals(other.node.address().text())));
  }

  /** What to say of a node whose name has moved. */
  String movedText(String pool) {
    return "pool "
        + pool
        + ": node "
        + shard
        + ": "
        + node.address().text()
        + " is at "
        + node.address().current()
        + ", it was at "
        + node.address().home();
  }
}
