package io.cashew.proxy.command;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Which of several pools a key belongs to: the first pattern that matches decides, and the last one
 * matches every key. Immutable, shared by all threads; a look-up allocates nothing.
 */
public final class KeyRoutes {
  /** {@link #poolOfAll}: they may be of several. */
  public static final int SEVERAL = -1;

  /** The pattern of every key. */
  public static final String ALL = "*";

  private final KeyPatterns trie;
  private final List<KeyPattern> patterns;
  private final List<String> pools;
  private final int[] poolOf;

  /**
   * Compiles routes.
   *
   * @param patterns in their order, the last of them {@link #ALL}
   * @param poolNames the pool of each
   * @param pools each pool once, also those without a pattern
   */
  public KeyRoutes(List<String> patterns, List<String> poolNames, List<String> pools) {
    if (patterns.size() != poolNames.size()
        || patterns.isEmpty()
        || !patterns.get(patterns.size() - 1).equals(ALL)) {
      throw new IllegalArgumentException("the last of " + patterns + " is not " + ALL);
    }
    trie = KeyPatterns.of(patterns);
    this.patterns =
        IntStream.range(0, patterns.size())
            .mapToObj(index -> new KeyPattern(patterns.get(index), index))
            .toList();
    this.pools = List.copyOf(pools);
    poolOf = poolNames.stream().mapToInt(pools::indexOf).toArray();
  }

  /** The pools, each once. */
  public List<String> pools() {
    return pools;
  }

  /** The place of a key's pattern. */
  public int patternOf(byte[] key) {
    return trie.find(key, 0, key.length);
  }

  /** The pattern at a place. */
  public String pattern(int place) {
    return patterns.get(place).toString();
  }

  /** The pool of a key: an index into {@link #pools()}. */
  public int poolOf(byte[] bytes, int offset, int length) {
    return poolOf[trie.find(bytes, offset, length)];
  }

  /**
   * The one pool of all keys that begin with certain bytes, whatever follows.
   *
   * @return {@link #SEVERAL} if that cannot be told
   */
  public int poolOfAll(byte[] beginning) {
    for (KeyPattern each : patterns) {
      if (each.matchesAllOf(beginning)) {
        return poolOf[each.index()];
      }
      if (!each.matchesNoneOf(beginning)) {
        return SEVERAL;
      }
    }
    return SEVERAL;
  }
}
