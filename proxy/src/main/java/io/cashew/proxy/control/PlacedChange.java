package io.cashew.proxy.control;

import io.cashew.proxy.topology.ServerId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What becomes of the servers of a pool's shards when others are in their place. Immutable.
 *
 * @param replicas what becomes of the replicas
 * @param nodes the primaries that there are then, in the order of the shards
 * @param added those of them that are not in use yet
 * @param retired those that are in use and will not be
 * @param predecessors of added ones: another one of the same server, whose messages it takes over.
 *     That one is retired now, or was before and is not drained yet.
 */
record PlacedChange(
    Replicas replicas,
    List<Placed> nodes,
    List<Placed> added,
    List<Placed> retired,
    Map<ServerId, ServerId> predecessors) {

  /**
   * What becomes of replicas.
   *
   * @param all that there are then
   * @param added those of them that are not in use yet
   * @param retired those that are in use and will not be
   */
  record Replicas(List<Placed> all, List<Placed> added, List<Placed> retired) {
    /** Nobody reads from any. */
    static final Replicas NONE = of(List.of(), List.of());

    static Replicas of(List<Placed> before, List<Placed> after) {
      List<Placed> added = new ArrayList<>(after);
      added.removeAll(before);
      List<Placed> retired = new ArrayList<>(before);
      retired.removeAll(after);
      return new Replicas(List.copyOf(after), List.copyOf(added), List.copyOf(retired));
    }
  }

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
        Replicas.NONE,
        List.copyOf(after),
        List.copyOf(added),
        List.copyOf(retired),
        Map.copyOf(predecessors));
  }

  /** The same with what becomes of replicas. */
  PlacedChange with(Replicas other) {
    return new PlacedChange(other, nodes, added, retired, predecessors);
  }

  /** All that are not in use yet, replicas included. */
  List<Placed> allAdded() {
    return Stream.of(added, replicas.added()).flatMap(List::stream).toList();
  }

  /** All that will not be in use, replicas included. */
  List<ServerId> retiredIds() {
    return Stream.of(retired, replicas.retired())
        .flatMap(List::stream)
        .map(Placed::server)
        .toList();
  }

  List<ServerId> addedIds() {
    return added.stream().map(Placed::server).toList();
  }

  /** Where to listen to a server until it is in use: at its predecessor, or itself. */
  ServerId listenedToAt(ServerId server) {
    return predecessors.getOrDefault(server, server);
  }
}
