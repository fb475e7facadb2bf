package io.cashew.proxy.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigUtil;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

class RouteCommandTest {
  private static final String TWO_POOLS =
      """
      cashew.pools.a { listen = "h:1", nodes = [ "h:2 one" ] }
      cashew.pools.b { listen = "h:12", nodes = [ "h:2 x", "h:3 y", "h:4 z" ] }
      """;

  private final Path directory;

  RouteCommandTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private String file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text).toString();
  }

  /** Pools of one recorded file as a {@code nutcracker.yml}, one pool a hash and distribution. */
  private static String nutcracker(List<Map<String, Object>> pools) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < pools.size(); i++) {
      Map<String, Object> pool = map(pools.get(i), "pool");
      text.append("pool%d:\n  listen: 127.0.0.1:%d\n  redis: true\n".formatted(i, 30_000 + i));
      text.append("  hash: %s\n".formatted(pool.get("hash")));
      text.append("  distribution: %s\n".formatted(pool.get("distribution")));
      if (pool.get("hash_tag") != null) {
        text.append("  hash_tag: \"%s\"\n".formatted(pool.get("hash_tag")));
      }
      text.append("  servers:\n");
      for (Map<String, Object> server : list(pool, "servers")) {
        text.append("   - ").append(entry(server)).append('\n');
      }
    }
    return text.toString();
  }

  private static String entry(Map<String, Object> server) {
    String host = String.valueOf(server.get("host"));
    String place = host.startsWith("/") ? host : host + ":" + server.get("port");
    Object name = server.get("name");
    return place + ":" + server.get("weight") + (name == null ? "" : " " + name);
  }

  /** twemproxy's own names for servers without one. */
  private static String label(Map<String, Object> server) {
    Object name = server.get("name");
    if (name != null) {
      return name.toString();
    }
    String host = String.valueOf(server.get("host"));
    if (host.startsWith("/")) {
      return host + ":";
    }
    return Objects.equals(server.get("port"), 11211) ? host : host + ":" + server.get("port");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "map_port11211_all_3",
        "map_unix_named_3",
        "map_tag_braces_named_3",
        "map_named_weighted_3"
      })
  void keysAreWhereTwemproxyHasThem(String recorded) throws IOException {
    List<Map<String, Object>> pools = golden(recorded);
    String config = file("nutcracker.yml", nutcracker(pools));
    for (int i = 0; i < pools.size(); i++) {
      assertKeysAreThere(recorded, pools.get(i), "-c", config, "--pool", "pool" + i);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "map_named_weighted_2.9_murmur",
        "map_mixed_names_2.10_murmur",
        "map_collisions_md5",
        "regex_dialect"
      })
  void keysAreWhereShardedJedisHasThem(String recorded) throws IOException {
    List<Map<String, Object>> pools = golden("jedis/" + recorded);
    for (Map<String, Object> each : pools) {
      String config = file("cashew.conf", shardedJedis(map(each, "pool")));
      assertKeysAreThere(recorded, each, "-c", config);
    }
  }

  private static void assertKeysAreThere(
      String recorded, Map<String, Object> of, String... options) {
    Map<String, Object> pool = map(of, "pool");
    List<String> labels = list(pool, "servers").stream().map(RouteCommandTest::label).toList();
    StringBuilder keys = new StringBuilder();
    StringBuilder expected = new StringBuilder();
    for (Object pair : (List<?>) Objects.requireNonNull(of.get("keys"))) {
      String key = String.valueOf(((List<?>) pair).get(0));
      int server = (Integer) Objects.requireNonNull(((List<?>) pair).get(1));
      keys.append(key).append('\n');
      expected.append(key).append('\t').append(labels.get(server)).append('\n');
    }
    List<String> arguments = new ArrayList<>(List.of("route"));
    arguments.addAll(List.of(options));
    arguments.add("--hex");
    CommandRun run =
        CommandRun.withInput(keys.toString().getBytes(UTF_8), arguments.toArray(String[]::new));
    assertEquals(0, run.status(), run.err());
    assertEquals(expected.toString(), run.out(), () -> recorded + " " + pool);
  }

  private static String shardedJedis(Map<String, Object> pool) {
    StringBuilder text = new StringBuilder("cashew.pools.p {\n  listen = \"127.0.0.1:1\"\n");
    text.append("  distribution = sharded-jedis\n  hash = %s\n".formatted(pool.get("hash")));
    if (pool.get("point_names") != null) {
      text.append("  sharded-jedis-points = \"%s\"\n".formatted(pool.get("point_names")));
    }
    if (pool.get("key_tag") != null) {
      text.append("  key-tag = ")
          .append(ConfigUtil.quoteString(String.valueOf(pool.get("key_tag"))))
          .append('\n');
    }
    List<String> nodes =
        list(pool, "servers").stream()
            .map(RouteCommandTest::entry)
            .map(ConfigUtil::quoteString)
            .toList();
    return text.append("  nodes = ").append(nodes).append("\n}\n").toString();
  }

  @SuppressWarnings("unchecked") // The recorded files have this shape.
  private static List<Map<String, Object>> golden(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            RouteCommandTest.class.getResourceAsStream("/golden/" + name + ".json"))) {
      // JSON is YAML.
      return (List<Map<String, Object>>)
          Objects.requireNonNull(
              new Load(LoadSettings.builder().build())
                  .loadFromString(new String(in.readAllBytes(), UTF_8)));
    }
  }

  @SuppressWarnings("unchecked") // As above.
  private static Map<String, Object> map(Map<String, Object> outer, String name) {
    return (Map<String, Object>) Objects.requireNonNull(outer.get(name));
  }

  @SuppressWarnings("unchecked") // As above.
  private static List<Map<String, Object>> list(Map<String, Object> outer, String name) {
    return (List<Map<String, Object>>) Objects.requireNonNull(outer.get(name));
  }

  @Test
  void oneLineAKeyInTheOrderGiven() throws IOException {
    CommandRun run =
        CommandRun.of(
            "route", "-c", file("a.conf", TWO_POOLS), "--pool", "a", "k2", "k1", "@k", "--", "-k");
    assertEquals("k2\tone\nk1\tone\n@k\tone\n-k\tone\n", run.out());
    assertEquals(0, run.status());
  }

  @Test
  void ofAPoolWithRoutesThePoolOfTheKeyIsToldToo() throws IOException {
    String front =
        "cashew.pools.f { listen = \"h:9\", routes = [ { keys = \"s:*\", pool = a }, { keys = \"*\","
            + " pool = b } ] }\n";
    String file = file("f.conf", TWO_POOLS + front);
    CommandRun run = CommandRun.of("route", "-c", file, "--pool", "f", "s:1", "x");
    String node = CommandRun.of("route", "-c", file, "--pool", "b", "x").out().strip();
    assertEquals("s:1\tone\ta\n" + node + "\tb\n", run.out());
    CommandRun explained = CommandRun.of("explain", "-c", file, "--pool", "f", "s:1", "x");
    assertEquals(
        "s:1\t-\n  pool = a: by the route 's:*'\nx\t-\n  pool = b: by the route '*'\n",
        explained.out());
    String ruled =
        file(
            "r.conf",
            TWO_POOLS + front + "cashew.pools.b.cache.rules = [ { match = x, near = 3s } ]\n");
    String there =
        CommandRun.of("explain", "-c", ruled, "--pool", "f", "--command", "GET", "x").out();
    assertTrue(
        there.startsWith(
            "x\t-\n  pool = b: by the route '*'\n  rule of b = x:\n  near = 3s: GET: "),
        there);
    assertTrue(
        CommandRun.of("ring", "-c", file, "--pool", "f")
            .err()
            .contains("has routes, and no nodes"));
  }

  @Test
  void severalPoolsNeedAName() throws IOException {
    String file = file("a.conf", TWO_POOLS);
    CommandRun none = CommandRun.of("route", "-c", file, "k");
    assertEquals(2, none.status());
    assertTrue(none.err().contains("Name it with --pool: a b"), none.err());
    CommandRun wrong = CommandRun.of("route", "-c", file, "--pool", "c", "k");
    assertEquals(2, wrong.status());
    assertTrue(wrong.err().contains("there is no pool 'c'; there are: a b"), wrong.err());
  }

  @Test
  void keysOfStandardInputAreBytes() throws IOException {
    String file = file("a.conf", TWO_POOLS);
    byte[] input = "plain\n\n\u00e9\u00ff\r\nlast".getBytes(ISO_8859_1);
    List<String> hex = List.of("706c61696e", "", "e9ff0d", "6c617374");
    CommandRun bytes = CommandRun.withInput(input, "route", "-c", file, "--pool", "b");
    List<String> hexArguments =
        new ArrayList<>(List.of("route", "-c", file, "--pool", "b", "--hex"));
    hexArguments.addAll(hex);
    CommandRun named = CommandRun.of(hexArguments.toArray(String[]::new));
    assertEquals(nodes(named.out()), nodes(bytes.out()));
    assertEquals(
        hex, named.out().lines().map(line -> line.substring(0, line.indexOf('\t'))).toList());
  }

  private static List<String> nodes(String out) {
    return out.lines()
        .filter(line -> line.contains("\t"))
        .map(line -> line.substring(line.indexOf('\t') + 1))
        .toList();
  }

  @Test
  void keyOfUtf8IsHashedAsItsBytes() throws IOException {
    String file = file("a.conf", TWO_POOLS);
    for (String key : List.of("ключ", "schlüssel", "鍵", "🔑")) {
      String hex =
          IntStream.range(0, key.getBytes(UTF_8).length)
              .mapToObj(i -> String.format("%02x", key.getBytes(UTF_8)[i]))
              .collect(Collectors.joining());
      CommandRun text = CommandRun.of("route", "-c", file, "--pool", "b", key);
      CommandRun bytes = CommandRun.of("route", "-c", file, "--pool", "b", "--hex", hex);
      assertEquals(nodes(bytes.out()), nodes(text.out()));
      assertTrue(text.out().startsWith(key + "\t"));
    }
  }

  @Test
  void keyThatIsNotHexadecimalIsNamed() throws IOException {
    CommandRun run =
        CommandRun.of("route", "-c", file("a.conf", TWO_POOLS), "--pool", "a", "--hex", "0", "zz");
    assertEquals(2, run.status());
    assertTrue(run.err().contains("'0' is not hexadecimal"), run.err());
  }

  @Test
  void randomDistributionSaysThatItIsRandom() throws IOException {
    CommandRun run =
        CommandRun.of(
            "route",
            "-c",
            file(
                "r.conf",
                "cashew.pools.r { listen = \"h:1\", distribution = random, nodes = [ \"h:2 x\" ] }"),
            "k");
    assertEquals(0, run.status());
    assertEquals("k\tx\n", run.out());
    assertTrue(run.err().contains("picks a node anew"), run.err());
  }
}
