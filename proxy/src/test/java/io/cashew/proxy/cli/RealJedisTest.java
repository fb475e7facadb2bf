package io.cashew.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.MalformedURLException;
import java.net.ServerSocket;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The jars of Jedis place random keys over random shards, and {@code cashew route} finds each where
 * they have put it. The jars are copied by {@code mvn -Pjedis}, and loaded side by side.
 */
final class RealJedisTest {
  private static final long SEED = Long.getLong("cashew.seed", 20_261_129L);
  private static final int POOLS = 8;
  private static final int KEYS = 1000;
  private static final String TAG = "\\{(.+?)\\}";

  /** One list of shards. */
  private record Shards(
      List<@Nullable String> names, List<Integer> weights, boolean md5, boolean tagged) {

    static Shards random(Random random, boolean onlyAddresses) {
      int count = 1 + random.nextInt(10);
      int naming = onlyAddresses ? 0 : random.nextInt(3);
      boolean weighted = !onlyAddresses && random.nextBoolean();
      List<@Nullable String> names = new ArrayList<>();
      List<Integer> weights = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        boolean named = naming == 2 || (naming == 1 && random.nextBoolean());
        names.add(named ? "shard" + random.nextInt(1000) + "-" + i : null);
        weights.add(weighted ? 1 + random.nextInt(4) : 1);
      }
      return new Shards(
          names, weights, random.nextBoolean(), !onlyAddresses && random.nextBoolean());
    }

    String config(String points) {
      StringBuilder nodes = new StringBuilder();
      for (int i = 0; i < names.size(); i++) {
        String name = names.get(i);
        nodes.append("\"127.0.0.1:").append(7000 + i).append(':').append(weights.get(i));
        nodes.append(name == null ? "" : " " + name).append("\", ");
      }
      boolean named = names.stream().anyMatch(name -> name != null);
      return "cashew.pools.p { listen = \"127.0.0.1:1\", distribution = sharded-jedis\n"
          + (md5 ? "hash = md5\n" : "")
          + (tagged ? "key-tag = \"\\\\{(.+?)\\\\}\"\n" : "")
          + (named ? "sharded-jedis-points = \"" + points + "\"\n" : "")
          + "nodes = [ "
          + nodes
          + "] }\n";
    }

