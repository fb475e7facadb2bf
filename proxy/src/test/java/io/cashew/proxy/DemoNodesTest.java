package io.cashew.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
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
  void shippedServerRunsWhereThereIsNoneOnThePath(@TempDir Path directory) throws IOException {
    Path work = Files.createDirectory(directory.resolve("work"));
    RedisExecutable shipped = RedisExecutable.shipped(work);
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
            () -> DemoNodes.start(1, line -> {}, work, new RedisExecutable("false", "none")));
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
            "127.0.0.1:0");
    assertEquals(0, run.status(), run.err());
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
}
