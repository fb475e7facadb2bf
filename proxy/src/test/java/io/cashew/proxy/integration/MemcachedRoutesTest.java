package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.Opened;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealMemcached;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** One port in front of three pools of memcached: which of them has a key, routes say. */
@ExtendWith(LeakCheck.class)
@Timeout(120)
final class MemcachedRoutesTest {
  private static final long SEED = Long.getLong("cashew.seed", 20_261_130L);
  private static final int ROUNDS = Integer.getInteger("cashew.fuzz.rounds", 3_000);

  /** Of the pools sessions (0 and 1), copies (2 and 3) and main (4), and one beside them. */
  private final List<RealMemcached> nodes = new ArrayList<>();

  private final Opened open = new Opened();
  private final int port = FreePorts.next();
  private final int mainPort = FreePorts.next();
  private FileProxy proxy;
  private RawClient client;
  private RawClient main;

  @TempDir private Path directory;

  private static final String ROUTES =
      """
      { keys = "session:*", pool = sessions }
      { keys = "*:copy", pool = copies }
      { keys = "*", pool = main }
      """;

  private static final String RULES =
      """
      cache.rules = [
        { match = "kept:*", near = 1h, missing = 1h }
        { match = "late:*", ttl-jitter = 50% }
        { match = "few:*", rate = 1/s }
      ]
      """;

  @BeforeEach
  void start() {
    for (int i = 0; i < 6; i++) {
      nodes.add(open.keep(RealMemcached.start()));
    }
    proxy = FileProxy.start(directory.resolve("cashew.conf"), config(ROUTES, ""));
    client = open.connect(port);
    main = open.connect(mainPort);
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    open.close();
  }

  private String node(int index, String name) {
    return "\"127.0.0.1:" + nodes.get(index).port() + ":1 " + name + "\"";
  }

  private String config(String routes, String more) {
    return """
    cashew {
      admin.listen = off
      workers = 2
      pools.front {
        listen = "127.0.0.1:%d"
        protocol = memcached
        routes = [ %s ]
        %s
      }
      pools.sessions { protocol = memcached, nodes = [ %s, %s ]
                       cache.rules = [ { match = "session:kept:*", near = 1h } ] }
      pools.copies { protocol = memcached, nodes = [ %s, %s ], distribution = random }
      pools.main { listen = "127.0.0.1:%d", protocol = memcached, nodes = [ %s ], %s }
    }
    """
        .formatted(
            port,
            routes,
            more,
            node(0, "a"),
            node(1, "b"),
            node(2, "a"),
            node(3, "b"),
            mainPort,
            node(4, "a"),
            RULES.strip());
  }

  /** What is answered before {@code MN}. */
  private static String ask(RawClient of, String request) {
    of.write((request + "\r\nmn\r\n").getBytes(StandardCharsets.ISO_8859_1));
    String answer = of.readUntil("MN\r\n");
    return answer.substring(0, answer.length() - "MN\r\n".length());
  }

  private static String set(RawClient of, String key, String value) {
    return ask(of, "set " + key + " 0 0 " + value.length() + "\r\n" + value);
  }

  private static String item(String key, String value) {
    return "VALUE " + key + " 0 " + value.length() + "\r\n" + value + "\r\n";
  }

  /** What a server has of a key, itself. */
  private String at(int node, String key) {
    try (RawClient direct = new RawClient(nodes.get(node).port())) {
      return ask(direct, "get " + key);
    }
  }

