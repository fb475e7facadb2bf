package io.cashew.proxy.control;

import io.cashew.proxy.config.NodePlace;
import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.event.Events;
import io.cashew.proxy.metrics.PrimaryState;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Notes who the primaries of a pool are each time that the pool goes over, and tells of failovers:
 * another server than before takes a node's writes, and no file says so. Control thread only, but
 * for the first time, which is that of the thread that starts the pool.
 */
final class Primaries {
  private static final Logger LOG = LoggerFactory.getLogger(Primaries.class);

  private Primaries() {}

  /**
   * The pool goes over.
   *
   * @param before what its settings were
   * @param wanted what the pool is from now on
   * @param nodes the primaries from now on
   */
  static void note(PoolSettings before, Wanted wanted, List<Placed> nodes, long nowMillis) {
    PoolSettings now = wanted.settings();
    for (Placed node : nodes) {
      node.state().maintenance(wanted.maintenance().of(node.shard()));
      if (node.isOut()) {
        continue; // who was primary before is so afterwards, as far as anybody can tell
      }
      PrimaryState state = node.state().primary();
      if (!place(before, node.shard()).equals(place(now, node.shard()))) {
        state.isElsewhere();
      }
      if (node.node().address().isNobody()) {
        state.isNobody(nowMillis);
      } else {
        String former = state.lastAddress();
        PrimaryState.Now was = state.now();
        OptionalLong awayMillis = state.is(node.known().address(), nowMillis);
        if (awayMillis.isPresent()) {
          event(Events.FAILOVER, now, node, awayMillis.getAsLong())
              .log(
                  "node '{}' of pool '{}' has failed over: {} is primary instead of {}, after {} ms"
                      + " without one that served",
                  node.shard(),
                  now.name(),
                  node.known().address(),
                  former,
                  awayMillis.getAsLong());
        } else if (was.address() == null && node.known().address().equals(former)) {
          event(Events.PRIMARY_BACK, now, node, nowMillis - was.sinceMillis())
              .log(
                  "node '{}' of pool '{}' has its primary {} again, after {} ms without one",
                  node.shard(),
                  now.name(),
                  former,
                  nowMillis - was.sinceMillis());
        }
      }
    }
  }

  /** Where a node is configured to be. */
  static Optional<NodePlace> place(PoolSettings pool, String node) {
    return pool.nodes().stream()
        .filter(each -> each.name().equals(node))
        .map(NodeSettings::place)
        .findFirst();
  }

  private static LoggingEventBuilder event(
      Marker kind, PoolSettings pool, Placed node, long millis) {
    return LOG.atInfo()
        .addMarker(kind)
        .addKeyValue(Events.POOL, pool.name())
        .addKeyValue(Events.NODE, node.shard())
        .addKeyValue(Events.MILLIS, millis);
  }
}
