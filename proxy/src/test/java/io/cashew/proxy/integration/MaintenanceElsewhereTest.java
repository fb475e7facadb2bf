package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.admin.Actions;
import io.cashew.proxy.admin.AdminGuard;
import io.cashew.proxy.admin.AdminServer;
import io.cashew.proxy.admin.NodeRoutes;
import io.cashew.proxy.control.NodeAction;
import io.cashew.proxy.control.NodeView;
import io.cashew.proxy.metrics.ActionCounts;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealCluster;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.SentinelRing;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes taken out where keys are placed otherwise, and what speaks for all nodes meanwhile. */
@Timeout(180)
final class MaintenanceElsewhereTest {
  private static final String OUT = "is out for maintenance (drain)";

  private final List<RealRedis> nodes = new ArrayList<>();
  private final int port = FreePorts.next();

  @TempDir private Path directory;

  @AfterEach
  void stop() {
    nodes.forEach(RealRedis::close);
  }

  private void startNodes(int count) {
    for (int i = 0; i < count; i++) {
      nodes.add(RealRedis.start());
    }
  }

  private FileProxy start(String lines) {
    return FileProxy.start(
        directory.resolve("cashew.conf"),
        FileProxy.config(port, 2, nodes, "timeout = 10s, hash = murmur, " + lines));
  }

  private static void act(FileProxy proxy, NodeAction action, String pool, String node) {
    Await.result(
        proxy.operations().maintain(action, pool, node, "the test", false).toCompletableFuture());
  }

  private static long keys(RealRedis server) {
    try (RawClient client = server.connect()) {
      return (Long) client.send("DBSIZE");
    }
  }

  private static List<String> errors(RawClient client, int from, int to) {
    List<String> errors = new ArrayList<>();
    for (int i = from; i < to; i++) {
      if (client.send("SET", "k" + i, "v") instanceof ErrorReply error) {
        errors.add(error.text());
      }
    }
    return errors;
  }

  /** Else FLUSHALL would leave values that come back, and DBSIZE say less than there is. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatSpeaksForAllNodesIsAnErrorAndChangesNothing(boolean ejects) {
    startNodes(3);
    try (FileProxy proxy = start("eject.enabled = " + ejects);
        RawClient client = new RawClient(port)) {
      assertEquals(List.of(), errors(client, 0, 60));
      long before = keys(nodes.get(1));
      assertNotEquals(0, before);
      act(proxy, NodeAction.DRAIN, "p", "b");
      for (String command : List.of("DBSIZE", "KEYS *", "FLUSHALL", "FLUSHDB", "RANDOMKEY")) {
        Object reply = client.send(command.split(" ", -1));
        if (!command.equals("RANDOMKEY")) {
          assertTrue(String.valueOf(reply).contains(OUT), command + ": " + reply);
        }
      }
      assertEquals(before, keys(nodes.get(1)), "it is not asked");
      String scanned = scan(client);
      assertTrue(scanned.contains(OUT), scanned);
      act(proxy, NodeAction.READY, "p", "b");
      Await.until("all answer", () -> client.send("DBSIZE") instanceof Long);
      assertEquals(before, keys(nodes.get(1)), "it has what it had");
      assertEquals("OK", client.send("FLUSHALL"));
      assertEquals(0, keys(nodes.get(1)));
    }
  }

  /** The error that a whole SCAN meets, or all of its keys. */
  private static String scan(RawClient client) {
    String cursor = "0";
    StringBuilder found = new StringBuilder();
    do {
      Object reply = client.send("SCAN", cursor);
      if (!(reply instanceof List<?> page)) {
        return String.valueOf(reply);
      }
      cursor = String.valueOf(page.get(0));
      found.append(page.get(1));
    } while (!cursor.equals("0"));
    return found.toString();
  }

  @Test
  void ofNodesThatAreChosenAtRandomTheOthersAreWhereThatIsAllowed() {
    startNodes(3);
    try (FileProxy proxy = start("distribution = random, eject.enabled = true");
        RawClient client = new RawClient(port)) {
      assertEquals(List.of(), errors(client, 0, 60));
      act(proxy, NodeAction.DRAIN, "p", "b");
      long before = keys(nodes.get(1));
      assertEquals(List.of(), errors(client, 60, 160));
      assertEquals(before, keys(nodes.get(1)));
      act(proxy, NodeAction.READY, "p", "b");
      assertEquals(List.of(), errors(client, 160, 260));
      assertTrue(keys(nodes.get(1)) > before, "it is chosen again");
    }
  }

