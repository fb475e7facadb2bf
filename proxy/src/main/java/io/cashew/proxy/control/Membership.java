package io.cashew.proxy.control;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.config.HealthSettings;
import io.cashew.proxy.event.Events;
import io.cashew.proxy.metrics.NodeState;
import io.cashew.proxy.topology.Copies;
import io.cashew.proxy.topology.Ejection;
import io.cashew.proxy.topology.Ejection.Condition;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.SlotPlacement;
import io.cashew.proxy.topology.Topology;
import io.netty.util.concurrent.Ticker;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * The topology of a pool as it follows from that of its source, the {@link Health} of its nodes and
 * the {@link Ejection} of those that are down. Confined to the control thread, but for {@link
 * #follow} before the start.
 */
final class Membership {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  private final Health health;
  private final Consumer<Topology> publisher;
  private List<Placed> nodes = List.of();

  /** What was published last; null while nodes are {@linkplain #follow changed}. */
  private @Nullable Topology current;

  private long version;

  Membership(ScheduledExecutorService control, Consumer<Topology> publisher, Health.Prober prober) {
    this.publisher = publisher;
    health = new Health(control, Ticker.systemTicker(), prober, this::update);
  }

  /** Hears of the circuits of the nodes that this is to follow. */
  Node.Listener circuits() {
    return health;
  }

  /**
   * Has these nodes from now on. What is known of those that it had stays.
   *
   * @param settings how they are watched
   * @param next whose primaries they are; nobody is ejected
   * @param now in the order of the shards
   * @return the topology that it is while they are as they are
   */
  Topology follow(HealthSettings settings, Topology next, List<Placed> now) {
    Topology former = current;
    Topology topology = former == null ? next : Ejection.carriedOver(former, next);
    nodes = List.copyOf(now);
    current = null; // what is heard meanwhile is in the topology that is returned
    now.forEach(each -> each.node().failureLimit(settings.failureLimit()));
    health.follow(
        settings, now.stream().map(each -> new Health.Placed(each.node(), each.state())).toList());
    if (next.placement() instanceof SlotPlacement slots) {
      int[] counts = slots.counts(now.size());
      for (int i = 0; i < counts.length; i++) {
        now.get(i).state().slots(counts[i]);
      }
    }
    topology = afterEjection(topology);
    for (int i = 0; i < now.size(); i++) {
      if (!topology.ejected().contains(i)) {
        now.get(i).state().readmit();
      }
    }
    return numbered(topology.with(copies(topology, now)));
  }

  /** A topology of nodes before anything is known of them but what they say themselves. */
  static Topology withCopies(Topology of, List<Placed> nodes) {
    return of.with(copies(of, nodes));
  }

  private Topology numbered(Topology next) {
    Topology numbered = next.numbered(++version);
    current = numbered;
    return numbered;
  }

  private static Copies copies(Topology of, List<Placed> nodes) {
    Map<ServerId, Node> byServer = new HashMap<>();
    nodes.forEach(each -> byServer.put(each.server(), each.node()));
    return Copies.of(
        of.shards(),
        of.traits().allHoldTheSame(),
        (one, other) -> node(byServer, one).isSameServerAs(node(byServer, other)),
        server -> !node(byServer, server).circuitOpen());
  }

  private static Node node(Map<ServerId, Node> byServer, ServerId server) {
    Node node = byServer.get(server);
    if (node == null) {
      throw new IllegalStateException("no node at " + server);
    }
    return node;
  }

  /** Which nodes are names of one server, or which of them can be asked, may have changed. */
  void lookAtCopies() {
    Topology before = current;
    if (before != null) {
      publishIfOther(before, before);
    }
  }

  /** Publishes a topology in which keys belong to what is well, as far as that is allowed. */
  private void update() {
    Topology before = current;
    if (before != null) {
      publishIfOther(before, afterEjection(before));
    }
  }

  private Topology afterEjection(Topology before) {
    Map<ServerId, Condition> conditions = new HashMap<>();
    List<Condition> inOrder = health.conditions();
    for (int i = 0; i < nodes.size(); i++) {
      conditions.put(nodes.get(i).server(), inOrder.get(i));
    }
    Topology after = Ejection.of(before, server -> conditions.getOrDefault(server, Condition.WELL));
    for (int i = 0; i < nodes.size(); i++) {
      boolean out = after.ejected().contains(i);
      if (out != before.ejected().contains(i)) {
        tell(nodes.get(i).node(), nodes.get(i).state(), out);
      }
    }
    return after;
  }

  private void publishIfOther(Topology before, Topology found) {
    Copies now = copies(found, nodes);
    if (!found.ejected().equals(before.ejected()) || !now.equals(before.copies())) {
      publisher.accept(numbered(found.with(now)));
    }
  }

  private static void tell(Node node, NodeState state, boolean out) {
    if (out) {
      state.eject();
      event(LOG.atWarn(), Events.NODE_EJECTED, node)
          .log("node {} is ejected: its keys go to the others", node);
    } else {
      state.readmit();
      event(LOG.atInfo(), Events.NODE_READMITTED, node)
          .log("node {} is readmitted: its keys come back to it", node);
    }
  }

  private static LoggingEventBuilder event(LoggingEventBuilder line, Marker kind, Node node) {
    return line.addMarker(kind)
        .addKeyValue(Events.POOL, node.pool())
        .addKeyValue(Events.NODE, node.name());
  }
}