  private List<Integer> whoHas(String key) {
    List<Integer> those = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      if (!at(i, key).equals("END\r\n")) {
        those.add(i);
      }
    }
    return those;
  }

  @Test
  void theFirstRouteThatMatchesDecides() {
    for (int i = 0; i < 20; i++) {
      assertEquals("STORED\r\n", set(client, "session:" + i, "s"));
      assertEquals("STORED\r\n", set(client, "other:" + i, "m"));
      assertTrue(List.of(0, 1).containsAll(whoHas("session:" + i)), "session:" + i);
      assertEquals(List.of(4), whoHas("other:" + i));
      assertEquals(item("other:" + i, "m") + "END\r\n", ask(main, "get other:" + i));
    }
    assertEquals("STORED\r\n", set(client, "session:1:copy", "s"));
    assertTrue(List.of(0, 1).containsAll(whoHas("session:1:copy")));
    assertEquals("HD\r\n", ask(client, "ms c2Vzc2lvbjp4 1 b\r\nx")); // session:x
    assertTrue(List.of(0, 1).containsAll(whoHas("session:x")));
    String large = "v".repeat(700_000);
    assertEquals("STORED\r\n", set(client, "session:large", large));
    assertEquals(item("session:large", large) + "END\r\n", ask(client, "get session:large"));
    assertTrue(List.of(0, 1).containsAll(whoHas("session:large")));
  }

  @Test
  void anyNodeOfRandomTakesAKey() {
    TreeSet<Integer> all = new TreeSet<>();
    for (int i = 0; i < 200 && all.size() < 2; i++) {
      set(client, i + ":copy", "v");
      all.addAll(whoHas(i + ":copy"));
    }
    assertEquals(List.of(2, 3), List.copyOf(all));
  }

  @Test
  void aGetOverSeveralPoolsIsJoinedInTheOrderAsked() {
    set(client, "session:1", "s1");
    set(client, "session:2", "s2");
    set(client, "m1", "m1");
    set(client, "m2", "m2");
    String all = "get m1 session:1 no session:no session:2 m2 m1";
    assertEquals(
        item("m1", "m1")
            + item("session:1", "s1")
            + item("session:2", "s2")
            + item("m2", "m2")
            + item("m1", "m1")
            + "END\r\n",
        ask(client, all));
    nodes.get(4).close();
    assertTrue(ask(client, all).startsWith("SERVER_ERROR "), "its node is away");
    assertEquals(item("session:1", "s1") + "END\r\n", ask(client, "get session:1"));
  }

  /** Sessions of requests over both pools, beside one server. */
  @Test
  void randomRequestsAreAnsweredAsByOneServer() {
    Random random = new Random(SEED);
    RawClient one = open.connect(nodes.get(5).port());
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      keys.add("session:" + i);
      keys.add("main:" + i);
    }
    for (int round = 0; round < ROUNDS; round++) {
      String key = keys.get(random.nextInt(keys.size()));
      String request =
          switch (random.nextInt(8)) {
            case 0, 1 -> "set " + key + " " + random.nextInt(9) + " 0 1\r\n" + random.nextInt(9);
            case 2 -> "add " + key + " 0 0 2\r\n7" + random.nextInt(9);
            case 3 -> "append " + key + " 0 0 1\r\n" + random.nextInt(9);
            case 4 -> "delete " + key;
            case 5 -> "incr " + key + " " + random.nextInt(100);
            case 6 -> "mg " + key + " f v k";
            default ->
                "get "
                    + random
                        .ints(1 + random.nextInt(6), 0, keys.size())
                        .mapToObj(keys::get)
                        .collect(Collectors.joining(" "));
          };
      assertEquals(ask(one, request), ask(client, request), request + " with seed " + SEED);
    }
  }

  @Test
  void whatIsAboutAllKeysSpeaksForAllPools() {
    set(client, "session:1", "s");
    set(client, "main:1", "m");
    String stats = ask(client, "stats");
    for (String name : List.of("sessions/a", "sessions/b", "copies/a", "copies/b", "main/a")) {
      assertTrue(stats.contains("STAT " + name + "/pid "), name + ": " + stats);
    }
    assertTrue(ask(client, "version").startsWith("VERSION "));
    assertEquals("OK\r\n", ask(client, "flush_all"));
    assertEquals(List.of(), whoHas("session:1"));
    assertEquals(List.of(), whoHas("main:1"));
  }

  // ---------------------------------------------------------------- the rules of the pools

  /** What is given when it was changed at the server, of which nobody is told. */
  private void awaitKept(RawClient by, String key, int node) {
    Await.until(
        key + " is kept",
        () -> {
          String before = ask(by, "get " + key);
          try (RawClient direct = new RawClient(nodes.get(node).port())) {
            ask(direct, "touch " + key + " 0");
            String gets = number(direct, "cmd_get");
            String now = ask(by, "get " + key);
            return before.equals(now) && number(direct, "cmd_get").equals(gets);
          }
        });
  }

  /** How many keys each server was asked for. */
  private List<String> gets() {
    List<String> gets = new ArrayList<>();
    for (RealMemcached node : nodes) {
      try (RawClient direct = new RawClient(node.port())) {
        gets.add(number(direct, "cmd_get"));
      }
    }
    return gets;
  }

  private static String number(RawClient of, String name) {
    return ask(of, "stats")
        .lines()
        .filter(line -> line.startsWith("STAT " + name + " "))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void bothWaysHaveOneMemory() {
    set(main, "kept:1", "v");
    awaitKept(client, "kept:1", 4);
    awaitKept(main, "kept:1", 4);
    assertEquals("STORED\r\n", set(client, "kept:1", "w"));
    assertEquals(item("kept:1", "w") + "END\r\n", ask(main, "get kept:1"));
    awaitKept(main, "kept:1", 4);
    assertEquals("STORED\r\n", set(main, "kept:1", "x"));
    assertEquals(item("kept:1", "x") + "END\r\n", ask(client, "get kept:1"));
    awaitKept(client, "kept:2", 4); // that it is not there
    assertEquals("END\r\n", ask(client, "get kept:2"));
    assertEquals("STORED\r\n", set(main, "kept:2", "y"));
    assertEquals(
        item("kept:2", "y") + item("kept:1", "x") + "END\r\n", ask(client, "get kept:2 kept:1"));
    awaitKept(main, "kept:1", 4);
    assertEquals("OK\r\n", ask(client, "flush_all"));
    assertEquals("END\r\n", ask(main, "get kept:1"));
  }

  /** Keys of several pools, of which one keeps them: each pool hears of its own. */
  @Test
  void aGetOverSeveralPoolsFillsTheMemoryOfEach() {
    set(client, "kept:1", "v");
    set(client, "session:kept:1", "s");
    set(client, "session:1", "t");
    String both = item("session:kept:1", "s") + item("kept:1", "v");
    String all = both + item("session:1", "t") + "END\r\n";
    Await.until(
        "both are kept",
        () -> {
          assertEquals(all, ask(client, "get session:kept:1 kept:1 session:1"));
          List<String> gets = gets();
          assertEquals(both + "END\r\n", ask(client, "get session:kept:1 kept:1"));
          return gets.equals(gets());
        });
    set(client, "kept:1", "w");
    set(client, "session:kept:1", "x");
    assertEquals(
        item("session:kept:1", "x") + item("kept:1", "w") + "END\r\n",
        ask(client, "get session:kept:1 kept:1"));
  }

  @Test
  void ratesAndLongerLivesAreThoseOfThePoolThatHasTheKey() {
    String refused = "";
    for (int i = 0; i < 5; i++) {
      refused += ask(i % 2 == 0 ? client : main, "get few:" + i);
    }
    assertTrue(refused.contains("RATELIMITED"), refused);
    TreeSet<Integer> lives = new TreeSet<>();
    for (int i = 0; i < 50; i++) {
      ask(client, "set late:" + i + " 0 1000 1\r\nv");
      String life = ask(client, "mg late:" + i + " t");
      lives.add(Integer.parseInt(life.strip().substring("HD t".length())));
    }
    assertTrue(lives.last() > 1001 && lives.first() >= 990, lives.toString());
  }

  // ---------------------------------------------------------------- changes

  @Test
  void theTableMayChangeWhileClientsStay() {
    set(client, "session:1", "s");
    String others = "{ keys = \"no:1\", pool = sessions }\n{ keys = \"no:2\", pool = copies }\n";
    proxy.take(config(others + "{ keys = \"*\", pool = main }", ""));
    assertEquals("END\r\n", ask(client, "get session:1"));
    set(client, "session:1", "m");
    assertEquals(item("session:1", "m") + "END\r\n", ask(main, "get session:1"));
    proxy.take(config(ROUTES, ""));
    assertEquals(item("session:1", "s") + "END\r\n", ask(client, "get session:1"));
  }

  @Test
  void aPoolWithRoutesThatIsToHaveNodesIsRefusedAndGoesOnByItsRoutes() {
    String routes = config(ROUTES, "");
    int from = routes.indexOf("routes = [");
    int behind = routes.indexOf("]", from) + 1;
    String nodes = routes.substring(0, from) + "nodes = [ " + node(4, "a") + " ]";
    String targets = routes.substring(behind).replace("nodes = [ ", "listen = \"%d\", nodes = [ ");
    String text = proxy.reload(nodes + listening(targets)).text();
    assertTrue(
        text.contains(
            "pool 'front' has nodes instead of routes now: that takes a restart, or another name"
                + " for the pool"),
        text);
    assertEquals("STORED\r\n", set(client, "session:1", "s"));
    assertTrue(List.of(0, 1).containsAll(whoHas("session:1")));
  }

  /** Pools to which no route leads any more need a port. */
  private static String listening(String targets) {
    return targets
        .replaceFirst("listen = \"%d\"", "listen = \"127.0.0.1:" + FreePorts.next() + "\"")
        .replaceFirst("listen = \"%d\"", "listen = \"127.0.0.1:" + FreePorts.next() + "\"")
        .replaceFirst("listen = \"%d\", ", "");
  }
}
