package io.cashew.proxy.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which pool a key belongs to. */
final class KeyRoutesTest {
  private static final long SEED = Long.getLong("cashew.seed", 20_261_129L);
  private static final int ROUNDS = Integer.getInteger("cashew.fuzz.rounds", 6_000);

  private static final KeyRoutes ROUTES =
      routes(
          List.of("s:*", "*:s", "l?ck", "s*", "a\\*b", "*"),
          List.of("sessions", "locks", "locks", "more", "sessions", "main"));

  private static KeyRoutes routes(List<String> patterns, List<String> pools) {
    return PoolRoutes.of(
            IntStream.range(0, patterns.size())
                .mapToObj(i -> new PoolRoutes.One(patterns.get(i), "", pools.get(i)))
                .toList())
        .of("anybody");
  }

  private static String pool(KeyRoutes routes, String key) {
    byte[] padded = ("xy" + key + "z").getBytes(UTF_8);
    return routes.pools().get(routes.poolOf(padded, 2, padded.length - 3));
  }

  @Test
  void theFirstPatternThatMatchesDecides() {
    assertEquals("sessions", pool(ROUTES, "s:1"));
    assertEquals("sessions", pool(ROUTES, "s:1:s"));
    assertEquals("locks", pool(ROUTES, "x:s"));
    assertEquals("locks", pool(ROUTES, "luck"));
    assertEquals("more", pool(ROUTES, "so"));
    assertEquals("sessions", pool(ROUTES, "a*b"));
    assertEquals("main", pool(ROUTES, "ab"));
    assertEquals("main", pool(ROUTES, ""));
    assertEquals("l?ck", ROUTES.pattern(ROUTES.patternOf("lick".getBytes(UTF_8))));
  }

  @Test
  void thePoolOfAllOtherKeysIsTheFirst() {
    assertEquals(List.of("main", "sessions", "locks", "more"), ROUTES.pools());
  }

  @Test
  void aLongerBeginningDecidesNothing() {
    KeyRoutes routes =
        routes(List.of("abc", "a?x", "ab*", "*"), List.of("one", "two", "three", "main"));
    assertEquals("two", pool(routes, "abx"));
    assertEquals("one", pool(routes, "abc"));
    assertEquals("three", pool(routes, "abd"));
  }

  @Test
  void withoutAPatternForAllKeysThereAreNone() {
    assertThrows(IllegalArgumentException.class, () -> routes(List.of("a*"), List.of("p")));
    assertThrows(IndexOutOfBoundsException.class, () -> routes(List.of(), List.of()));
  }

  @Test
  void aUsersRoutesAreThoseOfEverybodyAndItsOwn() {
    PoolRoutes routes =
        PoolRoutes.of(
            List.of(
                new PoolRoutes.One("s:*", "", "sessions"),
                new PoolRoutes.One("s*", "eve", "traps"),
                new PoolRoutes.One("*", "reports", "copies"),
                new PoolRoutes.One("*", "", "main")));
    assertEquals(List.of("main", "sessions", "traps", "copies"), routes.pools());
    assertEquals("main", pool(routes.of("default"), "x"));
    assertEquals("main", pool(routes.of("default"), "sx"));
    assertEquals("copies", pool(routes.of("reports"), "x"));
    assertEquals("sessions", pool(routes.of("reports"), "s:x"));
    assertEquals("traps", pool(routes.of("eve"), "sx"));
    assertEquals("main", pool(routes.of("eve"), "x"));
    assertEquals(PoolRoutes.EVERYBODY, routes.placeOf("default"));
    assertEquals(2, routes.placeOf("reports"));
  }

  @Test
  void theyAreEqualIfTheyLeadToTheSame() {
    PoolRoutes.One all = new PoolRoutes.One("*", "", "p");
    assertEquals(
        PoolRoutes.of(List.of(all)).routes(),
        PoolRoutes.of(List.of(new PoolRoutes.One("*", "", "p"))).routes());
  }

  private static String poolOfAll(String beginning) {
    int pool = ROUTES.poolOfAll(beginning.getBytes(UTF_8));
    return pool == KeyRoutes.SEVERAL ? "several" : ROUTES.pools().get(pool);
  }

  @Test
  void keysOfOneBeginningMayBeOfOnePool() {
    assertEquals("sessions", poolOfAll("s:"));
    assertEquals("sessions", poolOfAll("s:x"));
    assertEquals("several", poolOfAll("s"));
    assertEquals("several", poolOfAll("so")); // "so:s" is of locks
    assertEquals("several", poolOfAll("m"));
    KeyRoutes plain = routes(List.of("a:*", "b:1", "c:?*", "*"), List.of("a", "b", "c", "main"));
    assertEquals("main", plain.pools().get(plain.poolOfAll("d".getBytes(UTF_8))));
    assertEquals("main", plain.pools().get(plain.poolOfAll("b:12".getBytes(UTF_8))));
    assertEquals(KeyRoutes.SEVERAL, plain.poolOfAll("b:".getBytes(UTF_8)));
    assertEquals(KeyRoutes.SEVERAL, plain.poolOfAll("c:".getBytes(UTF_8)));
    assertEquals(KeyRoutes.SEVERAL, plain.poolOfAll("".getBytes(UTF_8)));
  }

  @Test
  void randomPatternsDecideAsTriedOneByOne() {
    Random random = new Random(SEED);
    for (int round = 0; round < ROUNDS; round++) {
      List<String> patterns = new ArrayList<>();
      for (int i = random.nextInt(6); i > 0; i--) {
        patterns.add(text(random, "ab*?"));
      }
      patterns.add("*");
      List<String> pools = new ArrayList<>();
      for (int i = 0; i < patterns.size(); i++) {
        pools.add("p" + random.nextInt(3));
      }
      KeyRoutes routes = routes(patterns, pools);
      String key = text(random, "abc");
      byte[] bytes = key.getBytes(UTF_8);
      int expected = 0;
      while (!new GlobPattern(patterns.get(expected).getBytes(UTF_8))
          .matches(Unpooled.wrappedBuffer(bytes), 0, bytes.length)) {
        expected++;
      }
      int decides = expected;
      assertEquals(pools.get(expected), pool(routes, key), () -> patterns + " " + key);
      assertEquals(decides, routes.patternOf(bytes));
      assertEquals(1, Collections.frequency(routes.pools(), pools.get(decides)));
    }
  }

  private static String text(Random random, String of) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(5); i >= 0; i--) {
      text.append(of.charAt(random.nextInt(of.length())));
    }
    return text.toString();
  }
}
