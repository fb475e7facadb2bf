package io.cashew.proxy.cache.rule;

import io.cashew.proxy.command.KeyPattern;
import java.util.List;

/**
 * What is done for the keys of one pattern. Durations are in milliseconds, rates in requests a
 * second; 0: not at all. Immutable.
 *
 * @param index its place in the list of its pool, of which the first that matches decides
 * @param match the pattern, a glob as that of {@code KEYS}
 * @param nearMillis how long values are kept in the proxy
 * @param missingMillis how long it is kept that there is no such key
 * @param collapse whether equal reads under way to one server become one; see {@link #collapses}
 * @param leaseMillis how long others wait for the first that was told nil
 * @param staleMillis how long a value is given after it has expired or was deleted
 * @param staleOnErrorMillis how long what was kept is given while its server cannot answer
 * @param guard what keeps keys that do not exist away from the servers
 * @param ttlJitterPercent by how much of itself a time to live may grow, 0 to 100
 * @param rate requests for all keys of the pattern
 * @param ratePerKey requests for one key
 * @param ratePerClient requests of one client connection for keys of the pattern
 * @param redeleteMillis after how long a deletion is repeated, each counted from the deletion
 */
public record CacheRule(
    int index,
    String match,
    long nearMillis,
    long missingMillis,
    boolean collapse,
    long leaseMillis,
    long staleMillis,
    long staleOnErrorMillis,
    Guard guard,
    int ttlJitterPercent,
    int rate,
    int ratePerKey,
    int ratePerClient,
    List<Long> redeleteMillis) {

  public CacheRule {
    redeleteMillis = List.copyOf(redeleteMillis);
  }

  /** The rule that does nothing, whatever follows it. */
  public static CacheRule nothing(String match) {
    return new CacheRule(0, match, 0, 0, false, 0, 0, 0, Guard.OFF, 0, 0, 0, 0, List.of());
  }

  /** Whether a pattern can be one of a rule: not empty, and with few parts that are no literals. */
  public static boolean isPattern(String match) {
    return !match.isEmpty() && KeyPattern.canCompile(match);
  }

  /** The same at another place of its list. */
  public CacheRule at(int otherIndex) {
    return new CacheRule(
        otherIndex,
        match,
        nearMillis,
        missingMillis,
        collapse,
        leaseMillis,
        staleMillis,
        staleOnErrorMillis,
        guard,
        ttlJitterPercent,
        rate,
        ratePerKey,
        ratePerClient,
        redeleteMillis);
  }

  /** Whether equal reads under way become one; {@link #nearMillis} implies it. */
  public boolean collapses() {
    return collapse || nearMillis > 0;
  }

  /** Whether values are kept, to be given at once or when their keys or servers have gone. */
  public boolean keepsValues() {
    return nearMillis > 0 || staleMillis > 0 || staleOnErrorMillis > 0;
  }

  /** Whether something is kept of its keys, or waited for, that others' writes must end. */
  public boolean hearsOfWrites() {
    return nearMillis > 0
        || missingMillis > 0
        || leaseMillis > 0
        || staleMillis > 0
        || staleOnErrorMillis > 0
        || guard == Guard.EXISTING;
  }

  /** Whether requests are counted. */
  public boolean isRated() {
    return rate > 0 || ratePerKey > 0 || ratePerClient > 0;
  }

  /** What its keys begin with, in bytes. */
  public byte[] literalPrefix() {
    return KeyPattern.literalPrefix(match);
  }

  /** Whether no key that {@code later} matches gets past this rule, as far as patterns show it. */
  public boolean decidesBefore(CacheRule later) {
    return KeyPattern.covers(match, later.match);
  }
}
