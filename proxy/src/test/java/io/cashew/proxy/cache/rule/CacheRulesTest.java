package io.cashew.proxy.cache.rule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.command.GlobPattern;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which rule a key has. */
final class CacheRulesTest {
  private static final long SEED = Long.getLong("cashew.seed", 20_261_129L);
  private static final int ROUNDS = Integer.getInteger("cashew.fuzz.rounds", 6_000);

  private static CacheRules rules(String... patterns) {
    return CacheRules.of(List.of(patterns).stream().map(CacheRule::nothing).toList());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static @Nullable String match(CacheRules rules, String key) {
    CacheRule rule = rules.of(bytes(key));
    return rule == null ? null : rule.match();
  }

  private static List<String> prefixes(CacheRules rules) {
    return rules.literalPrefixes(rule -> true).stream()
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
        .toList();
  }

  @Test
  void theFirstRuleThatMatchesDecides() {
    CacheRules rules = rules("user:*:name", "user:1*", "user:*", "lock", "l?ck", "*");
    assertEquals("user:*:name", match(rules, "user:17:name"));
    assertEquals("user:1*", match(rules, "user:17"));
    assertEquals("user:*", match(rules, "user:2"));
    assertEquals("lock", match(rules, "lock"));
    assertEquals("l?ck", match(rules, "luck"));
    assertEquals("*", match(rules, "locks"));
    assertEquals("*", match(rules, ""));
    assertEquals(2, rules.rules().get(2).index());
  }

  @Test
  void aKeyThatNoPatternMatchesHasNoRule() {
    CacheRules rules = rules("user:*", "lock", "a[bc]d");
    for (String key : List.of("", "use", "users", "loc", "locks", "aed", "abdd", "x")) {
      assertNull(match(rules, key), key);
    }
    assertNull(match(CacheRules.NONE, "user:1"));
  }

  @Test
  void anEarlierRuleThatIsLessExactDecidesAllTheSame() {
    CacheRules rules = rules("*:x", "user:*");
    assertEquals("*:x", match(rules, "user:x"));
    assertEquals("user:*", match(rules, "user:y"));
  }

  @Test
  void whatIsEscapedStandsForItself() {
    CacheRules rules = rules("a\\*b*", "a*");
    assertEquals("a\\*b*", match(rules, "a*bc"));
    assertEquals("a*", match(rules, "axbc"));
    assertEquals(List.of("a"), prefixes(rules));
    assertEquals(List.of("a*b"), prefixes(rules("a\\*b*")));
  }

  @Test
  void aKeyIsComparedByItsBytesWhereverItStands() {
    CacheRules rules = rules("\u00e9*");
    ByteBuf buf = Unpooled.copiedBuffer("xx\u00e9t\u00e9yy", StandardCharsets.UTF_8);
    assertSame(rules.rules().get(0), rules.of(buf, 2, 5));
    assertNull(rules.of(buf, 1, 6));
    assertNull(rules.of(buf, 3, 4));
  }

  @Test
  void prefixesToListenToDoNotOverlap() {
    assertEquals(
        List.of("page:", "user:"), prefixes(rules("user:1:*", "page:?", "user:*", "page:[ab]")));
    assertEquals(List.of(""), prefixes(rules("user:*", "*:x", "page:*")));
    assertEquals(List.of("lock"), prefixes(rules("lock")));
  }

  @Test
  void onlyRulesThatKeepSomethingAreListenedFor() {
    CacheRule rated =
        new CacheRule(0, "a*", 0, 0, true, 0, 0, 0, Guard.OFF, 9, 1, 1, 1, List.of(5L));
    CacheRule near = new CacheRule(0, "b*", 1, 0, false, 0, 0, 0, Guard.OFF, 0, 0, 0, 0, List.of());
    List<byte[]> prefixes = CacheRules.of(List.of(rated, near)).literalPrefixes();
    assertEquals(1, prefixes.size());
    assertEquals("b", new String(prefixes.get(0), StandardCharsets.UTF_8));
    assertTrue(near.collapses());
  }

  @Test
  void aRuleThatCannotBeReachedIsKnown() {
    assertTrue(CacheRule.nothing("*").decidesBefore(CacheRule.nothing("user:*")));
    assertTrue(CacheRule.nothing("user:*").decidesBefore(CacheRule.nothing("user:1")));
    assertTrue(CacheRule.nothing("user:*").decidesBefore(CacheRule.nothing("user:?:x*")));
    assertTrue(CacheRule.nothing("a[b]").decidesBefore(CacheRule.nothing("a[b]")));
    assertFalse(CacheRule.nothing("user:*").decidesBefore(CacheRule.nothing("use*")));
    assertFalse(CacheRule.nothing("user:*x").decidesBefore(CacheRule.nothing("user:1")));
    assertFalse(CacheRule.nothing("user:1").decidesBefore(CacheRule.nothing("user:*")));
  }

  @Test
  void onlySoManyRulesHaveALabelOfTheirOwn() {
    CacheRule rule = CacheRule.nothing("user:*");
    assertEquals("user:*", CacheRules.label(rule.at(99)));
    assertEquals(CacheRules.OTHERS, CacheRules.label(rule.at(100)));
  }

  @Test
  void randomPatternsDecideAsTriedOneByOne() {
    Random random = new Random(SEED);
    for (int round = 0; round < ROUNDS; round++) {
      List<CacheRule> list = new ArrayList<>();
      for (int i = random.nextInt(12); i >= 0; i--) {
        list.add(CacheRule.nothing(text(random, "ab:*?[]^-\\é", 1 + random.nextInt(8))));
      }
      CacheRules rules = CacheRules.of(list);
      for (int i = 0; i < 20; i++) {
        byte[] key = bytes(text(random, "ab:*[é", random.nextInt(8)));
        CacheRule expected = naive(rules.rules(), key);
        assertSame(
            expected,
            rules.of(key),
            () -> "seed " + SEED + ": " + rules + " " + new String(key, StandardCharsets.UTF_8));
      }
    }
  }

  private static String text(Random random, String characters, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(characters.charAt(random.nextInt(characters.length())));
    }
    return text.toString();
  }

  private static @Nullable CacheRule naive(List<CacheRule> rules, byte[] key) {
    ByteBuf buf = Unpooled.wrappedBuffer(key);
    for (CacheRule rule : rules) {
      boolean all = rule.match().equals("*"); // which KEYS lists an empty key for, too
      if (all || new GlobPattern(rule.match()).matches(buf, 0, key.length)) {
        return rule;
      }
    }
    return null;
  }
}
