package io.cashew.proxy.control;

import io.cashew.proxy.backend.Node;
import io.cashew.proxy.backend.NodeAddress;
import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.NodeTls;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.loop.Sockets;
import io.cashew.proxy.metrics.NodeState;
import io.cashew.proxy.topology.ServerId;
import io.cashew.proxy.topology.Shard;
import io.cashew.proxy.topology.Topology;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds or makes the {@link Placed} primary and replicas of each shard. Confined to the control
 * thread, but for the first time, which is that of the thread that starts the pool.
 *
 * <p>One is used again, with its connections, circuit and health, if shard name, source's id of the
 * server and generation of the settings are what they were and the name of its address has not
 * moved. Else the shard gets a new one. The counters of a shard's name are kept in either case.
 */
final class Placing {
  private final String pool;
  private final Sockets sockets;
  private final Names names;
  private final Node.Listener circuits;
  private final Node.Listener replicaCircuits;
  private final UnaryOperator<String> whyNobody;
  private final UnaryOperator<String> errorOfNobody;

  /** Counts the primaries that were placed: none shares its connections with another. */
  private long incarnations;

  /**
   * Has placed nothing yet.
   *
   * @param circuits hears of those of the nodes that are made
   */
  Placing(String pool, Sockets sockets, Names names, Node.Listener circuits) {
    this(pool, sockets, names, circuits, circuits, shard -> "nobody is configured", shard -> "");
  }

  /**
   * The same.
   *
   * @param replicaCircuits hears of those of replicas
   * @param whyNobody says of a shard without a primary why it has none; on any thread
   * @param errorOfNobody what clients are answered then; empty: that; on any thread
   */
  Placing(
      String pool,
      Sockets sockets,
      Names names,
      Node.Listener circuits,
      Node.Listener replicaCircuits,
      UnaryOperator<String> whyNobody,
      UnaryOperator<String> errorOfNobody) {
    this.replicaCircuits = replicaCircuits;
    this.whyNobody = whyNobody;
    this.errorOfNobody = errorOfNobody;
    this.pool = pool;
    this.sockets = sockets;
    this.names = names;
    this.circuits = circuits;
  }

  /**
   * The primary of each shard, in the order of the shards. Names that no node had are being looked
   * up when this returns.
   *
   * @param now those that are in use
   */
  List<Placed> place(Wanted wanted, List<Placed> now) {
    Map<String, NodeState> states = new HashMap<>();
    now.forEach(each -> states.put(each.shard(), each.state()));
    List<Placed> placed = new ArrayList<>();
    for (Shard shard : wanted.topology().shards()) {
      NodeState.Maintenance out = wanted.maintenance().of(shard.name());
      ServerId server = out == null ? shard.primary() : Maintenance.OUT;
      Placed same = usable(shard.name(), server, wanted.generation(), now);
      Placed its = same == null ? make(shard, server, out, wanted, now, states) : same;
      its.node()
          .failoverWaitMillis(
              out == null ? LayerSettings.failoverWaitMillis(wanted.settings(), shard.name()) : 0);
      placed.add(its);
    }
    return List.copyOf(placed);
  }

  /**
   * The replicas of all shards, in the order of the shards; none if the pool reads from primaries.
   *
   * @param now those that are in use
   */
  List<Placed> placeReplicas(Wanted wanted, List<Placed> now) {
    List<Placed> placed = new ArrayList<>();
    if (wanted.settings().reads().fromReplicas()) {
      for (Shard shard : wanted.topology().shards()) {
        for (ServerId replica : shard.replicas()) {
          Placed same = usable(shard.name(), replica, wanted.generation(), now);
          placed.add(same == null ? makeReplica(shard, replica, wanted, now) : same);
        }
      }
    }
    return List.copyOf(placed);
  }

