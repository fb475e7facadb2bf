package io.cashew.proxy.client.answer;

import static java.util.Map.entry;

import io.cashew.proxy.client.Arguments;
import io.cashew.proxy.command.GlobPattern;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The settings of nodes that {@code CONFIG GET} tells where nodes may not be administered: those
 * that frameworks and dashboards ask for, none of which is a secret or says where anything is. Each
 * has its way of making one value of several nodes': what a client may rely on at all of them.
 */
final class HarmlessSettings {
  private static final SortedMap<String, BinaryOperator<String>> ROWS =
      new TreeMap<>(
          Map.ofEntries(
              entry("activedefrag", HarmlessSettings::no),
              entry("appendfsync", HarmlessSettings::seldomest),
              entry("appendonly", HarmlessSettings::no),
              entry("busy-reply-threshold", HarmlessSettings::least),
              entry("client-query-buffer-limit", HarmlessSettings::least),
              entry("cluster-enabled", HarmlessSettings::no),
              entry("databases", HarmlessSettings::least),
              entry("hash-max-listpack-entries", HarmlessSettings::least),
              entry("hash-max-listpack-value", HarmlessSettings::least),
              entry("hash-max-ziplist-entries", HarmlessSettings::least),
              entry("hash-max-ziplist-value", HarmlessSettings::least),
              entry("hz", HarmlessSettings::least),
              entry("latency-monitor-threshold", HarmlessSettings::least),
              entry("lazyfree-lazy-eviction", HarmlessSettings::no),
              entry("lazyfree-lazy-expire", HarmlessSettings::no),
              entry("lazyfree-lazy-server-del", HarmlessSettings::no),
              entry("lazyfree-lazy-user-del", HarmlessSettings::no),
              entry("lazyfree-lazy-user-flush", HarmlessSettings::no),
              entry("lfu-decay-time", HarmlessSettings::least),
              entry("lfu-log-factor", HarmlessSettings::least),
              entry("list-max-listpack-size", HarmlessSettings::least),
              entry("list-max-ziplist-size", HarmlessSettings::least),
              entry("lua-time-limit", HarmlessSettings::least),
              entry("maxclients", HarmlessSettings::least),
              entry("maxmemory", HarmlessSettings::sumOfLimits),
              entry("maxmemory-clients", HarmlessSettings::leastLimit),
              entry("maxmemory-eviction-tenacity", HarmlessSettings::least),
              entry("maxmemory-policy", HarmlessSettings::evictsMost),
              entry("maxmemory-samples", HarmlessSettings::least),
              entry("notify-keyspace-events", HarmlessSettings::lettersOfBoth),
              entry("proto-max-bulk-len", HarmlessSettings::least),
              entry("rdbcompression", HarmlessSettings::no),
              entry("save", HarmlessSettings::pointsOfBoth),
              entry("set-max-intset-entries", HarmlessSettings::least),
              entry("set-max-listpack-entries", HarmlessSettings::least),
              entry("set-max-listpack-value", HarmlessSettings::least),
              entry("slowlog-log-slower-than", HarmlessSettings::least),
              entry("slowlog-max-len", HarmlessSettings::least),
              entry("stop-writes-on-bgsave-error", HarmlessSettings::no),
              entry("stream-node-max-bytes", HarmlessSettings::least),
              entry("stream-node-max-entries", HarmlessSettings::least),
              entry("tcp-keepalive", HarmlessSettings::least),
              entry("timeout", HarmlessSettings::least),
              entry("tracking-table-max-keys", HarmlessSettings::least),
              entry("zset-max-listpack-entries", HarmlessSettings::least),
              entry("zset-max-listpack-value", HarmlessSettings::least),
              entry("zset-max-ziplist-entries", HarmlessSettings::least),
              entry("zset-max-ziplist-value", HarmlessSettings::least)));

  private HarmlessSettings() {}

