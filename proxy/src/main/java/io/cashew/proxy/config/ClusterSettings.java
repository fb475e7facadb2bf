package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.AT_ONCE;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The Redis or Valkey Cluster of a pool that has one instead of nodes.
 *
 * @param seeds addresses of some of its servers, which tell of the others; empty: the pool has
 *     nodes
 * @param refreshMillis how often its servers are asked while nothing happens
 * @param elsewhere servers that are reached at another address than they tell, as told → reached
 */
public record ClusterSettings(
    List<Address> seeds, long refreshMillis, Map<Address, Address> elsewhere) {

  /** The rows of its settings. */
  public static final Table<ClusterSettings> TABLE = Table.of(ClusterSettings::of);

  public static final Setting<ClusterSettings, List<Address>> SEEDS =
      TABLE.add(
          Setting.of(
              "cluster.seeds",
              Kinds.list(
                  "a list of addresses: [ \"10.0.1.1:7000\", \"10.0.1.2:7000\" ]",
                  "is empty: leave the key out, or name a server of the Cluster",
                  Texts.node()),
              "instead of `nodes`",
              List.of(),
              AT_ONCE,
              ClusterSettings::seeds,
              "Some servers of a Redis or Valkey Cluster. One that answers tells of all others, and"
                  + " who has which slots; from then on whoever is a member is asked, so these may"
                  + " go. The pool has no `nodes` then: each primary is one, named by its address."));

  public static final Setting<ClusterSettings, Long> REFRESH =
      TABLE.row(
          "cluster.refresh",
          Kinds.duration(Duration.ofSeconds(1), Duration.ofHours(1)),
          "30s",
          AT_ONCE,
          ClusterSettings::refreshMillis,
          "How often the Cluster is asked who has which slots while nothing happens, a tenth more or"
              + " less. When requests show that something has changed it is asked at once, at most"
              + " ten times a second.");

  static final Setting<ClusterSettings, Map<Address, Address>> MAP =
      TABLE.add(
          Setting.of(
              "cluster.map",
              addresses(),
              "{}",
              Map.of(),
              AT_ONCE,
              ClusterSettings::elsewhere,
              "Servers of the Cluster that are reached at another address than they tell, behind a"
                  + " translation of addresses: `map { \"172.17.0.2:7000\" = \"10.0.0.1:17000\" }`."
                  + " Others are reached where they say."));

  static {
    TABLE.rule(ClusterSettings::refuseWithoutSeeds);
  }

  public ClusterSettings {
    seeds = List.copyOf(seeds);
    elsewhere = Map.copyOf(elsewhere);
  }

  private static ClusterSettings of(Values<ClusterSettings> from) {
    return new ClusterSettings(from.get(SEEDS), from.get(REFRESH), from.get(MAP));
  }

  private static Kind<Map<Address, Address>> addresses() {
    String form = "an object of addresses: { \"172.17.0.2:7000\" = \"10.0.0.1:17000\" }";
    return Kind.<Map<Address, Address>>structure(
            form,
            (value, place) -> {
              ConfigObject object = Kinds.objectOf(value, form);
              Map<Address, Address> addresses = new LinkedHashMap<>();
              for (Map.Entry<String, ConfigValue> each : object.entrySet()) {
                try {
                  addresses.put(
                      AddressText.node(each.getKey()),
                      AddressText.node(Kinds.scalar(each.getValue(), form)));
                } catch (BadValue wrong) {
                  place.report(each.getValue(), place.key(), wrong.text());
                }
              }
              return addresses;
            })
        .shownAs(map -> String.join(", ", entries(map)))
        .writtenAs((map, hides) -> Kinds.block("{", entries(map), "}"));
  }

  private static List<String> entries(Map<Address, Address> map) {
    List<String> entries = new ArrayList<>();
    map.forEach(
        (told, reached) ->
            entries.add(
                ConfigUtil.quoteString(told.text())
                    + " = "
                    + ConfigUtil.quoteString(reached.text())));
    return entries.stream().sorted().toList();
  }

  private static void refuseWithoutSeeds(ClusterSettings cluster, Section pool) {
    if (cluster.seeds().isEmpty() && !pool.has(SEEDS)) {
      for (Setting<ClusterSettings, ?> each : List.of(REFRESH, MAP)) {
        if (pool.has(each)) {
          pool.report(each, "has no use: write cluster.seeds = [ \"host:port\", … ] too");
        }
      }
    }
  }
}
