package io.cashew.proxy.control;

import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Shard;
import io.cashew.proxy.topology.Topology;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Primaries of a pool from which others are about to take over: what may write waits there. That
 * does not go with the topologies, which workers go over to one after another, since each moment
 * counts; but it ends with one: a node whose server is to be let go lets nothing through that has
 * waited. Confined to the control thread.
 */
final class ReplacedPrimaries {
  private Set<ServerId> replaced = Set.of();

  /**
   * These are, and no others.
   *
   * @param wanted what the pool is to be
   * @param nodes what it has
   */
  void are(Set<ServerId> primaries, Topology wanted, List<Placed> nodes) {
    replaced = Set.copyOf(primaries);
    look(wanted, nodes);
  }

  /** The pool has these nodes, or is about to. */
  void look(Topology wanted, List<Placed> nodes) {
    Set<ServerId> stay = wanted.shards().stream().map(Shard::primary).collect(Collectors.toSet());
    for (Placed each : nodes) {
      if (stay.contains(each.known())) {
        boolean is = replaced.contains(each.known());
        each.node().isBeingReplaced(is);
        each.state().primary().beingReplaced(is);
      }
    }
  }
}
