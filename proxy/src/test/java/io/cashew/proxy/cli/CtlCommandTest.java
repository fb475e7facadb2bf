package io.cashew.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.ProxyProcess;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.json.JSONArray;
import org.json.JSONObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code cashew ctl} before a process that serves: what it does, and what is known of it later. */
final class CtlCommandTest {
  private final RealRedis one = RealRedis.start();
  private final RealRedis two = RealRedis.start();
  private final int port = FreePorts.next();
  private final int admin = FreePorts.next();
  private final Path directory;
  private final ProxyProcess proxy;

  CtlCommandTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    Path file = directory.resolve("cashew.conf");
    Files.writeString(
        file,
        """
        cashew { admin { listen = "127.0.0.1:%d", token = secret }, workers = 2, clients-together = 1
          pools.p { listen = "127.0.0.1:%d", timeout = 5s, eject.enabled = true, hash = murmur
            access-log { file = "%s", enabled = false }
            cache.memory = 4MiB, cache.rules = [{ match = "user:*", near = 1h }]
            nodes = ["127.0.0.1:%d:1 a", "127.0.0.1:%d:1 b"] } }
        """
            .formatted(admin, port, directory.resolve("access.log"), one.port(), two.port()));
    proxy = ProxyProcess.serve(file).awaitReady();
  }

  @AfterEach
  void stop() {
    proxy.close();
    one.close();
    two.close();
  }

  private CommandRun ctl(String... arguments) {
    List<String> all = new ArrayList<>(List.of("ctl"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--admin", "127.0.0.1:" + admin, "--token", "secret"));
    return CommandRun.of(all.toArray(String[]::new));
  }

  private String done(String... arguments) {
    CommandRun run = ctl(arguments);
    assertEquals(0, run.status(), run.err());
    return run.out();
  }

  private String get(String path) {
    try {
      URLConnection connection =
          URI.create("http://127.0.0.1:" + admin + path).toURL().openConnection();
      connection.setRequestProperty("Authorization", "Bearer secret");
      connection.setReadTimeout(30_000);
      try (var in = connection.getInputStream()) {
        return new String(in.readAllBytes(), UTF_8);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> actions() {
    JSONArray events = new JSONObject(get("/api/events?kind=action")).getJSONArray("events");
    return IntStream.range(0, events.length())
        .mapToObj(i -> events.getJSONObject(i).getString("text"))
        .toList();
  }

  private boolean counted(String kind, int times) {
    return get("/metrics")
        .contains("cashew_admin_actions_total{kind=\"" + kind + "\"} " + times + ".0");
  }

  @Test
  void whatItMeansForKeysIsSaidBeforeANodeIsTakenOut() {
    CommandRun asked = ctl("drain", "p", "a");
    assertEquals(1, asked.status());
    assertTrue(asked.err().contains("go to the other nodes"), asked.err());
    assertTrue(asked.err().contains("--yes"), asked.err());
    assertEquals(List.of(), actions());
    String said = done("drain", "p", "a", "--yes");
    assertTrue(said.startsWith("node 'a' of pool 'p' is out, and nothing"), said);
    assertTrue(done("drain", "p", "a", "--yes").contains("is out already (drain by 127.0.0.1)"));
    assertTrue(get("/api/state").contains("\"state\":\"maintenance\""));
    JSONObject event =
        new JSONObject(get("/api/events?kind=action&node=a"))
            .getJSONArray("events")
            .getJSONObject(1);
    assertTrue(event.getString("text").startsWith("127.0.0.1 asked for node drain: node 'a'"));
    assertEquals("p", event.getString("pool"));
    try (RawClient client = new RawClient(port)) {
      for (int i = 0; i < 50; i++) {
        assertEquals("OK", client.send("SET", "k" + i, "v"));
      }
    }
    assertTrue(done("ready", "p", "a").contains("is in use again after"));
    assertTrue(counted("node_drain", 2));
    assertTrue(counted("node_ready", 1));
    CommandRun nobody = ctl("drain", "p", "c", "--yes");
    assertTrue(nobody.err().contains("has no node 'c', but a, b"), nobody.err());
    assertTrue(
        get("/metrics").contains("cashew_admin_actions_refused_total{kind=\"node_drain\"} 1.0"));
  }

  @Test
  void whereAKeyIsAndWhoServesItIsSaidAlsoWhileItIsElsewhere() {
    String here = done("where", "user:1", "other");
    String node = here.lines().skip(1).findFirst().orElseThrow().split(" +", -1)[2];
    assertTrue(here.lines().skip(1).findFirst().orElseThrow().endsWith("user:*"), here);
    assertTrue(here.lines().skip(2).findFirst().orElseThrow().endsWith(" -"), here);
    done("offline", "p", node, "--yes");
    List<String> row =
        List.of(done("where", "user:1", "--pool", "p").lines().toList().get(1).split(" +", -1));
    assertEquals(node, row.get(2));
    assertEquals(node.equals("a") ? "b" : "a", row.get(3));
    assertEquals("up", row.get(5));
  }

  @Test
  void whoIsConnectedIsSaidAndClosedByAFilter() {
    try (RawClient first = new RawClient(port);
        RawClient second = new RawClient(port)) {
      first.send("CLIENT", "SETNAME", "first");
      second.send("CLIENT", "SETNAME", "second");
      String all = done("clients");
      assertEquals(3, all.lines().count(), all);
      String found = done("clients", "--text", "seco");
      assertEquals(2, found.lines().count(), found);
      String id = found.lines().skip(1).findFirst().orElseThrow().split(" +", -1)[0];
      assertEquals(1, ctl("close-client", "--pool", "p").status(), "not all of a pool");
      assertEquals(1, ctl("close-client", "--id", "999999").status());
      assertTrue(done("close-client", "--id", id).startsWith("closed 1 client: id " + id));
      second.awaitEnd();
      assertEquals("PONG", first.send("PING"));
      assertTrue(done("close-client", "--name", "first").contains("closed 1 client"));
      first.awaitEnd();
    }
  }

  @Test
  void theNearCacheIsEmptied() {
    try (RawClient client = new RawClient(port)) {
      client.send("SET", "user:1", "v");
      Await.until(
          "it is kept",
          () -> {
            client.send("GET", "user:1");
            return done("invalidate", "p", "user:*").contains("\"invalidated\":1");
          });
      assertTrue(actions().get(0).contains("asked for invalidate"), "" + actions());
      assertEquals(1, ctl("invalidate", "other").status());
    }
  }

  @Test
  void theAccessLogIsWrittenWhileItIsWanted() throws IOException {
    Path log = directory.resolve("access.log");
    try (RawClient client = new RawClient(port)) {
      client.send("GET", "before");
      assertTrue(done("access-log", "p", "on").contains("is written"));
      client.send("GET", "meanwhile");
      assertTrue(done("access-log", "p", "off").contains("is not written"));
      client.send("GET", "after");
      done("access-log", "p", "on");
      client.send("GET", "last");
      Await.until(
          "the last line",
          () -> {
            try {
              return Files.readString(log).contains("\"last\"");
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      String lines = Files.readString(log);
      assertTrue(lines.contains("\"meanwhile\""), lines);
      assertFalse(lines.contains("\"before\""), lines);
      assertFalse(lines.contains("\"after\""), lines);
    }
    assertEquals(2, ctl("access-log", "p", "perhaps").status());
    assertEquals(1, ctl("access-log", "q", "on").status());
  }

  @Test
  void theLevelOfTheLogHoldsUntilItIsTakenBack() {
    assertTrue(done("log-level", "debug").contains("from DEBUG on"));
    try (RawClient client = new RawClient(port)) {
      client.send("PING");
    }
    assertTrue(done("reload").contains("nothing to change"));
    assertTrue(done("log-level", "config").contains("from INFO on"));
    assertEquals(1, ctl("log-level", "loud").status());
    assertTrue(counted("log_level", 2));
    assertTrue(counted("reload", 1));
  }

  @Test
  void withoutTheTokenNothingIsDone() {
    CommandRun run =
        CommandRun.of(
            "ctl", "drain", "p", "a", "--yes", "--admin", "127.0.0.1:" + admin, "--token", "no");
    assertEquals(1, run.status());
    assertTrue(run.err().contains("answers 401"), run.err());
    assertEquals(List.of(), actions());
  }

  @Test
  void theProxyIsDrained() {
    try (RawClient client = new RawClient(port)) {
      client.send("PING");
      assertTrue(done("drain-proxy").startsWith("draining: "));
      client.awaitEnd();
    }
    proxy.awaitLog("asked for drain");
  }

  @Test
  void aWordThatIsNoCommandIsSaid() {
    CommandRun run = ctl("drian");
    assertEquals(2, run.status());
    assertTrue(run.err().contains("did you mean 'drain'?"), run.err());
    assertTrue(CommandRun.of("ctl").err().contains("which command? drain offline ready"));
  }
}
