package io.cashew.proxy.config;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Corpus;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever is in a configuration file, it is read or refused with {@link ConfigException}, which
 * says where and why.
 */
final class ConfigFuzzTest {
  private static final long SEED = Long.getLong("cashew.seed", 20_261_121L);
  private static final int ROUNDS = Integer.getInteger("cashew.fuzz.rounds", 6_000);

  /** What a file may have where it should not. */
  private static final List<String> PIECES =
      List.of(
          "{",
          "}",
          "[",
          "]",
          "\"",
          "\"\"\"",
          "'",
          ":",
          "=",
          "+=",
          ",",
          "#",
          "//",
          "\n",
          "\t",
          "\\",
          "${",
          "${?",
          "}",
          "${cashew}",
          "${?HOME}",
          "include",
          "include required(file(\"x\"))",
          "null",
          "true",
          "off",
          "-1",
          "0",
          "1e99",
          "99999999999999999999",
          "1s",
          "-5ms",
          "1GiB",
          "9999999999 GiB",
          "0.5",
          "NaN",
          "auto",
          "unix:",
          "unix:/x 0999",
          "127.0.0.1:99999",
          ":",
          "[::1]:1",
          "[::",
          "a:b:c",
          "127.0.0.1:1:0",
          "127.0.0.1:1:-1 a",
          "a.b.c",
          "\"a.b\"",
          "- ",
          "&a",
          "*a",
          "<<: *a",
          "!!int x",
          "!!java.lang.Object x",
          "%YAML 9.9",
          "---",
          "...",
          "? ",
          "| ",
          "> ",
          "@",
          "`",
          "\u0000",
          "\uFEFF",
          "\uD800",
          "é",
          "\r",
          "\u2028",
          "pools",
          "nodes",
          "listen",
          "servers",
          "redis: true",
          "distribution",
          "users",
          "limits");

  private interface Reader {
    Settings read(String text) throws ConfigException;
  }

  private static boolean accepts(Reader reader, String text) {
    try {
      reader.read(text);
      return true;
    } catch (ConfigException refused) {
      assertFalse(refused.problems().isEmpty());
      assertFalse(refused.getMessage().isBlank());
      return false;
    }
  }

  private static void fuzz(Reader reader, List<String> seeds) {
    Random random = new Random(SEED);
    int accepted = 0;
    for (int round = 0; round < ROUNDS; round++) {
      String text = damaged(seeds.get(random.nextInt(seeds.size())), random);
      try {
        accepted += accepts(reader, text) ? 1 : 0;
      } catch (Throwable e) {
        throw new AssertionError("round " + round + " of seed " + SEED + ":\n" + text, e);
      }
    }
    assertTrue(accepted > ROUNDS / 100, "some are still good: " + accepted);
    assertTrue(accepted < ROUNDS, "some are not");
  }

  private static String damaged(String seed, Random random) {
    StringBuilder text = new StringBuilder(seed);
    for (int i = random.nextInt(3); i >= 0; i--) {
      int at = random.nextInt(text.length());
      int end = Math.min(text.length(), at + random.nextInt(12));
      String piece = PIECES.get(random.nextInt(PIECES.size()));
      switch (random.nextInt(5)) {
        case 0 -> text.insert(at, piece);
        case 1 -> text.replace(at, end, piece);
        case 2 -> text.delete(at, end);
        case 3 -> text.setLength(Math.max(1, at));
        default -> {
          List<String> lines = new ArrayList<>(text.toString().lines().toList());
          if (!lines.isEmpty()) {
            lines.add(random.nextInt(lines.size()), lines.get(random.nextInt(lines.size())));
          }
          text = new StringBuilder(String.join("\n", lines));
        }
      }
      if (text.isEmpty()) {
        text.append(piece);
      }
    }
    return text.toString();
  }

  private static List<String> documents(String corpusFile) {
    return List.of(Corpus.file(corpusFile).split("(?m)^====.*$\\R"));
  }

  private static Settings hocon(String text) throws ConfigException {
    return HoconReader.read(text, "fuzz.conf");
  }

  private static Settings nutcracker(String text) throws ConfigException {
    return NutcrackerReader.read(text, "fuzz.yml");
  }

  @Test
  void damagedHoconIsReadOrRefused() {
    fuzz(ConfigFuzzTest::hocon, documents("good.conf"));
  }

  @Test
  void damagedYamlIsReadOrRefused() {
    fuzz(ConfigFuzzTest::nutcracker, documents("good.yml"));
  }

  @Test
  void whatHasBeenTroubleIsRefused() {
    for (String text : documents("bad.conf")) {
      assertFalse(accepts(ConfigFuzzTest::hocon, text), text);
    }
    for (String text : documents("bad.yml")) {
      assertFalse(accepts(ConfigFuzzTest::nutcracker, text), text);
    }
  }

  /** No parser has a limit of its own for this. */
  @ParameterizedTest
  @ValueSource(strings = {"[", "{a:", "{", "- ", "a:\n ", "? ", "${", "\"", "!", "&a ", "include "})
  void whatIsNestedWithoutEndIsRefused(String piece) {
    boolean recurses = List.of("[", "{a:", "{", "? ", "${").contains(piece);
    String text = piece.repeat(recurses ? 20_000 : 2_000); // the rest takes time with its square
    assertFalse(accepts(ConfigFuzzTest::hocon, text));
    assertFalse(accepts(ConfigFuzzTest::hocon, "cashew = " + text));
    assertFalse(accepts(ConfigFuzzTest::nutcracker, text));
    assertFalse(accepts(ConfigFuzzTest::nutcracker, "alpha: " + text));
  }
}
