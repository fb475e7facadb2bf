package io.cashew.proxy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.process.ProxyRunner;
import io.cashew.proxy.testing.InstalledTool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisConnectionException;

class DemoNodesTest {

  private static Optional<String> ask(int port) {
    return NodeProbe.ask(new Address.Tcp("127.0.0.1", port), Optional.empty(), 0);
  }

  @Test
  void twoServersStartAndStop() throws IOException {
    List<Integer> ports;
    DemoNodes stopped;
    try (DemoNodes nodes = DemoNodes.start(2, line -> {})) {
      ports = nodes.ports();
      stopped = nodes;
      assertEquals(2, new HashSet<>(ports).size());
      ports.forEach(port -> assertEquals(Optional.empty(), ask(port)));
      assertTrue(nodes.version().contains("server"), nodes.version());
    }
    ports.forEach(port -> assertEquals(Optional.of("refuses the connection"), ask(port)));
    assertFalse(stopped.alive());
  }

  @Test
  void memcachedServersStartAndStop() throws IOException {
    InstalledTool.orSkip("memcached", "memcached");
    List<Integer> ports;
    try (DemoNodes nodes = DemoNodes.startMemcached(2, line -> {})) {
      ports = nodes.ports();
      assertTrue(nodes.version().startsWith("memcached 1."), nodes.version());
      ports.forEach(port -> assertEquals(Optional.empty(), askMemcached(port)));
    }
    ports.forEach(port -> assertEquals(Optional.of("refuses the connection"), askMemcached(port)));
  }

  private static Optional<String> askMemcached(int port) {
    return NodeProbe.askMemcached(new Address.Tcp("127.0.0.1", port), Optional.empty());
  }

  @Test
  void shippedServerRunsWhereThereIsNoneOnThePath(@TempDir Path directory) throws IOException {
    Path work = Files.createDirectory(directory.resolve("work"));
    ServerExecutable shipped = ServerExecutable.shipped(work);
    assertTrue(shipped.command().startsWith(work.toString()), shipped.command());
    try (DemoNodes nodes = DemoNodes.start(1, line -> {}, work, shipped)) {
      assertEquals(Optional.empty(), ask(nodes.ports().get(0)));
    }
    assertFalse(Files.exists(work), "the servers' directory is left behind");
  }

  @Test
  void serverThatEndsByItselfIsTold() throws IOException, InterruptedException {
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    try (DemoNodes nodes = DemoNodes.start(1, told::add);
        Jedis jedis = new Jedis("127.0.0.1", nodes.ports().get(0))) {
      assertThrows(JedisConnectionException.class, () -> endAndAsk(jedis));
      String line = told.poll(10, TimeUnit.SECONDS);
      assertTrue(line != null && line.contains("node1") && line.contains("ended by itself"), line);
    }
  }

  private static void endAndAsk(Jedis jedis) {
    jedis.shutdown();
    jedis.ping();
  }

  @Test
  void serverThatDoesNotStartIsAnErrorWithItsWords(@TempDir Path directory) throws IOException {
    Path work = Files.createDirectory(directory.resolve("work"));
    IOException wrong =
        assertThrows(
            IOException.class,
            () -> DemoNodes.start(1, line -> {}, work, new ServerExecutable("false", "none")));
    assertTrue(String.valueOf(wrong.getMessage()).contains("does not start"), wrong::toString);
    assertFalse(Files.exists(work));
  }

  @Test
  void demoRunsTheProxyBeforeItsServers() {
    List<Settings> served = new ArrayList<>();
    CommandRun run =
        CommandRun.withRunner(
            (settings, file) -> {
              served.add(settings);
              settings
                  .pools()
                  .get(0)
                  .nodes()
                  .forEach(
                      node ->
                          assertEquals(
                              Optional.empty(),
                              NodeProbe.ask(node.address(), Optional.empty(), 0)));
              return 0;
            },
            new byte[0],
            "demo",
            "--nodes",
            "2",
            "--listen",
            "127.0.0.1:0",
            "--admin",
            "off");
    assertEquals(0, run.status(), run.err());
    assertEquals(Optional.empty(), served.get(0).admin().listen());
    assertFalse(run.out().contains("console"), run.out());
    PoolSettings pool = served.get(0).pools().get(0);
    assertEquals(2, pool.nodes().size());
    assertEquals(new Address.Tcp("127.0.0.1", 0), pool.listen());
    assertTrue(run.out().contains("node1  127.0.0.1:"), run.out());
    pool.nodes()
        .forEach(
            node ->
                assertEquals(
                    Optional.of("refuses the connection"),
                    NodeProbe.ask(node.address(), Optional.empty(), 0)));
  }

