package io.cashew.proxy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The settings of a pool with routes. */
final class RouteSettingsTest {
  private static final String ROUTES =
      "routes = [ { keys = \"s:*\", pool = sessions }, { keys = \"*\", pool = main } ]";

  private static final String TARGETS =
      """
      cashew.pools.sessions { nodes = [ "10.0.0.1:1" ] }
      cashew.pools.main { listen = "127.0.0.1:2", nodes = [ "10.0.0.1:2" ] }
      """;

  private static String file(String front, String others) {
    return "cashew.pools.front {\n listen = \"127.0.0.1:1\"\n" + front + "\n}\n" + others;
  }

  private static List<ConfigProblem> problems(String front, String others) {
    return assertThrows(
            ConfigException.class, () -> HoconReader.read(file(front, others), "cashew.conf"))
        .problems();
  }

  private static void assertProblem(String front, String others, String key, String text) {
    List<ConfigProblem> problems = problems(front, others);
    assertTrue(
        problems.stream()
            .anyMatch(
                each -> each.key().equals("cashew.pools." + key) && each.text().contains(text)),
        problems::toString);
  }

  @Test
  void routesTakeThePlaceOfNodes() throws ConfigException {
    Settings settings = HoconReader.read(file(ROUTES, TARGETS), "cashew.conf");
    PoolSettings front = settings.pools().get(0);
    assertTrue(front.hasRoutes());
    assertEquals(
        List.of(
            new RouteSettings("s:*", Optional.empty(), "sessions"),
            new RouteSettings("*", Optional.empty(), "main")),
        front.routes());
    assertEquals(List.of("main", "sessions"), front.poolRoutes().pools());
    assertFalse(settings.pools().get(1).listens());
    assertTrue(settings.pools().get(2).listens());
    String written = HoconWriter.write(settings);
    assertEquals(settings, HoconReader.read(written, "written.conf"), written);
  }

  @Test
  void theLastRouteIsForAllOtherKeys() {
    assertProblem(
        "routes = [ { keys = \"s:*\", pool = sessions } ]",
        TARGETS,
        "front.routes",
        "must end with { keys = \"*\", pool = … }");
  }

  @Test
  void aRouteThatNeverDecidesIsRefused() {
    assertProblem(
        "routes = [ { keys = \"s*\", pool = main }, { keys = \"s:*\", pool = sessions },"
            + " { keys = \"*\", pool = main } ]",
        TARGETS,
        "front.routes[1].keys",
        "'s:*' never decides: routes[0], 's*', comes first");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "nobody; 'nobody' is no pool of this file: there are main sessions",
        "front; 'front' is the pool itself",
        "other; 'other' has routes itself",
        "text; 'text' speaks memcached, and this pool redis",
      })
  void whereNoRouteCanLeadIsToldAtItsPlace(String pool, String text) {
    String more =
        switch (pool) {
          case "other" -> "cashew.pools.other { listen = \"127.0.0.1:9\"\n" + ROUTES + "\n}";
          case "text" -> "cashew.pools.text { nodes = [ \"a:1\" ], protocol = memcached }";
          default -> "";
        };
    assertProblem(
        "routes = [ { keys = \"x:*\", pool = "
            + pool
            + " }, { keys = \"s:*\", pool = sessions },"
            + " { keys = \"*\", pool = main } ]",
        TARGETS + more,
        "front.routes[0].pool",
        text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "nodes = [ \"a:1\" ]; nodes",
        "cluster.seeds = [ \"a:1\" ]; cluster.seeds",
        "hash = murmur; hash",
        "timeout = 1s; timeout",
        "connections-per-node = 2; connections-per-node",
        "eject.enabled = true; eject.enabled",
        "failure-limit = 2; failure-limit",
        "read-from = replica; read-from",
        "node-auth.password = x; node-auth",
        "node-tls.enabled = true; node-tls.enabled",
        "limits.databases = 2; limits.databases",
      })
  void whatIsAboutNodesIsRefusedBesideRoutes(String line, String key) {
    assertProblem(ROUTES + "\n" + line, TARGETS, "front." + key, "has no use beside routes");
  }

  @Test
  void whatKeepsValuesIsAMatterOfThePoolThatHasThem() {
    for (String effect :
        List.of("near = 1s", "collapse = true", "lease = 1s", "redelete = [1s]", "missing = 1s")) {
      assertProblem(
          ROUTES + "\ncache.rules = [ { match = \"x\", " + effect + " } ]",
          TARGETS,
          "front.cache.rules",
          "do more than rate and ttl-jitter for 'x'");
    }
  }

  @Test
  void routesOfMemcachedLeadToPoolsOfMemcached() throws ConfigException {
    String front = ROUTES + "\nprotocol = memcached";
    String targets = TARGETS.replace("nodes", "protocol = memcached, nodes");
    Settings settings = HoconReader.read(file(front, targets), "cashew.conf");
    assertTrue(settings.pools().get(0).protocol().isMemcached());
    assertEquals(List.of("main", "sessions"), settings.pools().get(0).poolRoutes().pools());
    String text = "speaks redis, and this pool memcached";
    assertProblem(front, TARGETS, "front.routes[0].pool", "'sessions' " + text);
    assertProblem(front, TARGETS, "front.routes[1].pool", "'main' " + text);
    assertProblem(
        front.replace("\"s:*\"", "\"s:*\", user = default"),
        targets,
        "front.routes[0].user",
        "memcached has no users");
    assertProblem(front + "\nhash = murmur", targets, "front.hash", "has no use beside routes");
  }

  @Test
  void aRouteMayBeForAUser() throws ConfigException {
    String routes =
        "routes = [ { user = reports, keys = \"s:*\", pool = main }, { user = reports, pool ="
            + " sessions }, { user = default, keys = \"s:*\", pool = sessions }, { keys = \"*\","
            + " pool = main } ]\n";
    String users = "auth.users.reports { rules = \"on nopass ~* +@all\" }";
    Settings settings = HoconReader.read(file(routes + users, TARGETS), "cashew.conf");
    PoolSettings front = settings.pools().get(0);
    assertEquals(new RouteSettings("*", Optional.of("reports"), "sessions"), front.routes().get(1));
    assertEquals("*", front.poolRoutes().of("reports").pattern(1));
    String written = HoconWriter.write(settings);
    assertEquals(settings, HoconReader.read(written, "written.conf"), written);
    assertProblem(routes, TARGETS, "front.routes[0].user", "'reports' is no user of this pool");
  }

  @Test
  void theLastRouteIsEverybodys() {
    assertProblem(
        "routes = [ { keys = \"s:*\", pool = sessions }, { user = default, pool = main } ]",
        TARGETS,
        "front.routes",
        "must end with");
    assertProblem(
        "routes = [ { pool = sessions }, { keys = \"*\", pool = main } ]",
        TARGETS,
        "front.routes[1].keys",
        "never decides");
  }

  @Test
  void aUsersRouteBehindOneForEverybodysSameKeysNeverDecides() {
    assertProblem(
        "routes = [ { keys = \"s*\", pool = sessions }, { user = default, keys = \"s:*\", pool ="
            + " main }, { keys = \"*\", pool = main } ]",
        TARGETS,
        "front.routes[1].keys",
        "never decides");
  }

  @Test
  void aPoolThatNobodyCanReachIsRefused() {
    assertProblem(
        "routes = [ { keys = \"*\", pool = main } ]",
        TARGETS,
        "sessions.listen",
        "is missing: it must be \"host:port\" or \"unix:/path [mode]\", unless a route of another"
            + " pool leads here");
  }
}
