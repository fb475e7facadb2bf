package io.cashew.proxy.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;

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
    List<PoolSettings> pools = new ArrayList<>();
    for (Section section :
        place.named(
            object,
            PoolSettings.TABLE,
            value -> "must be an object { listen, nodes, … }, not " + Kinds.typeName(value))) {
      section.refuseUnknownKeys();
      PoolSettings pool = PoolSettings.TABLE.read(section);
      pools.add(pool);
      listeners
          .claim(pool.name(), pool.listen())
          .ifPresent(taken -> section.report(PoolSettings.LISTEN, taken));
    }
    return pools;
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

  private static void refuseItself(Section section, PoolSettings pool) {
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
              + "' can be reached by other machines, and anybody may use it: write auth.password too,"
              + " or listen on 127.0.0.1, or write protected-mode = false if only trusted machines"
              + " reach it");
    }
  }
}
