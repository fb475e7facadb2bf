package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.AT_ONCE;

import io.cashew.proxy.cache.rule.CacheRule;
import java.util.List;

/**
 * What the proxy does for the servers by patterns of keys.
 *
 * @param memoryBytes of values that are kept, of all rules together
 * @param maxValueBytes the largest value that is kept
 * @param leaseWaiters requests that may wait for values that others load
 * @param rules of which the first that matches a key decides; none: nothing is done
 */
public record CacheSettings(
    long memoryBytes, long maxValueBytes, int leaseWaiters, List<CacheRule> rules) {

  /** The rows of its settings. */
  public static final Table<CacheSettings> TABLE = Table.of(CacheSettings::new);

  public static final Setting<CacheSettings, Long> MEMORY =
      TABLE.row(
          "cache.memory",
          Kinds.size(Kinds.KIB, 1L << 40),
          "64MiB",
          AT_ONCE,
          CacheSettings::memoryBytes,
          "Of values that are kept in the proxy, those of all rules of the pool together. It is part"
              + " of `memory-limit`.");

  public static final Setting<CacheSettings, Long> MAX_VALUE =
      TABLE.row(
          "cache.max-value",
          Kinds.size(1, Kinds.LARGEST_BUFFER),
          "64KiB",
          AT_ONCE,
          CacheSettings::maxValueBytes,
          "The largest value that is kept; a hash counts as one.");

  public static final Setting<CacheSettings, Integer> LEASE_WAITERS =
      TABLE.row(
          "cache.lease-waiters",
          Kinds.integer(0, 1 << 24),
          "10000",
          AT_ONCE,
          CacheSettings::leaseWaiters,
          "Requests of the pool that may wait for values that others load (`lease`); above it they"
              + " are told nil at once.");

  public static final Setting<CacheSettings, List<CacheRule>> RULES =
      TABLE.add(
          Setting.of(
              "cache.rules",
              CacheRuleRows.KIND,
              "[]",
              List.of(),
              AT_ONCE,
              CacheSettings::rules,
              "What the proxy does for the servers by patterns of keys (keys below); the first that"
                  + " matches a key decides. See docs/caching.md. A key without a rule costs"
                  + " nothing."));

  static {
    TABLE.rule(CacheSettings::refuseValuesWithoutRoom);
    TABLE.rule(CacheSettings::refuseWithoutRules);
  }

  private CacheSettings(Values<CacheSettings> from) {
    this(from.get(MEMORY), from.get(MAX_VALUE), from.get(LEASE_WAITERS), from.get(RULES));
  }

  public CacheSettings {
    rules = List.copyOf(rules);
  }

  private static void refuseValuesWithoutRoom(CacheSettings cache, Section pool) {
    if (cache.maxValueBytes > cache.memoryBytes) {
      pool.report(
          pool.has(MAX_VALUE) ? MAX_VALUE : MEMORY,
          "cache.max-value ("
              + Kinds.sizeText(cache.maxValueBytes)
              + ") must not be above cache.memory ("
              + Kinds.sizeText(cache.memoryBytes)
              + "): such a value could not be kept");
    }
  }

  private static void refuseWithoutRules(CacheSettings cache, Section pool) {
    if (!pool.has(RULES)) {
      for (Setting<CacheSettings, ?> each : List.of(MEMORY, MAX_VALUE, LEASE_WAITERS)) {
        if (pool.has(each)) {
          pool.report(each, "has no use: write cache.rules = [ { match = \"…\", … } ] too");
        }
      }
    }
  }
}
