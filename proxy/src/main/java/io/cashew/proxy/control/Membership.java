package io.cashew.proxy.control;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.metrics.NodeState;
import io.cashew.proxy.topology.Copies;
import io.cashew.proxy.topology.Ejection;
import io.cashew.proxy.topology.Ejection.Condition;
import io.cashew.proxy.topology.ServerId;
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

/**
 * The topology of a pool as it follows from its settings, the {@link Health} of its nodes and the
 * {@link Ejection} of those that are down. Confined to the control thread, but for {@link #node}
 * and for {@link #follow} before the start.
 */
final class Membership {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  private final String pool;
  private final Health health;
  private final Consumer<Topology> publisher;
  private List<Pool.Placed> nodes = List.of();

  /** What was published last; null while nodes are {@linkplain #follow changed}. */
  private @Nullable Topology current;

  private long version;

  Membership(
      String pool,
      ScheduledExecutorService control,
      Consumer<Topology> publisher,
      Health.Prober prober) {
    this.pool = pool;
    this.publisher = publisher;
    health = new Health(control, Ticker.systemTicker(), prober, this::update);
  }

  /** A node for {@link #follow}, whose circuit is closed. */
  Node node(NodeSettings of, NodeAddress address, int failureLimit) {
    return new Node(pool, of.name(), address, failureLimit, health);
  }

  /**
   * Has these nodes from now on. What is known of those that it had stays.
   *
   * @param next settings of the pool
   * @param now in the order of the settings
   * @return a topology of them
   */
  Topology follow(PoolSettings next, List<Pool.Placed> now) {
    Topology configured = configured(next, now);
    Topology former = current;
    Topology topology = former == null ? configured : Ejection.carriedOver(former, configured);
    nodes = List.copyOf(now);
    current = null; // what is heard meanwhile is in the topology that is returned
    now.forEach(each -> each.node().failureLimit(next.health().failureLimit()));
    health.follow(next.health(), now.stream().map(Pool.Placed::member).toList());
    topology = afterEjection(topology);
    for (int i = 0; i < now.size(); i++) {
      if (!topology.ejected().contains(i)) {
        now.get(i).state().readmit();
      }
    }
    return numbered(topology.with(copies(topology, now)));
  }

  /** What nodes would be without looking at their health. */
  static Topology configured(PoolSettings of, List<Pool.Placed> nodes) {
    Topology topology =
        LayerSettings.topology(of, nodes.stream().map(Pool.Placed::server).toList());
    return topology.with(copies(topology, nodes));
  }

  private Topology numbered(Topology next) {
    Topology numbered = next.numbered(++version);
    current = numbered;
    return numbered;
  }

  private static Copies copies(Topology of, List<Pool.Placed> nodes) {
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
      LOG.warn("node {} is ejected: its keys go to the others", node);
    } else {
      state.readmit();
      LOG.info("node {} is readmitted: its keys come back to it", node);
    }
  }
}
