package io.cashew.proxy.control;

import io.cashew.proxy.topology.ServerId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What becomes of the primaries of a pool's shards when others are in their place. Immutable.
 *
 * @param nodes the primaries that there are then, in the order of the shards
 * @param added those of them that are not in use yet
 * @param retired those that are in use and will not be
 * @param predecessors of added ones: another one of the same server, whose messages it takes over.
 *     That one is retired now, or was before and is not drained yet.
 */
record PlacedChange(
    List<Placed> nodes,
    List<Placed> added,
    List<Placed> retired,
    Map<ServerId, ServerId> predecessors) {

  /**
   * The way from some to others.
   *
   * @param draining retired by former changes, and not drained
   */
  static PlacedChange of(List<Placed> before, List<Placed> after, List<Placed> draining) {
    List<Placed> added = new ArrayList<>(after);
    added.removeAll(before);
    List<Placed> retired = new ArrayList<>(before);
    retired.removeAll(after);
    List<Placed> free = new ArrayList<>(retired);
    free.addAll(draining);
    Map<ServerId, ServerId> predecessors = new HashMap<>();
    for (Placed each : added) {
      free.stream()
          .filter(each::isReachedAs)
          .findFirst()
          .ifPresent(
              former -> {
                predecessors.put(each.server(), former.server());
                free.remove(former);
              });
    }
    return new PlacedChange(
        List.copyOf(after), List.copyOf(added), List.copyOf(retired), Map.copyOf(predecessors));
  }

  List<ServerId> retiredIds() {
    return retired.stream().map(Placed::server).toList();
  }

  List<ServerId> addedIds() {
    return added.stream().map(Placed::server).toList();
  }

  /** Where to listen to a server until it is in use: at its predecessor, or itself. */
  ServerId listenedToAt(ServerId server) {
    return predecessors.getOrDefault(server, server);
  }
}
