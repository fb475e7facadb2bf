package io.cashew.proxy.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamePatternTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "get, get, true",
        "GET, get, true",
        "get, getex, false",
        "g?t, get, true",
        "g??t, get, false",
        "*, get, true",
        "**, get, true",
        "g*, get, true",
        "*t, get, true",
        "*e*, get, true",
        "*x*, get, false",
        "xgr*|*e*, xgroup|create, true",
        "[a-g]et, get, true",
        "[g-a]et, get, true",
        "[^a-f]et, get, true",
        "[^g]et, get, false",
        "[xyg]et, get, true",
        "[\\g]et, get, true",
        "\\get, get, true",
        "\\*et, get, false",
        "ge[t, get, true",
        "ge[, get, false",
        "\"\", get, false",
      })
  void matchesAsRedisDoes(String pattern, String name, boolean matches) {
    assertEquals(matches, new NamePattern(pattern).matches(name));
  }

  @Test
  void manyStarsAreNoTrouble() {
    assertEquals(false, new NamePattern("*a".repeat(5000) + "b").matches("a".repeat(5000)));
  }
}
