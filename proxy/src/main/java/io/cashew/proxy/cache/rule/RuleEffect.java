package io.cashew.proxy.cache.rule;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a rule does, a setting a row, for people who ask. */
@SuppressWarnings("ImmutableEnumChecker") // functions without a state, sets that never change
public enum RuleEffect {
  NEAR(
      "near",
      rule -> duration(rule.nearMillis()),
      Commands.KEPT,
      "answered from memory for so long at most; equal requests under way are one"),
  MISSING(
      "missing",
      rule -> duration(rule.missingMillis()),
      Commands.KEPT,
      "that there is no such key is answered from memory for so long at most"),
  COLLAPSE(
      "collapse",
      rule -> rule.collapse() && rule.nearMillis() == 0 ? "true" : "",
      Commands.KEPT,
      "equal requests under way to a node are one"),
  LEASE(
      "lease",
      rule -> duration(rule.leaseMillis()),
      Set.of("get", "hget", "hmget", "hgetall"),
      "waits so long at most while another client, which was told nil, loads the value"),
  STALE(
      "stale",
      rule -> duration(rule.staleMillis()),
      Commands.VALUES,
      "given for so long after it has expired or was deleted to all but one client, which loads it"),
  STALE_ON_ERROR(
      "stale-on-error",
      rule -> duration(rule.staleOnErrorMillis()),
      Commands.VALUES,
      "what was kept is given for so long while the node cannot answer"),
  GUARD(
      "guard",
      rule -> rule.guard() == Guard.OFF ? "" : rule.guard().name().toLowerCase(Locale.ROOT),
      Set.of("get", "mget", "hget", "hmget", "hgetall", "strlen", "getrange", "exists"),
      "answered at once for a key that surely does not exist"),
  TTL_JITTER(
      "ttl-jitter",
      rule -> rule.ttlJitterPercent() == 0 ? "" : rule.ttlJitterPercent() + "%",
      Set.of("set", "getex", "setex", "psetex", "expire", "pexpire", "expireat", "pexpireat"),
      "a time to live gets longer by a share of its own of up to so much"),
  RATE(
      "rate",
      rule -> rate(rule.rate()),
      Commands.ALL,
      "above so many for all keys of the rule together: -RATELIMITED"),
  RATE_PER_KEY(
      "rate-per-key",
      rule -> rate(rule.ratePerKey()),
      Commands.ALL,
      "above so many for the key: -RATELIMITED"),
  RATE_PER_CLIENT(
      "rate-per-client",
      rule -> rate(rule.ratePerClient()),
      Commands.ALL,
      "above so many of one client for keys of the rule: -RATELIMITED"),
  REDELETE(
      "redelete",
      rule ->
          rule.redeleteMillis().isEmpty()
              ? ""
              : rule.redeleteMillis().stream()
                  .map(RuleEffect::duration)
                  .collect(Collectors.joining(", ", "[", "]")),
      Set.of("del", "unlink"),
      "repeated after each of these");

  /** What is so of memory in front of memcached. */
  public static final String UNTOLD =
      "memcached tells nobody of changes: what is written past this proxy, or has expired, may be"
          + " given for that time";

  /** Which commands a setting is about. */
  private static final class Commands {
    private static final Set<String> ALL = Set.of();
    private static final Set<String> VALUES = Set.of("get", "mget", "strlen", "getrange");
    private static final Set<String> KEPT =
        Set.of("get", "mget", "strlen", "getrange", "hget", "hmget", "hgetall");
  }

  private final String setting;
  private final Function<CacheRule, String> value;
  private final Set<String> commands;
  private final String what;

  RuleEffect(String setting, Function<CacheRule, String> value, Set<String> commands, String what) {
    this.setting = setting;
    this.value = value;
    this.commands = commands;
    this.what = what;
  }

  private static String duration(long millis) {
    return millis == 0 ? "" : millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
  }

  private static String rate(int perSecond) {
    return perSecond == 0 ? "" : perSecond + "/s";
  }

  /** The key of the configuration. */
  public String setting() {
    return setting;
  }

  /** As a file has it; empty: the rule does not have it. */
  public String value(CacheRule rule) {
    return value.apply(rule);
  }

  /** What follows, as the end of a sentence. */
  public String what() {
    return what;
  }

  /** The commands that it is about, in capitals; empty: all that name the key. */
  public List<String> commands() {
    return commands.stream().map(name -> name.toUpperCase(Locale.ROOT)).sorted().toList();
  }

  /** Whether it is about a command, by its name in lower case. */
  public boolean isAbout(String command) {
    return commands.isEmpty() || commands.contains(command);
  }

  /** What a rule does. */
  public static List<RuleEffect> of(CacheRule rule) {
    return Stream.of(values()).filter(each -> !each.value(rule).isEmpty()).toList();
  }
}
