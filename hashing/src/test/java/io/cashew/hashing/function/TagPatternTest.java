package io.cashew.hashing.function;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.hashing.Seed;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TagPatternTest {
  /** What the two engines take differently, and what patterns are made of. */
  private static final String[] PIECES = {
    "a",
    "b",
    "c",
    "k",
    "K",
    "s",
    "S",
    "_",
    "#",
    "{",
    "}",
    ":",
    "7",
    "42",
    "user:",
    "session:",
    " ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\u000b",
    "\f",
    "\u0085",
    "\u2028",
    "\u2029",
    "\u212a",
    "\u017f",
    "é",
    "ш",
    "😀",
    "\u00a0",
    "."
  };

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\\{(.+?)\\}",
        "^([^_]+)_",
        "^(?:user|session):(\\d+)",
        "#([^#]*)#",
        "([a-z]+)$",
        "^(.{3})",
        "^a(b)?",
        "\\s(\\S+)",
        "(?i)(k)",
        "(ab|a)(bc|b)?",
        "(?i)([a-k]+):",
        "(?i:USER):(.*)",
        "(?s)^(.{2})",
        "(?s:a.)(.)",
        "([\\w\\s]+)#",
        "([^\\s:]+)",
        "(\\p{L}+)",
        "([\\p{Lu}\\d]+)",
        "^(\\Qa.b\\E)?(.)",
        "(a|b|)c",
        "(?<tag>[ab]+)#",
        "(\\x61+|\\u0062+|\\x{1F600})",
        "(\\07|\\t)",
        "(.*)\\Z",
        "(a)|(b)$",
        "([\\]\\[{}#-]+)",
        "([^\\n]{2,3}?)_",
        "(\\W)a",
        "\\A(.)",
        "(k?)(?i)s",
        "([+--]|\\.)",
        "(?-s:(.))a",
        "((a)|b)+"
      })
  void answersAreThoseOfJavaUtilRegex(String text) {
    Pattern java = Pattern.compile(text);
    TagPattern tag = TagPattern.of(text);
    Random random = Seed.random();
    for (int i = 0; i < 20_000; i++) {
      StringBuilder key = new StringBuilder();
      for (int pieces = random.nextInt(7); pieces >= 0; pieces--) {
        key.append(PIECES[random.nextInt(PIECES.length)]);
      }
      assertEquals(expected(java, key.toString()), found(tag, key.toString()), key::toString);
    }
  }

  private static String expected(Pattern pattern, String key) {
    Matcher matcher = pattern.matcher(key);
    return matcher.find() && matcher.group(1) != null ? matcher.group(1) : key;
  }

  private static String found(TagPattern tag, String key) {
    byte[] bytes = key.getBytes(UTF_8);
    byte[] around = ("{a" + key + "}").getBytes(UTF_8);
    long part = tag.find(around, 2, bytes.length);
    assertEquals(
        tag.find(bytes, 0, bytes.length),
        KeyTag.part(KeyTag.offset(part) - 2, KeyTag.length(part)));
    return new String(around, KeyTag.offset(part), KeyTag.length(part), UTF_8);
  }

  @Test
  void keysInWhichTheGroupTookNoPartAreCounted() {
    TagPattern tag = TagPattern.of("^a(b)?");
    assertEquals("b", found(tag, "ab"));
    assertEquals(0, tag.withoutGroup());
    assertEquals("ac", found(tag, "ac"));
    assertTrue(tag.withoutGroup() > 0);
  }

  @Test
  void noBeginningDecides() {
    byte[] key = "{a}".getBytes(UTF_8);
    assertFalse(TagPattern.of("\\{(.+?)\\}").isDecidedBy(key, 0, key.length));
    assertTrue(HashTag.of("{}").isDecidedBy(key, 0, key.length));
    assertFalse(HashTag.of("{}").isDecidedBy(key, 0, 2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a)(?=b)", "(a)(?!b)", "(?<=a)(b)", "(?<!a)(b)", "(?>a)(b)", "(a)\\1", "(a++)", "(a*+)b",
        "(a{1,2}+)", "\\b(a)", "(a)\\B", "(?m)^(a)", "(?x)( a)", "(?u)(k)", "([a&&b])", "([a[b]])",
        "(a$)", "(a)$b", "(?:(a)$)", "(\\R)", "(\\h)", "(\\p{Lower})", "(?i)(\\p{Lu})", "([\\S])",
        "(a{1,2000})", "(\\cA)", "(\\uD83D\\uDE00)", "(\\k<a>)(?<a>b)"
      })
  void whatCouldAnswerOtherwiseIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> TagPattern.of(text));
  }

  @Test
  void refusalsSayWhatIsWrong() {
    assertRefusal("a", "has no group: what its first group matches is hashed, as in \\{(.+?)\\}");
    assertRefusal("(a", "is no regular expression: Unclosed group near index 2");
    assertRefusal(
        "(a)(?=b)",
        "has a look ahead, which cannot be matched in linear time with Jedis's answers");
  }

  private static void assertRefusal(String text, String message) {
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> TagPattern.of(text)).getMessage());
  }
}