  /**
   * The settings that a request asks for.
   *
   * @param patterns its arguments, in any case
   * @return their names in alphabetical order; null if one of the arguments, a name or a pattern,
   *     fits nothing that is told: it may well fit what is not
   */
  static @Nullable List<String> asked(List<String> patterns) {
    Set<String> names = new TreeSet<>();
    for (String pattern : patterns) {
      GlobPattern glob = new GlobPattern(pattern.toLowerCase(Locale.ROOT));
      List<String> fitting = ROWS.keySet().stream().filter(glob::matches).toList();
      if (fitting.isEmpty()) {
        return null;
      }
      names.addAll(fitting);
    }
    return List.copyOf(names);
  }

  /** Whether a name, not a pattern, is that of a setting that is told. */
  static boolean isTold(String name) {
    return ROWS.containsKey(name.toLowerCase(Locale.ROOT));
  }

  /**
   * One value of each setting that every node has.
   *
   * @param names of the settings
   * @param nodes what each says, by name, at least one
   */
  static Map<String, String> merge(List<String> names, List<Map<String, String>> nodes) {
    Map<String, String> merged = new LinkedHashMap<>();
    for (String name : names) {
      BinaryOperator<String> both = ROWS.get(name);
      if (both == null) {
        throw new IllegalArgumentException("'" + name + "' is not told");
      }
      String value = nodes.get(0).get(name);
      for (Map<String, String> node : nodes.subList(1, nodes.size())) {
        String other = node.get(name);
        value = value == null || other == null ? null : both.apply(value, other);
      }
      if (value != null) {
        merged.put(name, value);
      }
    }
    return merged;
  }

  private static String no(String one, String other) {
    return one.equals("no") ? one : other;
  }

  private static String least(String one, String other) {
    Long first = Arguments.number(one);
    Long second = Arguments.number(other);
    return first == null || second == null || first <= second ? one : other;
  }

  /** 0 is no limit; a part of the memory, in percent, is one that cannot be compared. */
  private static String leastLimit(String one, String other) {
    return one.equals("0") || other.equals("0")
        ? (one.equals("0") ? other : one)
        : least(one, other);
  }

  /**
   * What any key must be expected to suffer. Frameworks look whether the policy is {@code
   * noeviction}, and warn if it is not.
   */
  static String evictsMost(String one, String other) {
    return eviction(other) > eviction(one) ? other : one;
  }

  private static int eviction(String policy) {
    if (policy.equals("noeviction")) {
      return 0;
    }
    return policy.startsWith("volatile-") ? 1 : 2;
  }

  /** How often what was written is on disk at the least. */
  private static String seldomest(String one, String other) {
    List<String> seldomFirst = List.of("no", "everysec", "always");
    return seldomFirst.indexOf(other) < seldomFirst.indexOf(one) ? other : one;
  }

  /** Pairs of seconds and changes: the snapshots that every node makes. */
  private static String pointsOfBoth(String one, String other) {
    List<String> others = points(other);
    return String.join(" ", points(one).stream().filter(others::contains).toList());
  }

  private static List<String> points(String save) {
    String[] words = save.split(" ", -1);
    List<String> points = new ArrayList<>();
    for (int i = 0; i + 1 < words.length; i += 2) {
      points.add(words[i] + " " + words[i + 1]);
    }
    return points;
  }

  /** Nodes hold as much as all of them may together; 0 is no limit. */
  private static String sumOfLimits(String one, String other) {
    Long first = Arguments.number(one);
    Long second = Arguments.number(other);
    if (first == null || second == null) {
      return one;
    }
    return first == 0 || second == 0 ? "0" : Long.toString(first + second);
  }

  /** Events that every node tells: {@code A} stands for all classes of them but m and n. */
  private static String lettersOfBoth(String one, String other) {
    String first = one.replace("A", "g$lshzxetd");
    String second = other.replace("A", "g$lshzxetd");
    if (one.equals(other)) {
      return one;
    }
    StringBuilder both = new StringBuilder();
    first.chars().filter(letter -> second.indexOf(letter) >= 0).forEach(both::appendCodePoint);
    return both.toString();
  }
}
