package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealCluster;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Reads over keys of several nodes, computed: as one real Redis answers for the same data. */
@ExtendWith(LeakCheck.class)
final class CrossShardReadsTest {
  private static final long SEED = Long.getLong("cashew.seed", System.nanoTime());
  private static final int KEYS = 12;

  private final Random random = new Random(SEED);

  /** The same data in three nodes behind a proxy, and in one server. */
  private static final class Both implements AutoCloseable {
    private final List<RealRedis> servers;
    private final TestProxy proxy;
    private final RawClient one;
    private final RawClient many;

    Both(List<RealRedis> servers, int elements) {
      this.servers = servers;
      TestProxy.Builder builder = new TestProxy.Builder().computesReads(elements);
      servers.subList(1, servers.size()).forEach(server -> builder.node(server.port()));
      proxy = builder.start();
      one = servers.get(0).connect();
      many = new RawClient(proxy.port());
    }

    void hello(int version) {
      bytes(one, "HELLO", "" + version);
      bytes(many, "HELLO", "" + version);
    }

    void write(String... request) {
      assertEquals(text(one.send(request)), text(many.send(request)));
    }

    /** The reply is the same to the byte, but for the order of a set. */
    void read(String... request) {
      assertEquals(
          ordered(request, bytes(one, request)),
          ordered(request, bytes(many, request)),
          () -> "seed " + SEED + ": " + String.join(" ", request));
    }

    private static String bytes(RawClient client, String... request) {
      client.write(RawClient.request(request));
      client.write(RawClient.request("PING"));
      return client.readUntil("+PONG\r\n");
    }

    @Override
    public void close() {
      one.close();
      many.close();
      proxy.close();
      servers.forEach(RealRedis::close);
    }
  }

  private static String ordered(String[] request, String reply) {
    boolean isSet = List.of("SINTER", "SUNION", "SDIFF").contains(request[0]);
    return isSet ? reply.lines().sorted().toList().toString() : reply;
  }

  private static String text(@Nullable Object reply) {
    return reply instanceof ErrorReply error ? "error " + error.text() : String.valueOf(reply);
  }

  private static Both shipped() {
    return new Both(IntStream.range(0, 4).mapToObj(i -> RealRedis.start()).toList(), 1_000_000);
  }

