package io.cashew.proxy.route;

import io.cashew.proxy.backend.Backend;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where slots are by what their servers have said since the last topology: {@code MOVED}, to
 * another primary of it. Requests go there, rather than the wrong way each time, until the next
 * topology comes, which knows all that. Confined to the worker.
 *
 * <p>Only the server that a slot's requests go to is believed, and what it has said is taken over
 * once a tick, however many requests show it: each time there is another {@link RoutingTable}, and
 * every client of the worker has to be told. Where that server cannot be reached, the topology
 * counts again.
 */
final class LearntSlots {
  /** What is taken over with the next tick. */
  private final Map<Integer, Backend> heard = new HashMap<>();

  /** What was. */
  private final Map<Integer, Backend> learnt = new HashMap<>();

  /** By the topology; null: what is routed by is. */
  private @Nullable RoutingTable told;

  /**
   * A server says that a slot is at another.
   *
   * @param table what is routed by
   */
  void moved(int slot, Backend from, Backend to, RoutingTable table) {
    if (table.slotsMove() && table.primaryOf(slot) == from && table.primaries.contains(to)) {
      heard.put(slot, to);
    }
  }

  /** Another topology has come. */
  void forget() {
    heard.clear();
    learnt.clear();
    told = null;
  }

  /**
   * What is to be routed by from now on.
   *
   * @param table what is routed by
   * @return {@code table} itself if there is nothing new
   */
  RoutingTable next(RoutingTable table) {
    if (heard.isEmpty() && learnt.isEmpty()) {
      return table;
    }
    boolean lost = learnt.values().removeIf(server -> server.node().circuitOpen());
    if (heard.isEmpty() && !lost) {
      return table;
    }
    RoutingTable base = told == null ? table : told;
    told = base;
    learnt.putAll(heard);
    heard.clear();
    return base.withSlots(learnt);
  }
}
