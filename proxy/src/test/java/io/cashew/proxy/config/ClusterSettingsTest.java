package io.cashew.proxy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The settings of a pool whose servers form a Cluster. */
final class ClusterSettingsTest {
  private static final String SEEDS = "cluster.seeds = [ \"10.0.1.1:7000\" ]";

  private static String file(String... lines) {
    return "cashew.pools.p {\n  listen = \"127.0.0.1:1\"\n" + String.join("\n", lines) + "\n}";
  }

  private static PoolSettings pool(String... lines) throws ConfigException {
    return HoconReader.read(file(lines), "cashew.conf").pools().get(0);
  }

  private static List<ConfigProblem> problems(String... lines) {
    return assertThrows(ConfigException.class, () -> HoconReader.read(file(lines), "cashew.conf"))
        .problems();
  }

  @Test
  void aClusterTakesThePlaceOfNodes() throws ConfigException {
    PoolSettings pool =
        pool(
            "cluster {",
            "  seeds = [ \"10.0.1.1:7000\", \"[::1]:7001\" ]",
            "  refresh = 10s",
            "  map { \"172.17.0.2:7000\" = \"10.0.0.1:17000\" }",
            "}");
    assertTrue(pool.isCluster());
    assertEquals(
        List.of(new Address.Tcp("10.0.1.1", 7000), new Address.Tcp("::1", 7001)),
        pool.cluster().seeds());
    assertEquals(10_000, pool.cluster().refreshMillis());
    assertEquals(
        Map.of(new Address.Tcp("172.17.0.2", 7000), new Address.Tcp("10.0.0.1", 17000)),
        pool.cluster().elsewhere());
  }

  @Test
  void theRestHasDefaults() throws ConfigException {
    PoolSettings pool = pool(SEEDS);
    assertEquals(30_000, pool.cluster().refreshMillis());
    assertEquals(Map.of(), pool.cluster().elsewhere());
    assertFalse(pool("nodes = [ \"10.0.1.1:7000\" ]").isCluster());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "nodes = [ \"a:1\" ]; nodes",
        "hash = murmur; hash",
        "hash-tag = \"{}\"; hash-tag",
        "distribution = modula; distribution",
        "points-per-node = 10; points-per-node",
        "eject.enabled = true; eject.enabled",
        "database = 1; database",
        "sentinel.addresses = [ \"a:1\" ]; sentinel.addresses",
      })
  void whatTheClusterDecidesIsRefusedBesideIt(String line, String key) {
    List<ConfigProblem> problems = problems(SEEDS, line);
    ConfigProblem problem = problems.get(problems.size() - 1);
    assertEquals("cashew.pools.p." + key, problem.key());
    assertTrue(problem.text().startsWith("has no use beside cluster: "), problem::toString);
    assertTrue(problem.text().endsWith("; remove it"), problem::toString);
  }

  @Test
  void aPoolNeedsOneOfBoth() {
    ConfigProblem problem = problems("").get(0);
    assertEquals("cashew.pools.p.nodes", problem.key());
    assertTrue(problem.text().startsWith("is missing: it must be a list of nodes"));
    assertTrue(problem.text().contains("cluster { seeds = "), problem::toString);
  }

  @Test
  void whatCannotBeIsToldAtItsPlace() {
    assertEquals("cashew.pools.p.cluster.seeds", problems("cluster.seeds = []").get(0).key());
    assertEquals(
        "cashew.pools.p.cluster.seeds",
        problems("cluster.seeds = [ \"127.0.0.1:1\" ]").get(0).key());
    assertEquals(
        "cashew.pools.p.cluster.map", problems(SEEDS, "cluster.map { \"a:1\" = b }").get(0).key());
    assertEquals(
        "cashew.pools.p.cluster.refresh",
        problems("nodes = [ \"a:1\" ]", "cluster.refresh = 10s").get(0).key());
  }

  @Test
  void itIsWrittenAsItWasRead() throws ConfigException {
    PoolSettings pool = pool(SEEDS, "cluster.map { \"172.17.0.2:7000\" = \"10.0.0.1:17000\" }");
    String written = HoconWriter.write(Settings.of(List.of(pool)));
    assertEquals(pool, HoconReader.read(written, "cashew.conf").pools().get(0), written);
  }
}