  @Test
  void routesMeetTheNodesOfTheirTarget() {
    startNodes(2);
    int own = FreePorts.next();
    String file =
        """
        cashew {
          workers = 2
          admin.listen = off
          pools.front { listen = "127.0.0.1:%d", routes = [ { pool = main } ] }
          pools.main { listen = "127.0.0.1:%d", hash = murmur, nodes = ["%s a", "%s b"] }
        }
        """
            .formatted(port, own, nodes.get(0).address(), nodes.get(1).address());
    try (FileProxy proxy = FileProxy.start(directory.resolve("cashew.conf"), file);
        RawClient front = new RawClient(port);
        RawClient main = new RawClient(own)) {
      act(proxy, NodeAction.DRAIN, "main", "b");
      for (RawClient client : List.of(front, main)) {
        List<String> errors = errors(client, 0, 60);
        assertTrue(!errors.isEmpty() && errors.size() < 60, errors.size() + " of 60");
        assertEquals(
            List.of(),
            errors.stream().filter(each -> !each.contains("'b' of pool 'main' " + OUT)).toList());
      }
      act(proxy, NodeAction.READY, "main", "b");
      assertEquals(List.of(), errors(front, 0, 60));
      assertEquals(List.of(), errors(main, 0, 60));
    }
  }

  @Test
  void afterAFailoverIsBegunItIsReadyWhenThatHasEnded() throws Exception {
    try (SentinelRing ring =
        new SentinelRing(Files.createDirectory(directory.resolve("ring")), 3)) {
      String file =
          """
          cashew {
            workers = 2
            admin.listen = off
            pools.p { listen = "127.0.0.1:%d", nodes = [ { name = n, master = main } ]
              sentinel { addresses = ["%s"] } }
          }
          """
              .formatted(port, String.join("\", \"", ring.addresses()));
      try (FileProxy proxy = FileProxy.start(directory.resolve("cashew.conf"), file);
          RawClient client = new RawClient(port)) {
        Await.until("it serves", () -> "OK".equals(client.send("SET", "k", "before")));
        act(proxy, NodeAction.DRAIN, "p", "n");
        ring.failOver();
        assertTrue(String.valueOf(client.send("GET", "k")).contains(OUT));
        assertNotNull(node(proxy).state().maintenance());
        act(proxy, NodeAction.READY, "p", "n");
        // The former primary takes writes for some ten seconds more, and loses them.
        assertEquals("OK", client.send("SET", "k", "after"));
        try (RawClient direct = ring.replica().connect()) {
          assertEquals("after", direct.send("GET", "k"));
        }
      }
    }
  }

  private static NodeView node(FileProxy proxy) {
    return proxy.view().pools().get(0).nodes().get(0);
  }

  @Test
  void aClusterIsToldToDoItItself() throws Exception {
    try (RealCluster cluster = RealCluster.start()) {
      String file =
          """
          cashew {
            workers = 2
            admin.listen = off
            pools.p { listen = "127.0.0.1:%d", cluster { seeds = ["%s"] } }
          }
          """
              .formatted(port, cluster.server(0).address());
      try (FileProxy proxy = FileProxy.start(directory.resolve("cashew.conf"), file);
          AdminServer admin =
              AdminServer.start(
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                  NodeRoutes.of(proxy.operations(), new Actions(new ActionCounts())),
                  AdminGuard.open());
          RawClient client = new RawClient(port)) {
        Await.until("the Cluster is known", () -> "OK".equals(client.send("SET", "k", "v")));
        HttpResponse<String> reply =
            Await.result(
                HttpClient.newHttpClient()
                    .sendAsync(
                        HttpRequest.newBuilder(
                                URI.create(
                                    "http://127.0.0.1:"
                                        + admin.port()
                                        + "/api/node?pool=p&action=drain&yes=true&node="
                                        + node(proxy).name()))
                            .POST(HttpRequest.BodyPublishers.noBody())
                            .build(),
                        HttpResponse.BodyHandlers.ofString()));
        assertEquals(409, reply.statusCode(), reply.body());
        assertTrue(reply.body().contains("CLUSTER FAILOVER"), reply.body());
        assertNull(node(proxy).state().maintenance());
        assertEquals(List.of(), errors(client, 0, 100));
      }
    }
  }
}
