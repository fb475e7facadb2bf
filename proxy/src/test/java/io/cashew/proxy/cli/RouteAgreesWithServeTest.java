package io.cashew.proxy.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cashew.proxy.config.ConfigFile;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.control.Proxy;
import io.cashew.proxy.metrics.Build;
import io.cashew.proxy.metrics.MetricsRegistry;
import io.cashew.proxy.process.Transport;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code cashew route} says is where {@code cashew serve} puts it. */
final class RouteAgreesWithServeTest {
  private static final int KEYS = 10_000;

  private static final Map<String, String> POOL_FILES =
      Map.of(
          "cashew.conf",
          """
          cashew { workers = 2, admin.listen = off, pools.p {
            listen = "127.0.0.1:%d", hash = murmur, hash-tag = "{}"
            nodes = [ "127.0.0.1:%d:1 alpha", "127.0.0.1:%d:2 beta", "127.0.0.1:%d:3 gamma" ] } }
          """,
          "modula.conf",
          """
          cashew { workers = 1, admin.listen = off, pools.p {
            listen = "127.0.0.1:%d", hash = crc32, distribution = modula
            nodes = [ "127.0.0.1:%d:2 a", "127.0.0.1:%d b", "127.0.0.1:%d c" ] } }
          """,
          "slots.conf",
          """
          cashew { workers = 1, admin.listen = off, pools.p {
            listen = "127.0.0.1:%d", distribution = slots
            nodes = [ "127.0.0.1:%d a", "127.0.0.1:%d b", "127.0.0.1:%d c" ] } }
          """,
          "nutcracker.yml",
          """
          p:
            listen: 127.0.0.1:%d
            redis: true
            hash_tag: "{}"
            servers:
             - 127.0.0.1:%d:1
             - 127.0.0.1:%d:1 named
             - 127.0.0.1:%d:5
          """);

  @ParameterizedTest
  @ValueSource(strings = {"cashew.conf", "modula.conf", "slots.conf", "nutcracker.yml"})
  void everyKeyIsOnTheNodeThatRouteNames(String file, @TempDir Path directory) throws Exception {
    try (RealRedis one = RealRedis.start();
        RealRedis two = RealRedis.start();
        RealRedis three = RealRedis.start()) {
      String text =
          Objects.requireNonNull(POOL_FILES.get(file))
              .formatted(FreePorts.next(), one.port(), two.port(), three.port());
      Path path = Files.writeString(directory.resolve(file), text);
      Settings settings = ConfigFile.read(path);
      writeKeysThroughProxy(settings);

      Map<String, Set<String>> named = keysByNodeName(path);
      assertEquals(KEYS, named.values().stream().mapToInt(Set::size).sum());
      List<RealRedis> servers = List.of(one, two, three);
      for (int i = 0; i < servers.size(); i++) {
        String name = settings.pools().get(0).nodes().get(i).name();
        assertEquals(named.getOrDefault(name, Set.of()), keysOn(servers.get(i)), name);
      }
    }
  }

  private static String key(int i) {
    return (i % 10 == 0 ? "{tag:" + i + "}:" : "user:") + i;
  }

  private static void writeKeysThroughProxy(Settings settings) throws IOException {
    try (MetricsRegistry metrics = new MetricsRegistry(new Build("test", "test", "test"));
        Proxy proxy =
            Proxy.start(settings, Transport.of(settings.workers().transport()), metrics, "test");
        RawClient client = new RawClient(proxy.port("p"))) {
      // As many at a time as fit the socket's buffers: the client writes before it reads.
      for (int from = 0; from < KEYS; from += 100) {
        ByteArrayOutputStream requests = new ByteArrayOutputStream();
        for (int i = from; i < from + 100; i++) {
          requests.writeBytes(RawClient.request("SET", key(i), "v" + i));
        }
        client.write(requests.toByteArray());
        for (int i = from; i < from + 100; i++) {
          assertEquals("OK", client.read());
        }
      }
    }
  }

  private static Map<String, Set<String>> keysByNodeName(Path path) {
    String keys =
        IntStream.range(0, KEYS).mapToObj(i -> key(i) + "\n").collect(Collectors.joining());
    CommandRun route =
        CommandRun.withInput(keys.getBytes(ISO_8859_1), "route", "-c", path.toString());
    assertEquals(0, route.status(), route.err());
    Map<String, Set<String>> named = new TreeMap<>();
    route
        .out()
        .lines()
        .map(line -> line.split("\t"))
        .forEach(line -> named.computeIfAbsent(line[1], node -> new HashSet<>()).add(line[0]));
    return named;
  }

  private static Set<String> keysOn(RealRedis server) {
    try (RawClient direct = server.connect()) {
      Set<String> keys = new HashSet<>();
      for (Object key : (List<?>) Objects.requireNonNull(direct.send("KEYS", "*"))) {
        keys.add((String) key);
      }
      return keys;
    }
  }
}
