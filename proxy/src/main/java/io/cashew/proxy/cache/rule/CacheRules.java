package io.cashew.proxy.cache.rule;

import io.cashew.proxy.command.KeyPattern;
import io.cashew.proxy.command.KeyPatterns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The rules of a pool, to be looked up by keys: the first that matches decides. Immutable, shared
 * by all threads.
 */
public final class CacheRules {
  /** Rules that have numbers of their own in metrics; those behind them share {@link #OTHERS}. */
  public static final int MAX_LABELS = 100;

  /** The label of the rules that have none of their own. */
  public static final String OTHERS = "(others)";

  /** A pool without rules. */
  public static final CacheRules NONE = new CacheRules(List.of());

  private final List<CacheRule> rules;
  private final KeyPatterns patterns;

  private CacheRules(List<CacheRule> rules) {
    this.rules = List.copyOf(rules);
    patterns = KeyPatterns.of(rules.stream().map(CacheRule::match).toList());
  }

  /** These rules, in this order. */
  public static CacheRules of(List<CacheRule> rules) {
    return rules.isEmpty() ? NONE : new CacheRules(numbered(rules));
  }

  /** The same rules, each with its place in the list. */
  public static List<CacheRule> numbered(List<CacheRule> rules) {
    List<CacheRule> numbered = new ArrayList<>();
    for (CacheRule rule : rules) {
      numbered.add(rule.at(numbered.size()));
    }
    return numbered;
  }

  /** All rules in their order. */
  public List<CacheRule> rules() {
    return rules;
  }

  public boolean isEmpty() {
    return rules.isEmpty();
  }

  /** Whether any rule is like this. */
  public boolean any(Predicate<CacheRule> like) {
    return rules.stream().anyMatch(like);
  }

  /** The rule of a key; null: it has none. */
  public @Nullable CacheRule of(ByteBuf buf, int offset, int length) {
    int index = patterns.find(buf, offset, length);
    return index == KeyPatterns.NONE ? null : rules.get(index);
  }

  /** The rule of a key; null: it has none. Not for the path of requests: it allocates. */
  public @Nullable CacheRule of(byte[] key) {
    return of(Unpooled.wrappedBuffer(key), 0, key.length);
  }

  /** What a rule is called in metrics: its pattern, if it is one of the first. */
  public static String label(CacheRule rule) {
    return rule.index() < MAX_LABELS ? rule.match() : OTHERS;
  }

  /** The beginnings of keys whose writes must be heard of; see {@link CacheRule#hearsOfWrites}. */
  public List<byte[]> literalPrefixes() {
    return literalPrefixes(CacheRule::hearsOfWrites);
  }

  /**
   * The beginnings of the keys of some rules. None is the beginning of another, as {@code CLIENT
   * TRACKING ON BCAST PREFIX} wants it; if a pattern begins with no literal, an empty one is all.
   */
  public List<byte[]> literalPrefixes(Predicate<CacheRule> like) {
    List<byte[]> prefixes = new ArrayList<>();
    for (CacheRule rule : rules) {
      byte[] prefix = rule.literalPrefix();
      if (like.test(rule)
          && prefixes.stream().noneMatch(wider -> KeyPattern.startsWith(prefix, wider))) {
        prefixes.removeIf(narrower -> KeyPattern.startsWith(narrower, prefix));
        prefixes.add(prefix);
      }
    }
    return prefixes;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CacheRules others && rules.equals(others.rules);
  }

  @Override
  public int hashCode() {
    return rules.hashCode();
  }

  @Override
  public String toString() {
    return rules.toString();
  }
}
