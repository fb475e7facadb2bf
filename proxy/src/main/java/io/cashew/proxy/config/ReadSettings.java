package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.AT_ONCE;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * From which servers requests are answered that only read.
 *
 * @param from which servers of a node
 * @param replicaMaxLagMillis a replica that is further behind is not read from
 * @param readYourWritesMillis how long after a write a client reads from the primary; 0: not at all
 * @param zone of the proxy; empty: none is said
 * @param zones of servers, by their addresses, where they do not say themselves
 */
public record ReadSettings(
    ReadFrom from,
    long replicaMaxLagMillis,
    long readYourWritesMillis,
    String zone,
    Map<String, String> zones) {

  private static final String ZONES_FORM = "zones by address: { \"10.0.0.3:6379\" = a }";

  /** The rows of its settings. */
  public static final Table<ReadSettings> TABLE = Table.of(ReadSettings::new);

  public static final Setting<ReadSettings, ReadFrom> FROM =
      TABLE.row(
          "read-from",
          Kinds.choice(ReadFrom.class),
          "primary",
          AT_ONCE,
          ReadSettings::from,
          "From which servers of a node requests are answered that only read: `primary`;"
              + " `prefer-primary` (from replicas while the primary cannot be reached);"
              + " `prefer-replica` (from the primary while no replica is well); `replica` (an error"
              + " while none is well); `any`; `nearest` (those in the proxy's `zone`, else any)."
              + " What replicas say may be old: see docs/topologies.md.");

  public static final Setting<ReadSettings, Long> REPLICA_MAX_LAG =
      TABLE.row(
          "replica-max-lag",
          Kinds.duration(Duration.ofSeconds(1), Duration.ofHours(1)),
          "10s",
          AT_ONCE,
          ReadSettings::replicaMaxLagMillis,
          "A replica that has been behind its primary for longer is not read from until it has"
              + " caught up. It is looked at twice a second.");

  public static final Setting<ReadSettings, Long> READ_YOUR_WRITES =
      TABLE.row(
          "read-your-writes",
          Kinds.duration(Duration.ZERO, Duration.ofHours(1)),
          "1s",
          AT_ONCE,
          ReadSettings::readYourWritesMillis,
          "How long after a write a client's own reads go to the primary, and until its replica has"
              + " what it has written, if that takes longer. `0s`: a client may read what was there"
              + " before its own write.");

  public static final Setting<ReadSettings, String> ZONE =
      TABLE.row(
          "zone",
          Texts.textOrNone(),
          "\"\"",
          AT_ONCE,
          ReadSettings::zone,
          "The zone that the proxy is in, for `read-from = nearest`.");

  public static final Setting<ReadSettings, Map<String, String>> ZONES =
      TABLE.add(
          Setting.of(
              "zones",
              Kind.structure(ZONES_FORM, (value, place) -> readZones(value, place))
                  .shownAs(zones -> zones.size() + " of them")
                  .writtenAs((zones, hides) -> writeZones(zones)),
              "{}",
              Map.of(),
              AT_ONCE,
              ReadSettings::zones,
              "The zones of servers by their addresses, in quotes, as nodes or Sentinels name them."
                  + " A server that is not here is in the zone that its `INFO` names as"
                  + " `availability_zone` (Valkey 8.1 and later)."));

  static {
    TABLE.rule(ReadSettings::refuseNearestWithoutZone);
  }

  private ReadSettings(Values<ReadSettings> from) {
    this(
        from.get(FROM),
        from.get(REPLICA_MAX_LAG),
        from.get(READ_YOUR_WRITES),
        from.get(ZONE),
        from.get(ZONES));
  }

  public ReadSettings {
    zones = Collections.unmodifiableMap(new TreeMap<>(zones));
  }

  /** Whether replicas may be read from. */
  public boolean fromReplicas() {
    return from != ReadFrom.PRIMARY;
  }

  private static Map<String, String> readZones(ConfigValue value, Place place) throws BadValue {
    Map<String, String> zones = new TreeMap<>();
    ConfigObject object = Kinds.objectOf(value, ZONES_FORM);
    for (Map.Entry<String, ConfigValue> entry : object.entrySet()) {
      String key = place.key(entry.getKey());
      try {
        String zone = Kinds.scalar(entry.getValue(), "the name of a zone");
        zones.put(AddressText.node(entry.getKey()).text(), zone);
      } catch (BadValue wrong) {
        place.report(entry.getValue(), key, wrong.text() + "; write { \"host:port\" = zone }");
      }
    }
    return zones;
  }

  private static String writeZones(Map<String, String> zones) {
    List<String> each = new ArrayList<>();
    zones.forEach(
        (address, zone) ->
            each.add(ConfigUtil.quoteString(address) + " = " + ConfigUtil.quoteString(zone)));
    return "{ " + String.join(", ", each) + " }";
  }

  private static void refuseNearestWithoutZone(ReadSettings reads, Section pool) {
    if (reads.from() == ReadFrom.NEAREST && reads.zone().isEmpty()) {
      pool.report(FROM, "needs to know where the proxy is: write zone = \"…\" too");
    }
  }
}
