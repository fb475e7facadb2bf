package io.cashew.proxy.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What several servers have in common. */
final class ServerFactsTest {
  private static ServerFacts redis(String version, @Nullable Set<String> commands) {
    return new ServerFacts(version, null, Map.of(), commands, Map.of(), true, "id" + version, null);
  }

  private static ServerFacts valkey(String version) {
    return new ServerFacts("7.2.4", version, Map.of(), Set.of("get"), Map.of(), true, null, null);
  }

  @Test
  void theLeastVersionCountsWhateverTheOrder() {
    for (List<String> versions :
        List.of(
            List.of("7.2.10", "7.2.9", "8.0.1"),
            List.of("7.2.9", "10.0.0", "7.10.0"),
            List.of("255.255.255", "7.2.9"))) {
      ServerFacts least =
          ServerFacts.leastOf(versions.stream().map(version -> redis(version, null)).toList());
      assertEquals("7.2.9", least.redisVersion());
    }
    assertTrue(redis("7.0.15", null).isAtLeast("7.0.0"));
    assertFalse(redis("6.2.14", null).isAtLeast("7.0.0"));
  }

  @Test
  void whatOneServerLacksIsNotThere() {
    ServerFacts least =
        ServerFacts.leastOf(
            List.of(
                redis("8.0.0", Set.of("get", "hgetex", "client", "client|kill", "client|new")),
                redis("7.2.0", Set.of("get", "client", "client|kill")),
                redis("7.2.0", null)));
    assertEquals(Set.of("get", "client", "client|kill"), least.commands());
    assertTrue(least.namesSubcommands());
  }

  @Test
  void aServerThatNamesNoSubcommandsTakesNoneAway() {
    ServerFacts older =
        new ServerFacts(
            "6.2.0", null, Map.of(), Set.of("get", "client"), Map.of(), false, null, null);
    ServerFacts least =
        ServerFacts.leastOf(
            List.of(redis("7.0.0", Set.of("get", "hgetex", "client", "client|kill")), older));
    assertEquals(Set.of("get", "client", "client|kill"), least.commands());
    assertFalse(least.namesSubcommands());
  }

  @Test
  void modulesAreThoseOfAllInTheLeastVersion() {
    ServerFacts one =
        new ServerFacts(
            "8.0.0", null, Map.of("bf", 80L, "ReJSON", 20L), null, Map.of(), true, null, null);
    ServerFacts other =
        new ServerFacts("8.0.0", null, Map.of("bf", 60L), null, Map.of(), true, null, null);
    assertEquals(Map.of("bf", 60L), ServerFacts.leastOf(List.of(one, other)).modules());
  }

  @Test
  void aritiesAreThoseOfTheLeastVersionThatSaysThem() {
    Set<String> names = Set.of("zrank", "get");
    ServerFacts newer = redis("7.2.0", names).with(names, Map.of("zrank", -3, "get", 2));
    ServerFacts older = redis("6.2.0", names).with(names, Map.of("zrank", 3));
    assertEquals(
        Map.of("zrank", 3, "get", 2), ServerFacts.leastOf(List.of(newer, older)).arities());
  }

  @Test
  void valkeyIsSaidIfAllAre() {
    assertEquals(
        "8.1.0", ServerFacts.leastOf(List.of(valkey("9.0.0"), valkey("8.1.0"))).valkeyVersion());
    ServerFacts mixed = ServerFacts.leastOf(List.of(valkey("9.0.0"), redis("7.0.15", null)));
    assertNull(mixed.valkeyVersion());
    assertEquals("7.0.15", mixed.redisVersion());
  }

  @Test
  void nothingIsKnownBeforeAServerHasSaidSo() {
    assertSame(ServerFacts.UNKNOWN, ServerFacts.leastOf(List.of()));
  }
}
