package io.cashew.proxy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.SentinelRing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code cashew topology}. */
final class TopologyCommandTest {
  private final Path directory;

  TopologyCommandTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private CommandRun run(String pool) throws IOException {
    Path file = directory.resolve("cashew.conf");
    Files.writeString(file, "cashew.pools.p { listen = \"127.0.0.1:22121\"\n " + pool + " }");
    return CommandRun.of("topology", "-c", file.toString());
  }

  @Test
  void aListOfAddressesIsOnePrimaryAndItsReplicas() throws IOException {
    try (RealRedis one = RealRedis.start();
        RealRedis two = RealRedis.start("--replicaof", "127.0.0.1", "" + one.port())) {
      String pool =
          "nodes = [ { name = n, addresses = [\"%s\", \"%s\"] } ]"
              .formatted(two.address(), one.address());
      SentinelRing.awaitReplica(one, two);
      CommandRun run = run(pool);
      assertEquals(
          "p\tn\treplica\t%s\tbehind=0 link=up\np\tn\tprimary\t%s\n"
              .formatted(two.address(), one.address()),
          run.out());
      assertEquals(0, run.status(), run.err());
      try (RawClient client = one.connect()) {
        client.send("REPLICAOF", "127.0.0.1", "" + two.port());
      }
      CommandRun without = run(pool);
      assertEquals(1, without.status());
      assertTrue(without.err().contains("pool 'p': node 'n': has no primary: "), without.err());
    }
  }

  @Test
  void aMasterIsWhereTheSentinelsSay() throws IOException {
    try (SentinelRing ring = new SentinelRing(directory, 3)) {
      CommandRun run =
          run(
              "sentinel.addresses = [\"%s\"]\n nodes = [ { name = n, master = %s } ]"
                  .formatted(String.join("\", \"", ring.addresses()), SentinelRing.MASTER));
      assertEquals("p\tn\tprimary\t%s\n".formatted(ring.primary().address()), run.out());
      assertEquals(0, run.status(), run.err());
    }
  }

  @Test
  void sentinelsThatDoNotAnswerNameNobody() throws IOException {
    CommandRun run =
        run(
            "sentinel.addresses = [\"127.0.0.1:1\"]\n"
                + " nodes = [ { name = n, master = main } ]");
    assertEquals("p\tn\tnone\t-\n", run.out());
    assertEquals(1, run.status());
    assertTrue(run.err().contains("0 of 1 Sentinels answer"), run.err());
  }

  @Test
  void aServerThatDoesNotAnswerIsSilent() throws IOException {
    try (RealRedis one = RealRedis.start()) {
      CommandRun run = run("nodes = [\"%s:1 a\", \"127.0.0.1:1:1 b\"]".formatted(one.address()));
      assertEquals(
          "p\ta\tprimary\t%s\np\tb\tsilent\t127.0.0.1:1\n".formatted(one.address()), run.out());
      assertEquals(1, run.status());
    }
  }

  @Test
  void withoutAConfigurationItIsUsedWrongly() {
    assertEquals(2, CommandRun.of("topology", "--bogus").status());
    CommandRun help = CommandRun.of("topology", "--help");
    assertEquals(0, help.status());
    assertTrue(help.out().startsWith("Usage: cashew topology"), help.out());
  }
}
