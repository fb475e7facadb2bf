package io.cashew.proxy.integration;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.Opened;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.ReplicatedServers;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What pools have of their own, servers, health, replicas, is so for whoever comes by routes. */
final class RoutedPoolsTest {
  private final int port = FreePorts.next();
  private final int ownPort = FreePorts.next();
  private final Opened open = new Opened();

  @TempDir private Path directory;

  @AfterEach
  void stop() throws Exception {
    open.close();
  }

  private FileProxy start(String front, String pools) {
    return open.keep(
        FileProxy.start(
            directory.resolve("cashew.conf"),
            """
            cashew {
              workers = 1
              admin.listen = off
              pools.front { listen = "127.0.0.1:%d", %s }
              %s
            }
            """
                .formatted(port, front, pools)));
  }

  // ---------------------------------------------------------------- one server in two pools

  @Test
  void aServerThatTwoPoolsHaveIsAskedOnceAndHeardOnce() {
    RealRedis server = open.keep(RealRedis.start());
    RealRedis other = open.keep(RealRedis.start());
    start(
        "routes = [ { keys = \"a:*\", pool = a }, { pool = main } ]",
        "pools.a { nodes = [ \"%s x\" ] }\npools.main { nodes = [ \"%s y\", \"%s z\" ] }"
            .formatted(server.address(), server.address(), other.address()));
    RawClient client = open.connect(port);
    client.send("MSET", "a:1", "1", "b", "2", "c", "3", "d", "4", "e", "5");
    assertEquals(5L, client.send("DBSIZE"));
    assertEquals(5, ((List<?>) client.send("KEYS", "*")).size());
    RawClient listener = open.connect(port);
    listener.send("SUBSCRIBE", "a:news", "news");
    listener.read();
    client.send("PUBLISH", "a:news", "one"); // what servers tell is in no order between them
    assertEquals(List.of("message", "a:news", "one"), listener.read());
    client.send("PUBLISH", "news", "two");
    assertEquals(List.of("message", "news", "two"), listener.read());
    listener.send("UNSUBSCRIBE", "news");
    assertEquals(List.of("unsubscribe", "a:news", 0L), listener.send("UNSUBSCRIBE", "a:news"));
  }

  @Test
  void twoDatabasesOfAServerAreTwo() {
    RealRedis server = open.keep(RealRedis.start());
    start(
        "routes = [ { keys = \"a:*\", pool = a }, { pool = main } ]",
        "pools.a { nodes = [ \"%s x\" ], database = 3 }\npools.main { nodes = [ \"%s y\" ] }"
            .formatted(server.address(), server.address()));
    RawClient client = open.connect(port);
    client.send("MSET", "a:1", "1", "b", "2");
    assertEquals(2L, client.send("DBSIZE"));
    assertInstanceOf(ErrorReply.class, client.send("SELECT", "1"));
    RawClient listener = open.connect(port);
    listener.send("SUBSCRIBE", "news");
    client.send("PUBLISH", "news", "one");
    client.send("PUBLISH", "news", "two");
    assertEquals(List.of("message", "news", "one"), listener.read());
    assertEquals(List.of("message", "news", "two"), listener.read());
    assertEquals("OK", client.send("FLUSHDB"));
    assertEquals(0L, client.send("DBSIZE"));
    try (RawClient direct = server.connect()) {
      direct.send("SELECT", "3");
      assertEquals(0L, direct.send("DBSIZE"));
    }
  }

  // ---------------------------------------------------------------- protocol

  @Test
  void repliesAreOfTheClientsProtocolHoweverManyConnectionsAPoolHas() {
    RealRedis one = open.keep(RealRedis.startInstalled().orElseGet(RealRedis::start));
    RealRedis two = open.keep(RealRedis.startInstalled().orElseGet(RealRedis::start));
    start(
        "routes = [ { keys = \"a:*\", pool = a }, { pool = main } ]",
        ("pools.a { listen = \"127.0.0.1:%d\", nodes = [ \"%s x\" ], connections-per-node = 3 }\n"
                + "pools.main { nodes = [ \"%s y\" ], connections-per-node = 2 }")
            .formatted(ownPort, one.address(), two.address()));
    for (int i = 0; i < 6; i++) { // one on each connection of the pool
      assertNull(open.connect(ownPort).send("GET", "a:no"));
    }
    for (int i = 0; i < 6; i++) {
      RawClient plain = open.connect(port);
      plain.send("HSET", "a:h", "f", "v");
      assertEquals(List.of("f", "v"), plain.send("HGETALL", "a:h"));
      RawClient resp3 = open.connect(port);
      resp3.write(RawClient.request("HELLO", "3"));
      resp3.readUntil("modules\r\n*0\r\n");
      for (String key : List.of("a:h", "h")) {
        plain.send("HSET", key, "f", "v");
        resp3.write(RawClient.request("HGETALL", key));
        assertEquals("%1\r\n$1\r\nf\r\n$1\r\nv\r\n", resp3.readBytes(18));
      }
    }
  }

  // ---------------------------------------------------------------- health

