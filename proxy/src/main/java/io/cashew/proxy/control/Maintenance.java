package io.cashew.proxy.control;

import io.cashew.proxy.metrics.NodeState;
import io.cashew.proxy.topology.ServerId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a pool that an operator has taken out, by their names. Immutable.
 *
 * <p>A node is out whatever becomes of its server, its address or the file, until the operator says
 * that it is ready. Its shard has a server of its own meanwhile, {@link #OUT}, to which there are
 * no connections: so what was under way at the real one ends as it does at any server that is no
 * longer used.
 */
record Maintenance(Map<String, NodeState.Maintenance> nodes) {
  /** Every node is in use. */
  static final Maintenance NONE = new Maintenance(Map.of());

  /** Stands for the primary of a node that is out. */
  static final ServerId OUT = new ServerId("", -1);

  Maintenance {
    nodes = Map.copyOf(nodes);
  }

  /** Since when a node is out, and who wanted it; null: it is in use. */
  NodeState.@Nullable Maintenance of(String node) {
    return nodes.get(node);
  }

  /** The same with a node out; one that is out stays so, as it is. */
  Maintenance with(String node, NodeState.Maintenance since) {
    if (nodes.containsKey(node)) {
      return this;
    }
    Map<String, NodeState.Maintenance> more = new HashMap<>(nodes);
    more.put(node, since);
    return new Maintenance(more);
  }

  /** The same with a node in use. */
  Maintenance without(String node) {
    Map<String, NodeState.Maintenance> fewer = new HashMap<>(nodes);
    fewer.remove(node);
    return new Maintenance(fewer);
  }

  /**
   * How long what is under way on servers that are no longer used may take.
   *
   * @param retired those servers
   * @param millis what any may take
   */
  long drainMillis(List<Placed> retired, long millis) {
    boolean cutOff =
        !retired.isEmpty()
            && retired.stream()
                .map(each -> of(each.shard()))
                .allMatch(out -> out != null && out.how().equals(NodeAction.OFFLINE.word()));
    return cutOff ? 0 : millis;
  }

  /** What a client is told of a node that is out, with the error's code. */
  static String error(String pool, String node, NodeState.Maintenance out) {
    return "ERR node '"
        + node
        + "' of pool '"
        + pool
        + "' is out for maintenance ("
        + out.how()
        + "): it takes no requests until an operator says that it is ready";
  }
}
