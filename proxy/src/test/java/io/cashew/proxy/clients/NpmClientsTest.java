package io.cashew.proxy.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.config.Protocol;
import io.cashew.proxy.config.ProtocolSettings;
import io.cashew.proxy.testing.RealMemcached;
import io.cashew.proxy.testing.TestProxy;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * ioredis and node-redis, and memcached for pools of its kind, through the proxy to one node and to
 * three. {@code features.mjs} and {@code memcached.mjs} have what they do; the snippets of {@code
 * docs/clients.md}, BullMQ's among them, are what the page says. Runs only with {@code
 * -Pnpm-clients}: it needs node and npm.
 */
@Tag("npm")
final class NpmClientsTest {
  private static final Path SOURCE = Path.of("src/test/node");
  private static final Path DIRECTORY = Path.of("target/node");

  @BeforeAll
  static void install() throws Exception {
    Files.createDirectories(DIRECTORY);
    for (String file : List.of("package.json", "features.mjs", "memcached.mjs")) {
      Files.copy(
          SOURCE.resolve(file), DIRECTORY.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
    List<String> output = run("npm", "install", "--no-audit", "--no-fund", "--no-package-lock");
    assertEquals("exit status 0", output.get(output.size() - 1), () -> String.join("\n", output));
  }

  @ParameterizedTest(name = "{0}, RESP{1}, {2} nodes")
  @CsvSource({
    "ioredis, 2, 1",
    "ioredis, 2, 3",
    "ioredis, 3, 1",
    "ioredis, 3, 3",
    "node-redis, 2, 1",
    "node-redis, 2, 3",
    "node-redis, 3, 1",
    "node-redis, 3, 3"
  })
  void everyFeatureWorks(String library, String protocol, int nodes) throws Exception {
    try (Fleet fleet = new Fleet(nodes)) {
      List<String> output =
          run("node", "features.mjs", library, protocol, Integer.toString(fleet.port()));
      List<String> failures = output.stream().filter(line -> !line.startsWith("ok ")).toList();
      assertEquals(List.of("exit status 0"), failures);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ioredis.mjs", "node-redis.mjs", "bullmq.mjs"})
  void snippetsOfThePageOfClients(String snippet) throws Exception {
    try (Fleet fleet = new Fleet(3)) {
      Path program = ClientsPage.write(DIRECTORY, snippet, fleet.port());
      ClientsPage.assertPrints(
          snippet, DIRECTORY, List.of("node", program.getFileName().toString()));
    }
  }

  @ParameterizedTest(name = "memcached, {0} nodes")
  @ValueSource(ints = {1, 3})
  void everyFeatureOfMemcachedWorks(int nodes) throws Exception {
    List<RealMemcached> servers = new ArrayList<>();
    TestProxy.Builder builder =
        new TestProxy.Builder().with(ProtocolSettings.PROTOCOL, Protocol.MEMCACHED);
    try {
      for (int i = 0; i < nodes; i++) {
        servers.add(RealMemcached.start());
        builder.node(servers.get(i).port());
      }
      try (TestProxy proxy = builder.start()) {
        List<String> output = run("node", "memcached.mjs", Integer.toString(proxy.port()));
        assertEquals(
            List.of("exit status 0"),
            output.stream().filter(line -> !line.startsWith("ok ")).toList());
      }
    } finally {
      servers.forEach(RealMemcached::close);
    }
  }

  /** The lines that a command prints, and its exit status as the last one. */
  private static List<String> run(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).directory(DIRECTORY.toFile()).redirectErrorStream(true).start();
    List<String> lines = new ArrayList<>();
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
      }
    }
    lines.add("exit status " + process.waitFor());
    return lines;
  }
}