  @Test
  void demoRunsTheProxyBeforeAClusterOfThreePrimaries() {
    List<Settings> served = new ArrayList<>();
    CommandRun run =
        CommandRun.withRunner(
            (settings, file) -> {
              served.add(settings);
              ClusterProbe probe = ClusterProbe.of(settings.pools().get(0));
              assertEquals(List.of(), probe.whatIsWrong());
              assertEquals(List.of(), probe.warnings(), "each primary has a replica");
              assertEquals(6, probe.answered());
              assertEquals(3, probe.picture().topology().shards().size());
              return 0;
            },
            new byte[0],
            "demo",
            "--cluster",
            "--listen",
            "127.0.0.1:0",
            "--admin",
            "off");
    assertEquals(0, run.status(), run.err());
    assertTrue(run.out().contains("A Redis Cluster ("), run.out());
    List<Address> seeds = served.get(0).pools().get(0).cluster().seeds();
    assertEquals(6, seeds.size());
    seeds.forEach(
        seed ->
            assertEquals(
                Optional.of("refuses the connection"), NodeProbe.ask(seed, Optional.empty(), 0)));
  }

  @Test
  void demoOfAClusterNeedsThreePrimaries() {
    List<Settings> served = new ArrayList<>();
    CommandRun run = demo(served, "--cluster");
    assertEquals(2, run.status());
    assertTrue(run.err().contains("--nodes must be from 3 to 16, not 1"), run.err());
    assertEquals(List.of(), served);
  }

  /** A runner that serves nothing, and notes what it should. */
  private static CommandRun demo(List<Settings> served, String... options) {
    List<String> arguments = new ArrayList<>(List.of("demo", "--nodes", "1"));
    arguments.addAll(List.of(options));
    return CommandRun.withRunner(
        (settings, file) -> {
          served.add(settings);
          return 0;
        },
        new byte[0],
        arguments.toArray(String[]::new));
  }

  @Test
  void aTakenAddressIsAnErrorThatNamesItAndTheOptionBeforeAnythingIsSaid() throws IOException {
    List<Settings> served = new ArrayList<>();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      CommandRun listen = demo(served, "--listen", address, "--admin", "off");
      assertEquals(1, listen.status());
      assertEquals(
          "cashew demo: " + address + " is in use; choose another address with --listen HOST:PORT",
          listen.err().strip());
      assertEquals("", listen.out());
      CommandRun console = demo(served, "--listen", "127.0.0.1:0", "--admin", address);
      assertEquals(1, console.status());
      assertEquals(
          "cashew demo: "
              + address
              + " is in use; choose another address with --admin HOST:PORT, or --admin off",
          console.err().strip());
      assertEquals("", console.out());
      assertEquals(List.of(), served);
    }
    assertEquals(2, demo(served, "--admin", "nowhere").status());
  }

  @Test
  void theStandardAdminAddressGivesWayToAFreePortIfItIsTaken() throws IOException {
    List<Settings> served = new ArrayList<>();
    ServerSocket taken = null;
    try {
      taken = new ServerSocket(22222, 1, InetAddress.getLoopbackAddress());
    } catch (IOException inUse) {
      // Somebody else has it: that serves as well.
    }
    try {
      CommandRun run = demo(served, "--listen", "127.0.0.1:0");
      assertEquals(0, run.status(), run.err());
      Address.Tcp console = (Address.Tcp) served.get(0).admin().listen().orElseThrow();
      assertNotEquals(22222, console.port());
      assertTrue(
          run.out().contains("http://" + console.text() + "/ (127.0.0.1:22222 is in use)"),
          run.out());
    } finally {
      if (taken != null) {
        taken.close();
      }
    }
  }

  @Test
  void nothingIsSaidBeforeTheProxyServes() {
    CommandRun run =
        CommandRun.withRunner(
            new ProxyRunner() {
              @Override
              public int run(Settings settings, @Nullable Path file) {
                return 0;
              }

              @Override
              public int run(Settings settings, @Nullable Path file, Runnable serving)
                  throws IOException {
                throw new IOException("somebody was faster");
              }
            },
            new byte[0],
            "demo",
            "--nodes",
            "1",
            "--listen",
            "127.0.0.1:0",
            "--admin",
            "off");
    assertEquals(1, run.status());
    assertEquals("cashew demo: somebody was faster", run.err().strip());
    assertEquals("", run.out());
  }
}
