package io.cashew.proxy.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads and writes the pools, and checks what their settings mean together. Used by the thread that
 * reads the file.
 */
final class PoolReader {
  private static final String FORM = "an object of pools: pools.NAME { … }";

  static final Kind<List<PoolSettings>> KIND =
      Kind.<List<PoolSettings>>structure(
              FORM, (value, place) -> pools(Kinds.objectOf(value, FORM), place))
          .shownAs(pools -> pools.size() + " of them")
          .withElements(PoolSettings.TABLE);

  private PoolReader() {}

  private static List<PoolSettings> pools(ConfigObject object, Place place) throws BadValue {
    if (object.isEmpty()) {
      throw new BadValue("has no pools: a proxy needs one to listen");
    }
    PoolChecks.Listeners listeners =
        new PoolChecks.Listeners(place.section().get(AdminSettings.LISTEN));
    Map<Section, PoolSettings> pools = new LinkedHashMap<>();
    for (Section section :
        place.named(
            object,
            PoolSettings.TABLE,
            value -> "must be an object { listen, nodes, … }, not " + Kinds.typeName(value))) {
      section.refuseUnknownKeys();
      PoolSettings pool = PoolSettings.TABLE.read(section);
      pools.put(section, pool);
      listeners
          .claim(pool.name(), pool.listen())
          .ifPresent(taken -> section.report(PoolSettings.LISTEN, taken));
    }
    RouteChecks.check(pools);
    return List.copyOf(pools.values());
  }

  /** One pool. */
  static PoolSettings read(Section section) {
    int before = section.problems().count();
    try {
      AddressText.name(section.name());
    } catch (BadValue wrong) {
      section.report(section.self(), "", "the pool " + wrong.text());
    }
    PoolSettings pool = new PoolSettings(section.name(), section.values());
    refuseTlsOfUnixSocket(section, pool);
    refuseMastersWithoutSentinels(section, pool);
    refuseBesideCluster(section);
    RouteChecks.refuseBesideRoutes(section);
    ProtocolSettings.refuseOthers(section, pool);
    refuseReplicasOfNobody(section, pool);
    refuseWithoutPointNames(section, pool);
    if (section.problems().count() == before) {
      refuseItself(section, pool);
      refuseOpenDoor(section, pool);
    }
    // Nodes that have a problem of their own would only be told of it twice.
    if (section.problems().count() == before) {
      PoolChecks.spread(pool).ifPresent(text -> section.report(PoolSettings.NODES, text));
    }
    return pool;
  }

  private static void refuseTlsOfUnixSocket(Section section, PoolSettings pool) {
    if (pool.tls().clients().isPresent() && pool.listen() instanceof Address.Unix) {
      section.report(
          PoolTls.CLIENTS.certificate(),
          "has no use with a unix socket, which does not leave this machine: remove tls");
    }
  }

  private static void refuseMastersWithoutSentinels(Section section, PoolSettings pool) {
    boolean hasMasters =
        pool.nodes().stream().anyMatch(node -> node.place() instanceof NodePlace.OfMaster);
    boolean hasSentinels = !pool.sentinel().addresses().isEmpty();
    if (hasMasters && !hasSentinels) {
      section.report(
          PoolSettings.NODES,
          "have a master, and the pool has no Sentinels to say where that is: write"
              + " sentinel.addresses = [ \"host:26379\", … ]");
    } else if (hasSentinels && !hasMasters && !pool.nodes().isEmpty()) {
      section.report(
          SentinelSettings.ADDRESSES,
          "has no use: no node has a master; write { name = …, master = … } in nodes, or remove"
              + " it");
    }
  }

