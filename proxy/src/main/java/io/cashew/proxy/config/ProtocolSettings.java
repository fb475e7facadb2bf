package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.AT_ONCE;
import static io.cashew.proxy.config.ReloadEffect.RESTART;

import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.cache.rule.Guard;
import java.util.ArrayList;
import java.util.List;

/**
 * What a pool speaks, and what is only said of memcached.
 *
 * @param protocol of clients and nodes
 * @param missingOnFailure whether what a node does not give is missing; if not, an error
 * @param valueLength longest value of memcached's, in bytes
 */
public record ProtocolSettings(Protocol protocol, boolean missingOnFailure, long valueLength) {
  /** The rows of its settings. */
  public static final Table<ProtocolSettings> TABLE = Table.of(ProtocolSettings::new);

  public static final Setting<ProtocolSettings, Protocol> PROTOCOL =
      TABLE.row(
          "protocol",
          Kinds.choice(Protocol.class),
          "redis",
          RESTART,
          ProtocolSettings::protocol,
          "What the clients and the nodes speak: `redis` (RESP2 and RESP3), or `memcached` (its text"
              + " protocol and its meta commands; see docs/memcached.md).");

  public static final Setting<ProtocolSettings, Boolean> MISSING_ON_FAILURE =
      TABLE.row(
          "missing-on-failure",
          Kinds.flag(),
          "false",
          AT_ONCE,
          ProtocolSettings::missingOnFailure,
          "With `protocol = memcached`: whether a get answers as if there were no such key where its"
              + " node does not answer. If not, the answer is an error.");

  public static final Setting<ProtocolSettings, Long> VALUE_LENGTH =
      TABLE.row(
          "limits.value-length",
          Kinds.size(Kinds.KIB, Integer.MAX_VALUE - 2L),
          "1MiB",
          AT_ONCE,
          ProtocolSettings::valueLength,
          "With `protocol = memcached`: longest value; not above what the nodes take (their `-I`). The"
              + " answer to a longer one is memcached's, and what it was to replace is deleted.");

  /** What ships. */
  public static final ProtocolSettings DEFAULT = TABLE.standard();

  private ProtocolSettings(Values<ProtocolSettings> from) {
    this(from.get(PROTOCOL), from.get(MISSING_ON_FAILURE), from.get(VALUE_LENGTH));
  }

  /** Whether it is memcached's. */
  public boolean isMemcached() {
    return protocol == Protocol.MEMCACHED;
  }

  /** Refuses what the protocol of a pool does not have. */
  static void refuseOthers(Section section, PoolSettings pool) {
    if (pool.protocol().isMemcached()) {
      others().forEach(each -> refuse(section, each, "memcached has nothing of the kind"));
      pool.cache().rules().stream()
          .filter(ProtocolSettings::doesMore)
          .forEach(rule -> refuseWhatNeedsRedis(section, rule));
      boolean named =
          pool.nodes().stream().anyMatch(node -> !(node.place() instanceof NodePlace.At));
      if (named) {
        section.report(
            PoolSettings.NODES,
            "have several addresses or a master, and with protocol = memcached a node is one server:"
                + " write \"host:port:weight name\"");
      }
    } else {
      refuse(section, MISSING_ON_FAILURE, "it is about pools with protocol = memcached");
      refuse(section, VALUE_LENGTH, "it is about pools with protocol = memcached");
    }
  }

  /** Servers of memcached tell nobody of changes, and have no keys that could be listed. */
  private static boolean doesMore(CacheRule rule) {
    return rule.collapse()
        || rule.leaseMillis() > 0
        || rule.staleMillis() > 0
        || rule.staleOnErrorMillis() > 0
        || rule.guard() != Guard.OFF
        || !rule.redeleteMillis().isEmpty();
  }

  private static void refuseWhatNeedsRedis(Section section, CacheRule rule) {
    section.report(
        CacheSettings.RULES,
        "do more than memcached lets them for '"
            + rule.match()
            + "': with protocol = memcached only near, missing, ttl-jitter, rate, rate-per-key and"
            + " rate-per-client are known; remove the others");
  }

  private static List<Setting<?, ?>> others() {
    List<Setting<?, ?>> others = new ArrayList<>();
    others.addAll(AuthSettings.TABLE.rows());
    others.addAll(ClusterSettings.TABLE.rows());
    others.addAll(SentinelSettings.TABLE.rows());
    others.addAll(ReadSettings.TABLE.rows());
    others.add(CacheSettings.LEASE_WAITERS);
    others.add(CommandSettings.DECLARED);
    others.add(NodeConnections.DATABASE);
    others.add(LimitSettings.DATABASES);
    others.add(LimitSettings.BULK_LENGTH);
    others.add(LimitSettings.UNSENT_PER_SUBSCRIBER);
    return others;
  }

  private static void refuse(Section section, Setting<?, ?> setting, String why) {
    if (section.has(setting)) {
      section.report(setting, "has no use with this protocol: " + why + "; remove it");
    }
  }
}
