package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.command.Kind;
import io.cashew.proxy.config.Address;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.LeakCheck;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** COMMAND, INFO and HELLO say what the servers behind the nodes are. */
@ExtendWith(LeakCheck.class)
final class NodesCommandsTest {
  /** Commands that Cashew answers itself, whatever its nodes say that they have. */
  private static final Set<String> OWN = Set.of("hotkeys", "quit");

  private static Set<String> names(RawClient client) {
    Set<String> names = new TreeSet<>();
    for (Object entry : assertInstanceOf(List.class, client.send("COMMAND"))) {
      names.add(String.valueOf(assertInstanceOf(List.class, entry).get(0)));
    }
    return names;
  }

  /** Of commands and subcommands, by name. */
  private static Map<String, Object> arities(RawClient client) {
    Map<String, Object> arities = new TreeMap<>();
    addArities(client.send("COMMAND"), arities);
    return arities;
  }

  private static void addArities(Object entries, Map<String, Object> arities) {
    for (Object each : assertInstanceOf(List.class, entries)) {
      List<?> entry = assertInstanceOf(List.class, each);
      arities.put(String.valueOf(entry.get(0)), entry.get(1));
      if (entry.size() > 9) {
        addArities(entry.get(9), arities);
      }
    }
  }

  private static boolean isOurs(String name) {
    Command row = CommandTable.standard().find(name);
    return row == null || row.kind() == Kind.LOCAL;
  }

  /** A command that the proxy answers itself has the arity that the proxy asks for. */
  private static void assertAritiesAreThoseOf(RealRedis node, TestProxy proxy) {
    try (RawClient direct = node.connect();
        RawClient client = proxy.connect()) {
      Map<String, Object> theirs = arities(direct);
      Map<String, Object> ours = new TreeMap<>();
      Await.until(
          "arities are known",
          () -> {
            ours.clear();
            ours.putAll(arities(client));
            ours.keySet().removeIf(NodesCommandsTest::isOurs);
            ours.keySet().retainAll(theirs.keySet()); // servers before 7.0 name no subcommands
            return theirs.entrySet().containsAll(ours.entrySet());
          });
      assertTrue(ours.size() > 150, () -> "only " + ours.keySet());
    }
  }

  private static String version(RawClient client) {
    return String.valueOf(client.send("INFO", "server"))
        .lines()
        .filter(line -> line.startsWith("redis_version:"))
        .map(line -> line.substring("redis_version:".length()))
        .findFirst()
        .orElse("none");
  }

  private static String helloVersion(RawClient client) {
    List<?> hello = assertInstanceOf(List.class, client.send("HELLO", "2"));
    return String.valueOf(hello.get(hello.indexOf("version") + 1));
  }

  private static void assertNamesOnlyWhatItHas(RealRedis node, TestProxy proxy) {
    try (RawClient direct = node.connect();
        RawClient client = proxy.connect()) {
      Await.until("it is known", () -> version(direct).equals(version(client)));
      Set<String> ours = names(client);
      assertEquals((long) ours.size(), client.send("COMMAND", "COUNT"));
      Set<String> more = new TreeSet<>(ours);
      more.removeAll(names(direct));
      more.removeAll(OWN);
      assertEquals(Set.of(), more);
      assertTrue(ours.containsAll(Set.of("get", "mset", "client", "config", "subscribe")));
      for (String unknown : List.of("vadd", "json.get", "ft.search", "hgetex")) {
        assertEquals(Arrays.asList((Object) null), client.send("COMMAND", "INFO", unknown));
        assertEquals(List.of(), client.send("COMMAND", "DOCS", unknown));
      }
      assertEquals(List.of(), client.send("COMMAND", "LIST", "FILTERBY", "MODULE", "ReJSON"));
      assertEquals(version(direct), version(client));
      assertEquals(version(direct), helloVersion(client));
    }
  }

