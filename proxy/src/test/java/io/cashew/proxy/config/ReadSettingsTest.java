package io.cashew.proxy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a file may say of where reads go. */
final class ReadSettingsTest {
  private static final String BOTH =
      "{ name = a, addresses = [\"h:1\", \"h:2\"] }, { name = b, addresses = [\"h:3\", \"h:4\"] }";

  private static PoolSettings pool(String nodes, String lines) throws ConfigException {
    return HoconReader.read(
            "cashew.pools.p { listen = \"l:1\"\n nodes = [ " + nodes + " ]\n" + lines + "\n}",
            "cashew.conf")
        .pools()
        .get(0);
  }

  private static void assertProblem(String nodes, String lines, String key, String words) {
    List<ConfigProblem> problems =
        assertThrows(ConfigException.class, () -> pool(nodes, lines)).problems();
    assertEquals(1, problems.size(), problems::toString);
    assertEquals("cashew.pools.p." + key, problems.get(0).key(), problems::toString);
    assertTrue(problems.get(0).text().contains(words), problems::toString);
  }

  @Test
  void readsGoToThePrimaryUnlessSomebodySaysOtherwise() throws ConfigException {
    ReadSettings reads = pool(BOTH, "").reads();
    assertEquals(new ReadSettings(ReadFrom.PRIMARY, 10_000, 1_000, "", Map.of()), reads);
  }

  @Test
  void eachValueIsReadAndWritten() throws ConfigException {
    PoolSettings pool =
        pool(
            BOTH,
            """
            read-from = nearest
            replica-max-lag = 3s
            read-your-writes = 0s
            zone = a
            zones { "h:1" = a, "h:2" = b }
            """);
    assertEquals(
        new ReadSettings(ReadFrom.NEAREST, 3_000, 0, "a", Map.of("h:1", "a", "h:2", "b")),
        pool.reads());
    assertEquals(
        "{ read-from = nearest, replica-max-lag = 3s, read-your-writes = 0s, zone = \"a\", zones = {"
            + " \"h:1\" = \"a\", \"h:2\" = \"b\" } }",
        ReadSettings.TABLE.object(pool.reads(), true));
    for (String from : List.of("primary", "prefer-primary", "prefer-replica", "replica", "any")) {
      assertEquals(from, Kinds.kebab(pool(BOTH, "read-from = " + from).reads().from()));
    }
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    assertProblem(BOTH, "read-from = replicas", "read-from", "did you mean 'replica'");
    assertProblem(BOTH, "read-from = nearest", "read-from", "write zone = ");
    assertProblem(BOTH, "replica-max-lag = 10ms", "replica-max-lag", "1s");
    assertProblem(BOTH, "zones { nowhere = a }", "zones.nowhere", "{ \"host:port\" = zone }");
    assertProblem(BOTH, "zones { h = 1 }", "zones.h", "{ \"host:port\" = zone }");
    assertProblem("\"h:1\"", "read-from = prefer-replica", "read-from", "each node is one server");
    assertProblem(
        "{ name = a, addresses = [\"h:1\", \"h:2\"] }, \"h:3:1 b\"",
        "read-from = replica",
        "read-from",
        "[b]");
  }
}