  /** A Cluster says itself who its servers are, and who has which keys. */
  private static void refuseBesideCluster(Section section) {
    if (!section.has(ClusterSettings.SEEDS)) {
      if (!section.has(PoolSettings.NODES) && !section.has(PoolSettings.ROUTES)) {
        section.report(
            PoolSettings.NODES,
            "is missing: it must be "
                + PoolSettings.NODES.kind().form()
                + "; for a Redis or Valkey Cluster write cluster { seeds = [ \"host:port\", … ] }");
      }
      return;
    }
    refuse(section, PoolSettings.NODES, "the Cluster says who its servers are: name some in seeds");
    refuse(section, SentinelSettings.ADDRESSES, "a Cluster elects its primaries itself");
    refuse(section, NodeConnections.DATABASE, "clients choose one, if the servers have several");
    List<Setting<?, ?>> placing = new ArrayList<>(PlacementSettings.TABLE.rows());
    placing.addAll(EjectSettings.TABLE.rows());
    for (Setting<?, ?> each : placing) {
      refuse(section, each, "the Cluster says which server has which keys");
    }
  }

  private static void refuse(Section section, Setting<?, ?> setting, String why) {
    if (section.has(setting)) {
      section.report(setting, "has no use beside cluster: " + why + "; remove it");
    }
  }

  /** Of two Jedis versions each has other points, and there is no telling which it was. */
  private static void refuseWithoutPointNames(Section section, PoolSettings pool) {
    boolean mustSay =
        pool.placement().isShardedJedis()
            && pool.nodes().stream().anyMatch(node -> node.named() && node.weight() != 1);
    if (mustSay && !section.has(PlacementSettings.POINT_NAMES)) {
      section.report(
          PlacementSettings.POINT_NAMES,
          "is missing: a node has a name and a weight, whose points Jedis named otherwise before"
              + " 2.10; write \"2.9\" if keys were placed by Jedis 2.9 or before, \"2.10\" if by a"
              + " later one");
    }
  }

  /** A node of one address has no replicas that anybody knows. */
  private static void refuseReplicasOfNobody(Section section, PoolSettings pool) {
    if (!pool.reads().fromReplicas() || pool.nodes().isEmpty()) {
      return;
    }
    List<String> alone =
        pool.nodes().stream()
            .filter(node -> node.place() instanceof NodePlace.At)
            .map(NodeSettings::name)
            .toList();
    String instead = "write { name = …, addresses = [ … ] } or { name = …, master = … } in nodes";
    if (alone.size() == pool.nodes().size()) {
      section.report(
          ReadSettings.FROM, "has no use: each node is one server, without replicas; " + instead);
    } else if (pool.reads().from() == ReadFrom.REPLICA && !alone.isEmpty()) {
      section.report(
          ReadSettings.FROM,
          "leaves nobody to read from for " + alone + ", which have no replicas: " + instead);
    }
  }

  private static void refuseItself(Section section, PoolSettings pool) {
    pool.cluster().seeds().stream()
        .flatMap(seed -> MeetingAddresses.self(pool.listen(), seed).stream())
        .findFirst()
        .ifPresent(text -> section.report(ClusterSettings.SEEDS, text));
    if (section.placeOf(PoolSettings.NODES) instanceof ConfigList values) {
      Place place = section.place(PoolSettings.NODES.key());
      for (int i = 0; i < values.size(); i++) {
        ConfigValue value = values.get(i);
        String key = place.key(i);
        pool.nodes().get(i).place().addresses().stream()
            .flatMap(address -> MeetingAddresses.self(pool.listen(), address).stream())
            .findFirst()
            .ifPresent(text -> section.report(value, key, text));
      }
    }
  }

  private static void refuseOpenDoor(Section section, PoolSettings pool) {
    if (section.get(PoolSettings.PROTECTED_MODE) && Exposure.isOpenDoor(pool)) {
      section.report(
          PoolSettings.LISTEN,
          "'"
              + pool.listen().text()
              + "' can be reached by other machines, and anybody may use it: "
              + (pool.protocol().isMemcached() ? "" : "write auth.password too, or ")
              + "listen on 127.0.0.1, or write protected-mode = false if only trusted machines"
              + " reach it");
    }
  }
}