  @Test
  void onlyCommandsOfTheNodesAreNamed() {
    try (RealRedis node = RealRedis.start();
        TestProxy proxy = TestProxy.of(node)) {
      assertNamesOnlyWhatItHas(node, proxy);
      assertAritiesAreThoseOf(node, proxy);
    }
  }

  @Test
  void onlyCommandsOfANewerNodeAreNamed() {
    Optional<RealRedis> installed = RealRedis.startInstalled();
    assumeTrue(installed.isPresent(), "no redis-server is installed");
    try (RealRedis node = installed.orElseThrow();
        TestProxy proxy = TestProxy.of(node);
        RawClient client = proxy.connect();
        RawClient direct = node.connect()) {
      assumeTrue(version(direct).startsWith("7.0."), "it is no Redis 7.0");
      assertNamesOnlyWhatItHas(node, proxy);
      assertAritiesAreThoseOf(node, proxy);
      Set<Object> ours =
          new TreeSet<>(
              (List<?>) client.send("COMMAND", "LIST", "FILTERBY", "PATTERN", "config|*"));
      Set<Object> theirs =
          new TreeSet<>(
              (List<?>) direct.send("COMMAND", "LIST", "FILTERBY", "PATTERN", "config|*"));
      assertEquals(theirs, ours);
    }
  }

  @Test
  void theLeastOfTheNodesCounts() {
    Optional<RealRedis> installed = RealRedis.startInstalled();
    assumeTrue(installed.isPresent(), "no redis-server is installed");
    try (RealRedis newer = installed.orElseThrow();
        RealRedis older = RealRedis.start();
        TestProxy proxy = TestProxy.of(newer, older)) {
      assertNamesOnlyWhatItHas(older, proxy);
      assertAritiesAreThoseOf(older, proxy);
    }
  }

  @Test
  void anotherServerInTheNodesPlaceIsNoticed() {
    Optional<RealRedis> installed = RealRedis.startInstalled();
    assumeTrue(installed.isPresent(), "no redis-server is installed");
    RealRedis newer = installed.orElseThrow();
    try (TestProxy proxy = TestProxy.of(newer);
        RawClient client = proxy.connect()) {
      String before = version(client);
      client.send("SET", "k", "v");
      newer.close();
      try (RealRedis older = RealRedis.startAt(newer.port());
          RawClient direct = older.connect()) {
        assumeTrue(!before.equals(version(direct)), "both servers are of one version");
        Await.until(
            "the older one is noticed",
            () -> {
              client.send("GET", "k");
              return version(client).equals(version(direct));
            });
      }
    }
  }

  @Test
  void theSameProcessAtAnotherAddressHoldsTheSameData() {
    try (RealRedis node = RealRedis.start("--bind", "127.0.0.1", "127.0.0.2");
        TestProxy proxy =
            new TestProxy.Builder()
                .node("one", new Address.Tcp("127.0.0.1", node.port()))
                .node("two", new Address.Tcp("127.0.0.2", node.port()))
                .start();
        RawClient client = proxy.connect()) {
      for (int i = 0; i < 20; i++) {
        client.send("SET", "key:" + i, "v");
      }
      Await.until("it is known", () -> Long.valueOf(20).equals(client.send("DBSIZE")));
    }
  }

  @Test
  void aServerThatTookAnothersPlaceUnseenIsKnownSoonAfterItsFirstConnection() {
    int port = FreePorts.next();
    RealRedis before = RealRedis.startAt(port, "--rename-command", "GETEX", "");
    try (TestProxy proxy = new TestProxy.Builder().node(port).start();
        RawClient client = proxy.connect()) {
      Await.until(
          "the server is known",
          () -> client.send("COMMAND", "INFO", "getex").equals(Collections.singletonList(null)));
      before.close();
      try (RealRedis after = RealRedis.startAt(port)) {
        assertEquals(port, after.port());
        assertEquals(null, client.send("GET", "k"));
        Await.until(
            "the other one is known",
            () -> !client.send("COMMAND", "INFO", "getex").equals(Collections.singletonList(null)));
      }
    }
  }
}
