package io.cashew.proxy.control;

import io.cashew.hashing.distribution.Member;
import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.metrics.NodeState;
import io.cashew.proxy.route.Copies;
import io.cashew.proxy.route.RoutingTable;
import io.netty.util.concurrent.Ticker;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The routing table of a pool as it follows from its settings, the {@link Health} of its nodes and
 * the {@link Ejection} of those that are down. Confined to the control thread, but for {@link
 * #node} and for {@link #follow} before the start.
 */
final class Membership {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  private PoolSettings settings;
  private final Health health;
  private final Consumer<RoutingTable> publisher;
  private List<Health.Placed> nodes = List.of();

  /** Indexes of the nodes that are out of their distribution. */
  private BitSet ejected = new BitSet();

  private Copies copies = Copies.none(0);
  private long version;

  Membership(
      PoolSettings settings,
      ScheduledExecutorService control,
      Consumer<RoutingTable> publisher,
      Health.Prober prober) {
    this.settings = settings;
    this.publisher = publisher;
    health = new Health(control, Ticker.systemTicker(), prober, this::update);
  }

  /** A node for {@link #follow}, whose circuit is closed. */
  Node node(NodeSettings nodeSettings, NodeAddress address) {
    return new Node(
        settings.name(), nodeSettings.name(), address, settings.health().failureLimit(), health);
  }

  /**
   * Has these nodes from now on. What is known of those that it had stays.
   *
   * @param next settings of the pool
   * @param now in the order of the settings
   * @return a table over them
   */
  RoutingTable follow(PoolSettings next, List<Health.Placed> now) {
    settings = next;
    BitSet out = new BitSet();
    for (int i = 0; i < now.size(); i++) {
      Health.Placed placed = now.get(i);
      placed.node().failureLimit(next.health().failureLimit());
      int before = nodes.indexOf(placed);
      out.set(i, before >= 0 && ejected.get(before));
    }
    if (!next.health().eject().enabled() || out.cardinality() == now.size()) {
      out.clear();
    }
    nodes = List.copyOf(now);
    ejected = out;
    for (int i = 0; i < now.size(); i++) {
      if (!out.get(i)) {
        now.get(i).state().readmit();
      }
    }
    health.follow(next.health().retryAfterMillis(), now);
    return table();
  }

  /** A new table over the nodes that are not ejected. */
  private RoutingTable table() {
    List<Member> members =
        settings.members().stream().filter(member -> !ejected.get(member.index())).toList();
    copies = copies();
    return new RoutingTable(
        ++version, settings.placement().hashTag(), settings.keyMapper(members), copies);
  }

  private Copies copies() {
    return Copies.of(
        nodes.stream().map(Health.Placed::node).toList(),
        settings.placement().holdsTheSame(),
        node -> !node.circuitOpen());
  }

  /** Which nodes are names of one server, or which of them can be asked, may have changed. */
  void lookAtCopies() {
    if (!copies().equals(copies)) {
      publisher.accept(table());
    }
  }

  /** Publishes a table by which requests go to what is well, as far as that is allowed. */
  private void update() {
    BitSet out =
        settings.health().eject().enabled()
            ? Ejection.after(ejected, health.conditions(), settings.health().eject().maxEjected())
            : new BitSet();
    if (out.equals(ejected)) {
      lookAtCopies();
      return;
    }
    BitSet before = ejected;
    ejected = out;
    for (int i = 0; i < nodes.size(); i++) {
      if (before.get(i) != out.get(i)) {
        tell(nodes.get(i).node(), nodes.get(i).state(), out.get(i));
      }
    }
    publisher.accept(table());
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
