package io.cashew.proxy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.RealCluster;
import io.cashew.proxy.testing.RealRedis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the sub-commands say of a pool whose servers form a Cluster. */
final class ClusterCommandsTest {
  private final Path directory;

  ClusterCommandsTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private CommandRun run(String seeds, String command, String... more) throws IOException {
    Path file = directory.resolve("cashew.conf");
    Files.writeString(
        file,
        "cashew.pools.p { listen = \"127.0.0.1:22121\"\n cluster.seeds = [ %s ] }"
            .formatted(seeds));
    String[] arguments = new String[3 + more.length];
    arguments[0] = command;
    arguments[1] = "-c";
    arguments[2] = file.toString();
    System.arraycopy(more, 0, arguments, 3, more.length);
    return CommandRun.of(arguments);
  }

  @Test
  void theServersOfAClusterAreAsked() throws IOException {
    RealRedis gone = RealRedis.start();
    gone.close();
    try (RealCluster cluster = RealCluster.start()) {
      String first = cluster.server(0).address();
      String seeds = "\"" + gone.address() + "\", \"" + first + "\"";

      CommandRun check = run(seeds, "check");
      assertTrue(check.out().contains("a Cluster (epoch "), check.out());
      assertTrue(check.out().contains("1 of 2 seeds answer"), check.out());
      assertTrue(check.out().contains(first + "   5461"), check.out());
      assertTrue(
          (check.out() + check.err()).contains("seed " + gone.address() + " does not answer"),
          check.err());

      CommandRun topology = run(seeds, "topology");
      assertEquals(0, topology.status(), topology.err());
      String lines =
          "p\t%1$s\tprimary\t%1$s\t0-5460\np\t%1$s\treplica\t%2$s\tbehind=0 link=up\n"
              .formatted(first, cluster.server(3).address());
      assertTrue(topology.out().startsWith(lines), topology.out());

      String key = RealCluster.keyOf(12_000);
      assertEquals(
          key + "\t" + cluster.server(2).address() + "\t12000\n", run(seeds, "route", key).out());

      Path routed = directory.resolve("routed.conf");
      Files.writeString(
          routed,
          """
          cashew.pools.front {
            listen = "127.0.0.1:22122", routes = [ { keys = "n:*", pool = n }, { pool = c } ]
          }
          cashew.pools.n { nodes = [ "127.0.0.1:6379 a" ], distribution = random }
          cashew.pools.c { cluster.seeds = [ %s ] }
          """
              .formatted(seeds));
      CommandRun byRoutes =
          CommandRun.of("route", "-c", routed.toString(), "--pool", "front", key, "n:1");
      assertEquals(
          key + "\t" + cluster.server(2).address() + "\tc\t12000\nn:1\ta\tn\n", byRoutes.out());
      assertTrue(byRoutes.err().contains("distribution = random"), byRoutes.err());

      CommandRun ring = run(seeds, "ring");
      assertEquals(2, ring.status());
      assertTrue(ring.err().contains("has a Cluster"), ring.err());
    }
  }

  @Test
  void aServerThatIsInNoClusterIsToldApart() throws IOException {
    try (RealRedis alone = RealRedis.start()) {
      String seeds = "\"" + alone.address() + "\"";
      CommandRun topology = run(seeds, "topology");
      assertEquals(1, topology.status());
      String words = "it is no server of a Cluster; write it in nodes instead";
      assertTrue(topology.err().contains(words), topology.err());
      CommandRun check = run(seeds, "check");
      assertTrue((check.out() + check.err()).contains(words), check.out() + check.err());
      assertEquals(1, run(seeds, "route", "key").status());
    }
  }
}