  private Placed makeReplica(Shard shard, ServerId known, Wanted wanted, List<Placed> now) {
    NodeAddress address =
        address(known, wanted.settings(), wanted.certificates(), known(known.address(), now));
    Node node = Node.replica(pool, shard.name(), address, replicaCircuits);
    node.failoverWaitMillis(LayerSettings.readElsewhereMillis(wanted.settings()));
    return new Placed(
        shard.name(),
        known,
        new ServerId(known.address(), ++incarnations),
        node,
        new NodeState(),
        wanted.generation(),
        wanted.certificates().ofNodes());
  }

  private static @Nullable Placed usable(
      String shard, ServerId server, long generation, List<Placed> now) {
    for (Placed each : now) {
      if (each.shard().equals(shard)
          && each.known().equals(server)
          && each.generation() == generation
          && !each.moved()) {
        return each;
      }
    }
    return null;
  }

  private Placed make(
      Shard shard,
      ServerId known,
      NodeState.@Nullable Maintenance out,
      Wanted wanted,
      List<Placed> now,
      Map<String, NodeState> states) {
    PoolSettings settings = wanted.settings();
    NodeAddress address =
        out == null
            ? address(shard, wanted, now)
            : new OutAddress(shard.primary().address(), Maintenance.error(pool, shard.name(), out));
    Node node = new Node(pool, shard.name(), address, settings.health().failureLimit(), circuits);
    return new Placed(
        shard.name(),
        known,
        new ServerId(known.address(), ++incarnations),
        node,
        states.computeIfAbsent(shard.name(), name -> new NodeState()),
        wanted.generation(),
        wanted.certificates().ofNodes());
  }

  private NodeAddress address(Shard shard, Wanted wanted, List<Placed> now) {
    ServerId primary = shard.primary();
    return primary.equals(ServerId.NOBODY)
        ? new NobodyAddress(
            "no primary of " + shard.name(),
            () -> whyNobody.apply(shard.name()),
            () -> errorOfNobody.apply(shard.name()))
        : address(primary, wanted.settings(), wanted.certificates(), known(primary.address(), now));
  }

  /**
   * Where a server is and how it is spoken to.
   *
   * @param known the last address of its name; null: nobody knows, and it is being looked up
   */
  NodeAddress address(
      ServerId server,
      PoolSettings settings,
      PoolCertificates with,
      @Nullable SocketAddress known) {
    Address address = parse(server.address(), settings);
    return with.secured(
        Addresses.ofNode(address, sockets, names, known),
        address,
        settings.tls().nodes().flatMap(NodeTls::serverName));
  }

  /**
   * Checks that a server can be placed.
   *
   * @throws IllegalArgumentException if it has no valid address
   */
  static void check(ServerId server, PoolSettings settings) {
    if (!server.equals(ServerId.NOBODY)) {
      parse(server.address(), settings);
    }
  }

  private static Address parse(String text, PoolSettings settings) {
    return Stream.concat(
            settings.nodes().stream().flatMap(node -> node.place().addresses().stream()),
            Stream.concat(
                settings.cluster().seeds().stream(),
                settings.cluster().elsewhere().values().stream()))
        .filter(each -> each.text().equals(text))
        .findFirst()
        .orElseGet(() -> Address.parse(text));
  }

  /** The address that a name had last; null if no node has the name, or it has no address. */
  private static @Nullable SocketAddress known(String address, List<Placed> now) {
    return now.stream()
        .map(each -> each.node().address())
        .filter(each -> each.text().equals(address))
        .map(NodeAddress::current)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  /** A topology with the ids by which workers know the servers of its shards. */
  static Topology routed(Topology wanted, List<Placed> nodes, List<Placed> replicas) {
    Map<String, List<ServerId>> byShard = new HashMap<>();
    replicas.forEach(
        each ->
            byShard.computeIfAbsent(each.shard(), name -> new ArrayList<>()).add(each.server()));
    return wanted.withServers(
        nodes.stream().map(Placed::server).toList(),
        nodes.stream().map(each -> byShard.getOrDefault(each.shard(), List.of())).toList());
  }
}