  /** Servers that have {@code SINTERCARD}, {@code ZINTERCARD} and {@code LCS}. */
  private static Both installed() {
    List<RealRedis> servers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Optional<RealRedis> started = RealRedis.startInstalled();
      assumeTrue(started.isPresent(), "no redis-server is installed: LCS and kin are not compared");
      servers.add(started.get());
    }
    return new Both(servers, 1_000_000);
  }

  private void fill(Both both) {
    for (int i = 0; i < KEYS; i++) {
      for (int n = random.nextInt(30); n > 0; n--) {
        String member = "m" + random.nextInt(25);
        both.write("SADD", "s" + i, member);
        both.write("ZADD", "z" + i, score(), "m" + random.nextInt(25));
        both.write("PFADD", "h" + i, "e" + random.nextInt(200));
        both.write("APPEND", "t" + i, "" + (char) ('a' + random.nextInt(3)));
      }
    }
    String[] probe = counted("ZUNION", List.of("p0", "p1", "p2", "p3", "p4"), "WITHSCORES");
    for (int i = 0; i < 5; i++) {
      both.write("ZADD", "p" + i, "0.1", "m" + i);
    }
    Await.until(
        "the nodes have told their version, by which scores are written",
        () -> text(both.one.send(probe)).equals(text(both.many.send(probe))));
    both.write("ZADD", "zinf", "inf", "m1", "-inf", "m2", "1", "m3");
    both.write("ZADD", "zminus", "-inf", "m1", "inf", "m2", "-1", "m3");
    for (int i = 0; i < 20_000; i += 100) {
      String[] many = new String[102];
      many[0] = "PFADD";
      many[1] = "hlarge";
      for (int n = 0; n < 100; n++) {
        many[2 + n] = "large" + (i + n);
      }
      both.write(many);
    }
  }

  private String score() {
    return switch (random.nextInt(3)) {
      case 0 -> "" + (random.nextInt(11) - 5);
      case 1 -> "" + random.nextInt(9) / 4.0;
      default -> "" + random.nextDouble();
    };
  }

  /** From two to five keys. */
  private List<String> keys(String kind) {
    IntSupplier number = () -> random.nextInt(KEYS + 1); // one more than there are
    return IntStream.range(0, 2 + random.nextInt(4))
        .mapToObj(i -> kind + number.getAsInt())
        .toList();
  }

  private static String[] request(String command, List<String> keys, String... more) {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(keys);
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private static String[] counted(String command, List<String> keys, String... more) {
    List<String> all = new ArrayList<>(List.of("" + keys.size()));
    all.addAll(keys);
    return request(command, all, more);
  }

  @Test
  void setsSortedSetsAndHyperLogLogsAreThoseOfOneServer() {
    try (Both both = shipped()) {
      fill(both);
      for (int version : new int[] {2, 3}) {
        both.hello(version);
        for (int i = 0; i < 150; i++) {
          for (String command : List.of("SINTER", "SUNION", "SDIFF")) {
            both.read(request(command, keys("s")));
          }
          both.read(request("PFCOUNT", keys("h"), "hlarge"));
          both.read(counted("ZDIFF", keys("z"), "WITHSCORES"));
          for (String command : List.of("ZUNION", "ZINTER")) {
            both.read(counted(command, keys("z"), "WITHSCORES"));
            both.read(counted(command, keys("z")));
            List<String> mixed = List.of("z1", "s" + random.nextInt(KEYS), "z2");
            String aggregate = List.of("SUM", "min", "Max").get(random.nextInt(3));
            both.read(
                counted(
                    command,
                    mixed,
                    "WEIGHTS",
                    "2",
                    score(),
                    "-1",
                    "AGGREGATE",
                    aggregate,
                    "WITHSCORES"));
            both.read(counted(command, List.of("zinf", "zminus"), "WITHSCORES"));
            both.read(counted(command, List.of("zinf", "z3"), "WEIGHTS", "0", "1", "WITHSCORES"));
          }
        }
      }
    }
  }

  @Test
  void sizesAndSubsequencesAreThoseOfOneServer() {
    try (Both both = installed()) {
      fill(both);
      for (int version : new int[] {2, 3}) {
        both.hello(version);
        for (int i = 0; i < 100; i++) {
          both.read(counted("SINTERCARD", keys("s")));
          both.read(counted("SINTERCARD", keys("s"), "LIMIT", "" + random.nextInt(5)));
          both.read(counted("ZINTERCARD", keys("z"), "LIMIT", "" + random.nextInt(5)));
          List<String> two = keys("t").subList(0, 2);
          both.read(request("LCS", two));
          both.read(request("LCS", two, "LEN"));
          both.read(request("LCS", two, "IDX"));
          both.read(request("LCS", two, "idx", "MINMATCHLEN", "2", "WITHMATCHLEN"));
        }
        both.read(counted("SINTERCARD", List.of("s1", "s2", "s3"), "LIMIT", "-1"));
        both.read(request("LCS", List.of("t1", "t2"), "IDX", "LEN"));
        both.read(request("LCS", List.of("t1", "t2"), "bogus"));
      }
    }
  }

  @Test
  void errorsAreThoseOfOneServer() {
    try (Both both = shipped()) {
      fill(both);
      both.write("SET", "text", "no hyperloglog");
      both.read("SINTER", "s1", "z1", "s2");
      both.read("ZUNION", "3", "z1", "t1", "z2");
      both.read("ZUNION", "3", "z1", "z2", "z3", "WEIGHTS", "1", "2", "heavy");
      both.read("ZUNION", "3", "z1", "z2", "z3", "AGGREGATE", "AVG");
      both.read("ZDIFF", "3", "z1", "z2", "z3", "WEIGHTS", "1", "2", "3");
      both.read("PFCOUNT", "h1", "h2", "text");
      both.read("PFCOUNT", "h1", "s1", "h3");
    }
  }

  @Test
  void whatIsTooLargeIsRefusedAndHarmsNobody() {
    try (Both both =
        new Both(IntStream.range(0, 4).mapToObj(i -> RealRedis.start()).toList(), 10)) {
      for (int i = 0; i < 8; i++) {
        both.write("SADD", "a", "" + i);
        both.write("SADD", "b", "" + i);
        both.write("SADD", "c", "" + i);
      }
      String refused = text(both.many.send("SUNION", "a", "b", "c"));
      assertTrue(refused.contains("more than cross-shard-limit.elements (10)"), refused);
      assertEquals(8L, both.many.send("SCARD", "a"));
    }
  }

  @Test
  void withoutTheSettingTheyAreRefused() {
    try (RealRedis one = RealRedis.start();
        RealRedis other = RealRedis.start();
        TestProxy proxy = TestProxy.of(one, other);
        RawClient client = new RawClient(proxy.port())) {
      String refused = text(client.send(request("SUNION", keysOfBoth())));
      assertTrue(refused.startsWith("error CROSSSLOT"), refused);
    }
  }

  private static List<String> keysOfBoth() {
    return IntStream.range(0, 20).mapToObj(i -> "k" + i).toList();
  }

  @Test
  void slotsThatMoveMeanwhileAreFollowed() {
    try (RealCluster cluster = RealCluster.start(3, 0);
        TestProxy proxy =
            new TestProxy.Builder().cluster(cluster.server(0)).computesReads(1000).start();
        RawClient client = new RawClient(proxy.port())) {
      ClusterTest.awaitServed(proxy);
      int slot = RealCluster.slotOf("a");
      client.send("SADD", "a", "1", "2");
      client.send("SADD", "b", "2", "3");
      RealRedis from = Objects.requireNonNull(cluster.ownerOf(slot, cluster.server(0)));
      for (RealRedis to : cluster.servers()) {
        if (to != from) {
          cluster.move(slot, from, to);
          from = to;
          assertEquals(List.of("2"), client.send("SINTER", "a", "b"));
        }
      }
    }
  }
}
