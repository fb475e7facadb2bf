package io.cashew.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import io.cashew.proxy.admin.AdminGuard;
import io.cashew.proxy.admin.AdminServer;
import io.cashew.proxy.admin.ApiRoutes;
import io.cashew.proxy.admin.EventRoutes;
import io.cashew.proxy.event.EventLog;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.InstalledTool;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.TestProxy;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code cashew top}, and what it reads: {@code /api}. */
final class TopCommandTest {
  private final RealRedis redis = RealRedis.start();
  private final TestProxy proxy =
      new TestProxy.Builder().node("alpha", redis.port()).node("beta", redis.port()).start();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final EventLog events = new EventLog();
  private AdminServer admin;

  @BeforeEach
  void start() throws IOException {
    admin =
        AdminServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            Stream.concat(ApiRoutes.of(proxy::view).stream(), EventRoutes.of(events).stream())
                .toList(),
            AdminGuard.withToken("secret"));
    try (RawClient client = proxy.connect()) {
      for (int i = 0; i < 50; i++) {
        client.send("SET", "k" + i, "v");
      }
      client.send("LPUSH", "k1", "v");
      client.send("NOSUCH");
    }
  }

  @AfterEach
  void stop() {
    admin.close();
    proxy.close();
    redis.close();
  }

  private int top(int port, String token) {
    StandardStreams streams = new StandardStreams(new ByteArrayInputStream(new byte[0]), out, err);
    return CommandLines.of((settings, file) -> 0, streams)
        .execute("top", "--once", "--admin", "127.0.0.1:" + port, "--token", token);
  }

  @Test
  void onceShowsPoolsAndNodes() {
    assertEquals(0, top(admin.port(), "secret"), err.toString(UTF_8));
    List<String> lines = out.toString(UTF_8).lines().toList();
    assertTrue(lines.get(0).startsWith("cashew 0.0.0-test  ready  up 00:00:"), lines.get(0));
    assertTrue(lines.get(2).startsWith("pool test (127.0.0.1:0)  clients "), lines.get(2));
    assertTrue(lines.get(3).strip().startsWith("node"), lines.get(3));
    assertTrue(lines.get(4).matches("  alpha +127\\.0\\.0\\.1:\\d+ +up +1 .*ms"), lines.get(4));
    assertTrue(lines.get(5).matches("  beta +127\\.0\\.0\\.1:\\d+ +up +1 .*ms"), lines.get(5));
    assertEquals(6, lines.size());
  }

  @Test
  void belowThemIsWhatHasHappenedTheNewestFirst() {
    events.add(0, "WARN", "node-down", "test", "alpha", -1, "node alpha is down");
    events.add(1, "INFO", "node-up", "test", "alpha", 5, "node alpha is back\nafter 5 ms");
    assertEquals(0, top(admin.port(), "secret"), err.toString(UTF_8));
    List<String> lines = out.toString(UTF_8).lines().toList();
    assertEquals(9, lines.size());
    assertTrue(lines.get(7).matches(".* INFO   node-up +node alpha is back"), lines.get(7));
    assertTrue(lines.get(8).matches(".* WARN   node-down +node alpha is down"), lines.get(8));
  }

  @Test
  void aWrongTokenAndNobodyThereAreSaid() {
    assertEquals(1, top(admin.port(), "wrong"));
    assertTrue(err.toString(UTF_8).contains("answers 401"), err.toString(UTF_8));
    err.reset();
    assertEquals(1, top(1, "secret"));
    assertTrue(err.toString(UTF_8).contains("does not answer"), err.toString(UTF_8));
  }

  @Test
  void ratesAreThoseBetweenTwoStates() {
    Config before =
        json(
            """
            {"version":"1","ready":true,"uptimeSeconds":100,"workers":1,"transport":"x",
             "memoryBytes":0,"memoryLimitBytes":1048576,"latencyBucketMicros":[100,200],
             "pools":[{"name":"p","listen":"l","clients":1,"requests":100,"requestBytes":0,
               "replyBytes":0,"inFlight":0,"errors":{"internal":1},"slowRequests":0,
               "latency":{"buckets":[100,0,0]},"nodes":[]}]}
            """);
    Config now =
        json(
            """
            {"version":"1","ready":false,"uptimeSeconds":102,"workers":1,"transport":"x",
             "memoryBytes":0,"memoryLimitBytes":1048576,"latencyBucketMicros":[100,200],
             "pools":[{"name":"p","listen":"l","clients":1,"requests":300,"requestBytes":4096,
               "replyBytes":0,"inFlight":0,"errors":{"internal":1,"protocol":4},"slowRequests":0,
               "latency":{"buckets":[100,150,50]},"nodes":[]}]}
            """);
    List<String> lines = new TopView(new TopFigures(now, before, 2), List.of()).lines();
    assertEquals(
        "cashew 1  NOT READY  up 00:01:42  1 workers on x  buffers 0B of 1.0M", lines.get(0));
    assertEquals(
        "pool p (l)  clients 1  requests/s 100  in 2.0K/s  out 0B/s  in flight 0  errors/s 2.0"
            + "  slow/s 0  p50 0.2ms  p99 >0.2ms",
        lines.get(2));
  }

  /** A real pseudo-terminal, with the keys of somebody in front of it. */
  @Test
  void onATerminalItIsDrawnAndKeysWork(@TempDir Path directory) throws Exception {
    Path shown = directory.resolve("shown.txt");
    String command =
        String.join(
            " ",
            "stty cols 100 rows 30; exec",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            "io.cashew.proxy.Main top --interval 1 --token secret --admin",
            "127.0.0.1:" + admin.port());
    Process process =
        InstalledTool.orSkip("script", "bsdutils").start(shown, "-qfec", command, "/dev/null");
    try (OutputStream keys = process.getOutputStream()) {
      await(shown, "req/s");
      await(shown, "alpha");
      // What has changed is sent, so that only what is drawn anew as a whole can be looked for.
      press(keys, "/BETA\r");
      await(shown, "filter: BETA (Esc)");
      press(keys, "h");
      await(shown, "page up, page down");
      press(keys, "q");
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    assertEquals(0, process.exitValue(), Files.readString(shown));
  }

  private static void press(OutputStream keys, String text) throws IOException {
    keys.write(text.getBytes(UTF_8));
    keys.flush();
  }

  private static void await(Path shown, String text) {
    Await.until(() -> "'" + text + "' is shown", () -> plain(shown).contains(text));
  }

  /** Without what moves the cursor and colours. */
  private static String plain(Path shown) {
    try {
      return Files.readString(shown).replaceAll("\u001b\\[[0-9;?]*[A-Za-z]", "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Config json(String text) {
    return ConfigFactory.parseString(
        text, ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON));
  }

  /** One: each keeps its connection, of which the admin address has a limit. */
  private final HttpClient http = HttpClient.newHttpClient();

  private String get(String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin.port() + path))
            .header("Authorization", "Bearer secret")
            .build();
    var response = Await.result(http.sendAsync(request, BodyHandlers.ofString()));
    assertEquals(200, response.statusCode(), response.body());
    return response.body();
  }

  @Test
  void theStateHasTheNumbersOfCommandsAndNodes() throws Exception {
    Config pool = json(get("/api/state")).getConfigList("pools").get(0);
    assertEquals(52, pool.getLong("requests"));
    assertEquals(1, pool.getLong("errors.unknown_command"));
    assertEquals(
        50,
        pool.getConfigList("commands").stream()
            .filter(each -> each.getString("name").equals("set"))
            .mapToLong(each -> each.getLong("calls"))
            .sum());
    assertEquals(
        1,
        pool.getConfigList("families").stream()
            .filter(each -> each.getString("name").equals("list"))
            .mapToLong(each -> each.getLong("failed"))
            .sum());
    assertEquals(
        51, pool.getConfigList("nodes").stream().mapToLong(n -> n.getLong("replies")).sum());
    assertEquals(
        1.0,
        pool.getConfigList("nodes").stream().mapToDouble(n -> n.getDouble("share")).sum(),
        1e-4);
    assertEquals(51, pool.getLong("latency.count"));
    assertEquals(0, json(get("/api/state?pool=other")).getConfigList("pools").size());
  }

  @Test
  void aNodeThatIsDownHasItsLastError() throws Exception {
    long before = System.currentTimeMillis();
    Config well = json(get("/api/state")).getConfigList("pools").get(0);
    assertTrue(well.getConfigList("nodes").get(0).getIsNull("lastError"));
    redis.close();
    Await.until(
        "alpha is down",
        () -> {
          try (RawClient client = proxy.connect()) {
            client.send("MGET", "k1", "k2", "k3", "k4", "k5");
            return node(0).getString("state").equals("down");
          }
        });
    Config error = node(0).getConfig("lastError");
    assertTrue(error.getString("text").contains("node 'alpha'"), error.toString());
    assertTrue(error.getLong("atMillis") >= before, error.toString());
    assertTrue(json(get("/api/state")).getLong("timeMillis") >= error.getLong("atMillis"));
  }

  private Config node(int place) {
    try {
      Config pool = json(get("/api/state")).getConfigList("pools").get(0);
      return pool.getConfigList("nodes").get(place);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void slowLogHotKeysAndRingAreJson() throws Exception {
    assertEquals("test", json(get("/api/slowlog")).getConfigList("pools").get(0).getString("name"));
    Await.until(
        "hot keys are told",
        () -> {
          try (RawClient client = proxy.connect()) {
            for (int i = 0; i < 100; i++) {
              client.send("GET", "\"hot\"\n");
            }
            return !json(get("/api/hotkeys"))
                .getConfigList("pools")
                .get(0)
                .getConfigList("hot")
                .isEmpty();
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
    Config hot = json(get("/api/hotkeys?count=1")).getConfigList("pools").get(0);
    assertEquals("\"\\\"hot\\\"\\x0a\"", hot.getConfigList("hot").get(0).getString("key"));
    Config ring = json(get("/api/ring")).getConfigList("pools").get(0);
    assertEquals(160, ring.getConfigList("nodes").get(0).getInt("points"));
    assertEquals(1440, ring.getList("around").size());
    assertTrue(get("/api/ring.svg?pool=test").startsWith("<svg "));
  }
}