  @Test
  void whatIsEjectedIsSoForWhoeverComesByRoutes() {
    RealRedis stays = open.keep(RealRedis.start());
    RealRedis fails = open.keep(RealRedis.start());
    RealRedis main = open.keep(RealRedis.start());
    FileProxy proxy =
        start(
            "routes = [ { keys = \"a:*\", pool = a }, { pool = main } ]",
            ("pools.a { listen = \"127.0.0.1:%d\", nodes = [ \"%s s\", \"%s f\" ],"
                    + " eject.enabled = true, retry-after = 30s }\n"
                    + "pools.main { nodes = [ \"%s m\" ] }")
                .formatted(ownPort, stays.address(), fails.address(), main.address()));
    RawClient client = open.connect(port);
    RawClient own = open.connect(ownPort);
    for (int i = 0; i < 50; i++) {
      client.send("SET", "a:" + i, "v");
    }
    fails.close();
    Await.until(
        () -> "the node is ejected",
        () -> {
          for (int i = 0; i < 50; i++) {
            client.send("GET", "a:" + i);
          }
          return proxy.metric("cashew_node_ejected{node=\"f\",pool=\"a\"}") == 1;
        });
    Await.until(
        () -> "both go by the same topology",
        () ->
            own.send("GET", "a:1") instanceof String
                == client.send("GET", "a:1") instanceof String);
    for (int i = 0; i < 50; i++) {
      assertEquals("OK", client.send("SET", "a:" + i, "again"));
      assertEquals("again", own.send("GET", "a:" + i));
    }
    assertEquals("OK", client.send("SET", "b", "v"));
  }

  @Test
  void anErrorNamesTheNodeAndItsPool() {
    RealRedis down = RealRedis.start();
    RealRedis main = open.keep(RealRedis.start());
    FileProxy proxy =
        start(
            "routes = [ { keys = \"a:*\", pool = a }, { pool = main } ]",
            "pools.a { nodes = [ \"%s x\" ] }\npools.main { nodes = [ \"%s x\" ] }"
                .formatted(down.address(), main.address()));
    down.close();
    RawClient client = open.connect(port);
    String error = assertInstanceOf(ErrorReply.class, client.send("GET", "a:1")).text();
    assertTrue(error.contains("node 'x' (" + down.address() + ") of pool 'a'"), error);
    assertEquals("a", proxy.view().pools().get(0).nodeOf("a:1".getBytes(US_ASCII)));
    assertEquals("main", proxy.view().pools().get(0).nodeOf("b".getBytes(US_ASCII)));
    assertEquals("OK", client.send("SET", "b", "v"));
  }

  // ---------------------------------------------------------------- rules

  @Test
  void ratesAndLongerLivesAreThoseOfThePoolWithRoutes() {
    RealRedis one = open.keep(RealRedis.start());
    RealRedis two = open.keep(RealRedis.start());
    FileProxy proxy =
        start(
            "routes = [ { keys = \"a:*\", pool = a }, { pool = main } ]\n"
                + "cache.rules = [ { match = \"a:r*\", rate = 1/s }, { match = \"a:*\","
                + " ttl-jitter = 100% } ]",
            "pools.a { nodes = [ \"%s x\" ] }\npools.main { nodes = [ \"%s y\" ] }"
                .formatted(one.address(), two.address()));
    RawClient client = open.connect(port);
    Await.until(
        () -> "a request is above the rate",
        () ->
            client.send("GET", "a:r") instanceof ErrorReply error
                && error.text().startsWith("RATELIMITED"));
    assertTrue(proxy.metric("cashew_cache_rate_limited_total") > 0);
    long longest = 0;
    for (int i = 0; i < 20; i++) {
      client.send("SET", "a:" + i, "v", "EX", "1000");
      longest = Math.max(longest, (Long) client.send("TTL", "a:" + i));
    }
    assertTrue(longest > 1000, "" + longest);
  }

  // ---------------------------------------------------------------- replicas

  @Test
  void aUserMayReadFromReplicasWhereOthersReadFromThePrimary() {
    ReplicatedServers servers = open.keep(new ReplicatedServers());
    String node =
        "{ name = n, addresses = [ \"127.0.0.1:%d\", \"127.0.0.1:%d\", \"127.0.0.1:%d\" ] }"
            .formatted(servers.ports()[0], servers.ports()[1], servers.ports()[2]);
    start(
        "routes = [ { user = reports, pool = copies }, { pool = main } ]\n"
            + "auth.users.reports { rules = \"on >pw ~* +@all\" }",
        "pools.copies { nodes = [ %s ], read-from = replica }\npools.main { nodes = [ %s ] }"
            .formatted(node, node));
    RawClient client = open.connect(port);
    RawClient reports = open.connect(port);
    assertEquals("OK", reports.send("AUTH", "reports", "pw"));
    Set<Object> answers = new HashSet<>();
    Await.until(
        () -> "a replica answers the user: " + answers,
        () -> {
          answers.clear();
          Object answer = reports.send("GET", ReplicatedServers.WHO);
          answers.add(answer == null ? "" : answer);
          return answers.equals(Set.of("first")) || answers.equals(Set.of("second"));
        });
    assertEquals("primary", client.send("GET", ReplicatedServers.WHO));
    assertEquals(client.send("DBSIZE"), reports.send("DBSIZE"));
  }
}