    /** What {@code cashew route} calls a shard. */
    String label(int shard) {
      String name = names.get(shard);
      return name == null ? "127.0.0.1:" + (7000 + shard) : name;
    }
  }

  /** Finds the shard of a key. */
  private interface Ring {
    int shardOf(String key) throws ReflectiveOperationException;
  }

  private static ClassLoader jars(String version) {
    Path jars =
        Stream.of("target/jedis", "../proxy/target/jedis")
            .map(Path::of)
            .filter(Files::isDirectory)
            .findFirst()
            .orElseGet(
                () -> abort("SKIPPED, because the jars of Jedis are not here: mvn -Pjedis test"));
    try (Stream<Path> files = Files.list(jars)) {
      URL[] urls =
          files
              .filter(
                  file ->
                      !file.getFileName().toString().startsWith("jedis-")
                          || file.getFileName().toString().equals("jedis-" + version + ".jar"))
              .map(RealJedisTest::url)
              .toArray(URL[]::new);
      return new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static URL url(Path file) {
    try {
      return file.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** {@code ShardedJedis} of Jedis 2 and 3. */
  private static Ring sharded(ClassLoader jedis, String utilities, Shards shards, int port)
      throws ReflectiveOperationException {
    Class<?> info = jedis.loadClass("redis.clients.jedis.JedisShardInfo");
    Class<?> hashing = jedis.loadClass(utilities + "Hashing");
    Constructor<?> make =
        info.getConstructor(String.class, String.class, int.class, int.class, int.class);
    List<Object> all = new ArrayList<>();
    for (int i = 0; i < shards.names.size(); i++) {
      all.add(
          make.newInstance("127.0.0.1", shards.names.get(i), port, 1000, shards.weights.get(i)));
    }
    Object hash = hashing.getField(shards.md5 ? "MD5" : "MURMUR_HASH").get(null);
    Class<?> type = jedis.loadClass("redis.clients.jedis.ShardedJedis");
    Object ring =
        type.getConstructor(List.class, hashing, Pattern.class)
            .newInstance(all, hash, shards.tagged ? Pattern.compile(TAG) : null);
    Method find = type.getMethod("getShardInfo", String.class);
    return key -> placeOf(find.invoke(ring, key), all);
  }

  private static int placeOf(Object one, List<Object> all) {
    int place = 0;
    while (all.get(place) != one) {
      place++;
    }
    return place;
  }

  /** {@code JedisSharding} of Jedis 4 and later, as far as no key is tagged. */
  private static Ring sharding(ClassLoader jedis, Shards shards)
      throws ReflectiveOperationException {
    Class<?> address = jedis.loadClass("redis.clients.jedis.HostAndPort");
    Class<?> client = jedis.loadClass("redis.clients.jedis.JedisClientConfig");
    Class<?> hashing = jedis.loadClass("redis.clients.jedis.util.Hashing");
    List<Object> all = new ArrayList<>();
    for (int i = 0; i < shards.names.size(); i++) {
      all.add(address.getConstructor(String.class, int.class).newInstance("127.0.0.1", 7000 + i));
    }
    Object hash = hashing.getField(shards.md5 ? "MD5" : "MURMUR_HASH").get(null);
    Object config =
        jedis
            .loadClass("redis.clients.jedis.DefaultJedisClientConfig")
            .getMethod("builder")
            .invoke(null);
    Method build = config.getClass().getMethod("build");
    Class<?> type = jedis.loadClass("redis.clients.jedis.providers.ShardedConnectionProvider");
    Object ring =
        type.getConstructor(List.class, client, hashing)
            .newInstance(all, build.invoke(config), hash);
    Method find = type.getMethod("getNode", Long.class);
    Method hashOf = hashing.getMethod("hash", String.class);
    return key -> all.indexOf(find.invoke(ring, hashOf.invoke(hash, key)));
  }

  private static String key(Random random) {
    StringBuilder key = new StringBuilder();
    for (int length = random.nextInt(24); length > 0; length--) {
      key.append("ab:{}}{1é".charAt(random.nextInt(9)));
    }
    return key.toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.9.3", "2.10.2", "3.10.0", "5.2.0"})
  void everyKeyIsWhereTheJarPutsIt(String version, @TempDir Path directory) throws Exception {
    // Jedis 3 connects at once; what is there does not matter.
    try (ServerSocket server = new ServerSocket(0, 1000, InetAddress.getLoopbackAddress())) {
      compare(version, server.getLocalPort(), directory.resolve("jedis.conf"));
    }
  }

  private static void compare(String version, int port, Path file) throws Exception {
    ClassLoader jedis = jars(version);
    Random random = new Random(SEED);
    Set<String> used = new HashSet<>();
    boolean later = version.startsWith("5"); // without names, weights, and here tags
    String utilities =
        version.startsWith("2") ? "redis.clients.util." : "redis.clients.jedis.util.";
    for (int pool = 0; pool < POOLS; pool++) {
      Shards shards = Shards.random(random, later);
      Ring ring = later ? sharding(jedis, shards) : sharded(jedis, utilities, shards, port);
      List<String> keys = Stream.generate(() -> key(random)).limit(KEYS).toList();
      List<String> expected = new ArrayList<>();
      for (String key : keys) {
        expected.add(shards.label(ring.shardOf(key)));
      }
      assertEquals(
          expected, routed(shards.config(version.startsWith("2.9") ? "2.9" : "2.10"), keys, file));
      used.addAll(expected);
    }
    assertTrue(used.size() > POOLS, "" + used);
  }

  /** The nodes that {@code cashew route} names. */
  private static List<String> routed(String config, List<String> keys, Path file)
      throws IOException {
    Files.writeString(file, config);
    StringBuilder input = new StringBuilder();
    keys.forEach(key -> input.append(HexFormat.of().formatHex(key.getBytes(UTF_8))).append('\n'));
    CommandRun run =
        CommandRun.withInput(
            input.toString().getBytes(UTF_8), "route", "-c", file.toString(), "--hex");
    assertEquals(0, run.status(), run.err() + config);
    return run.out().lines().map(line -> line.substring(line.lastIndexOf('\t') + 1)).toList();
  }
}
