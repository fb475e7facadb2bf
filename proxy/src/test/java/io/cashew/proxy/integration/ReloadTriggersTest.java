package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cashew.proxy.admin.AdminGuard;
import io.cashew.proxy.admin.AdminServer;
import io.cashew.proxy.admin.ConfigRoutes;
import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.ProxyProcess;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RawClient.ErrorReply;
import io.cashew.proxy.testing.RealRedis;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each way of telling a proxy that its configuration has changed. */
final class ReloadTriggersTest {
  private static RealRedis redis;

  private final int port = FreePorts.next();

  @TempDir private Path directory;

  @BeforeAll
  static void startServer() {
    redis = RealRedis.start();
  }

  @AfterAll
  static void stopServer() {
    redis.close();
  }

  /** With a password that tells which configuration runs. */
  private String config(String password, String more) {
    return """
        cashew { workers = 1, admin.listen = off, pools.p {
          listen = "127.0.0.1:%d", nodes = ["%s"], node-auth = none, auth.password = %s
        } }
        %s
        """
        .formatted(port, redis.address(), password, more);
  }

  private String config(String password) {
    return config(password, "");
  }

  /** Waits until a password is that of the configuration that runs. */
  private void awaitPassword(String password) {
    Await.until(
        "the password is " + password,
        () -> {
          try (RawClient client = new RawClient(port)) {
            return "OK".equals(client.send("AUTH", password));
          }
        });
  }

  private void assertPassword(String password) {
    try (RawClient client = new RawClient(port)) {
      assertEquals("OK", client.send("AUTH", password));
    }
  }

  // ---------------------------------------------------------------- the file

  @Test
  void changedFileIsTakenOver() {
    Path file = directory.resolve("cashew.conf");
    try (FileProxy proxy = FileProxy.start(file, config("one"));
        RawClient client = new RawClient(port)) {
      assertEquals("OK", client.send("AUTH", "one"));
      FileProxy.write(file, config("two"));
      awaitPassword("two");
      Await.until("that is said", () -> proxy.status().trigger().equals("change of the file"));
      assertEquals("PONG", client.send("PING"));
    }
  }

  @Test
  void fileThatIsReplacedByARenameIsTakenOver() throws IOException {
    Path file = directory.resolve("cashew.conf");
    try (FileProxy proxy = FileProxy.start(file, config("one"))) {
      Path fresh = directory.resolve("fresh");
      FileProxy.write(fresh, config("two"));
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      awaitPassword("two");
      Await.until("that is counted", () -> proxy.metric("cashew_config_reloads_total") >= 1);
    }
  }

  /** A volume of Kubernetes: the file is a link into ..data, which is a link that is swapped. */
  @Test
  void swapOfTheLinkOfAConfigMapIsTakenOver() throws IOException {
    Path first = Files.createDirectory(directory.resolve("..2026_01_01_00_00_00.1"));
    FileProxy.write(first.resolve("cashew.conf"), config("one"));
    Path data = directory.resolve("..data");
    Files.createSymbolicLink(data, first.getFileName());
    Path file = directory.resolve("cashew.conf");
    Files.createSymbolicLink(file, Path.of("..data", "cashew.conf"));
    try (FileProxy proxy = new FileProxy(file)) {
      assertPassword("one");
      Path second = Files.createDirectory(directory.resolve("..2026_01_02_00_00_00.2"));
      FileProxy.write(second.resolve("cashew.conf"), config("two"));
      // As long, and of the same time: only which file it is differs.
      Files.setLastModifiedTime(
          second.resolve("cashew.conf"), Files.getLastModifiedTime(first.resolve("cashew.conf")));
      Path swap = directory.resolve("..data_tmp");
      Files.createSymbolicLink(swap, second.getFileName());
      Files.move(swap, data, StandardCopyOption.ATOMIC_MOVE);
      Files.delete(first.resolve("cashew.conf"));
      awaitPassword("two");
      assertTrue(proxy.status().error().isEmpty());
    }
  }

  @Test
  void changedFileThatIsIncludedIsTakenOver() {
    Path included = directory.resolve("secrets.conf");
    FileProxy.write(included, "cashew.pools.p.auth.password = one");
    Path file = directory.resolve("cashew.conf");
    try (FileProxy proxy = FileProxy.start(file, config("zero", "include \"secrets.conf\""))) {
      awaitPassword("one");
      FileProxy.write(included, "cashew.pools.p.auth.password = two");
      awaitPassword("two");
      assertFalse(proxy.status().lags());
    }
  }

  @Test
  void nutcrackerFileIsTakenOver() {
    Path file = directory.resolve("nutcracker.yml");
    String text =
        """
        p:
          listen: 127.0.0.1:%d
          redis: true
          servers:
            - %s:1
        """
            .formatted(port, redis.address());
    try (FileProxy proxy = FileProxy.start(file, text);
        RawClient client = new RawClient(port)) {
      assertEquals("OK", client.send("SET", "k", "v"));
      FileProxy.write(file, text.replace("redis: true", "redis: true\n  timeout: 400"));
      Await.until(
          "it is taken over",
          () ->
              proxy.metric("cashew_config_last_reload_success") == 1
                  && proxy.status().running().contains("timeout = 400ms"));
      assertEquals("v", client.send("GET", "k"));
    }
  }

  @Test
  void brokenFileIsReportedOnceAndTheNextOneTakenOver() {
    Path file = directory.resolve("cashew.conf");
    try (FileProxy proxy = FileProxy.start(file, config("one"))) {
      FileProxy.write(file, "cashew {");
      Await.until("it is refused", () -> proxy.status().error().isPresent());
      assertPassword("one");
      assertTrue(proxy.status().lags());
      FileProxy.write(file, config("two"));
      awaitPassword("two");
      assertTrue(proxy.metric("cashew_config_reload_failures_total") >= 1);
    }
  }

  @Test
  void fileThatIsNotWatchedIsSeenToDiffer() {
    String unwatched = "cashew.reload.watch-file = false";
    Path file = directory.resolve("cashew.conf");
    try (FileProxy proxy = FileProxy.start(file, config("one", unwatched))) {
      FileProxy.write(file, config("two", unwatched));
      Await.until("that is seen", () -> proxy.metric("cashew_config_lags") == 1);
      assertPassword("one");
      Await.result(proxy.reloader().reload("test").toCompletableFuture());
      assertPassword("two");
      assertEquals(0, proxy.metric("cashew_config_lags"));
    }
  }

  // ---------------------------------------------------------------- POST /reload

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static HttpResponse<String> ask(AdminServer server, String method, String path)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build();
    return Await.result(HTTP.sendAsync(request, HttpResponse.BodyHandlers.ofString()));
  }

  @Test
  void postReloadSaysWhatBecameOfIt() throws Exception {
    String unwatched = "cashew.reload.watch-file = false";
    Path file = directory.resolve("cashew.conf");
    InetSocketAddress anywhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (FileProxy proxy = FileProxy.start(file, config("one", unwatched));
        AdminServer server =
            AdminServer.start(
                anywhere, ConfigRoutes.of(proxy.reloader(), List::of), AdminGuard.open())) {
      String digest = proxy.status().digest();

      FileProxy.write(file, config("two", unwatched));
      HttpResponse<String> done = ask(server, "POST", "/reload");
      assertEquals(200, done.statusCode());
      assertTrue(done.body().contains("auth.password: changed, at once"), done.body());
      assertFalse(done.body().contains("two"), done.body());
      assertPassword("two");

      FileProxy.write(file, config("three", "cashew.pools.p.colour = red"));
      HttpResponse<String> invalid = ask(server, "POST", "/reload");
      assertEquals(400, invalid.statusCode());
      assertTrue(invalid.body().contains("cashew.conf:4: cashew.pools.p.colour"), invalid.body());

      try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        FileProxy.write(
            file,
            config("three").replace("127.0.0.1:" + port, "127.0.0.1:" + taken.getLocalPort()));
        HttpResponse<String> refused = ask(server, "POST", "/reload");
        assertEquals(409, refused.statusCode());
        assertTrue(refused.body().contains("cannot listen on"), refused.body());
      }
      assertPassword("two");

      HttpResponse<String> answer = ask(server, "GET", "/api/config");
      assertEquals("application/json", answer.headers().firstValue("content-type").orElse(""));
      Config state = ConfigFactory.parseString(answer.body());
      assertEquals(proxy.status().digest(), state.getString("digest"));
      assertFalse(digest.equals(state.getString("digest")));
      assertTrue(state.getBoolean("lags"));
      assertFalse(state.getBoolean("succeeded"));
      assertEquals("POST /reload", state.getString("trigger"));
      assertTrue(state.getString("error").contains("cannot listen on"));
      assertTrue(state.getString("running").contains("password = \"***\""), answer.body());
      assertEquals(405, ask(server, "GET", "/reload").statusCode());
    }
  }

  // ---------------------------------------------------------------- SIGHUP

  /** The JVM leaves a signal ignored that was when it started. */
  @Test
  void aProcessThatWasStartedWithHangUpsIgnoredSaysThatTheyDoNothing() {
    Path file = directory.resolve("cashew.conf");
    FileProxy.write(file, config("one", "cashew.reload.watch-file = true"));
    try (ProxyProcess process = ProxyProcess.serveWithoutHangUp(file).awaitReady()) {
      process.awaitLog("SIGHUP does nothing here");
      process.signal("HUP");
      FileProxy.write(file, config("two", "cashew.reload.watch-file = true"));
      awaitPassword("two");
      assertTrue(process.isAlive());
    }
  }

  @Test
  void hangUpOfARealProcessReloads() throws Exception {
    String unwatched = "cashew.reload.watch-file = false";
    Path file = directory.resolve("cashew.conf");
    FileProxy.write(file, config("one", unwatched));
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    String java = ProcessHandle.current().info().command().orElse("java");
    Process process =
        new ProcessBuilder(
                withHangUps(
                    java, "-cp", classPath, "io.cashew.proxy.Main", "serve", "-c", file.toString()))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (ServerAnswers answers = new ServerAnswers(port)) {
      RawClient client = answers.client();
      assertEquals("OK", client.send("AUTH", "one"));
      FileProxy.write(file, config("two", unwatched));
      signal(process, "HUP");
      awaitPassword("two");
      assertEquals("PONG", client.send("PING"));
      FileProxy.write(file, "cashew {");
      signal(process, "HUP");
      signal(process, "HUP");
      assertPassword("two");
      FileProxy.write(file, config("three", unwatched));
      signal(process, "HUP");
      awaitPassword("three");
      assertInstanceOf(ErrorReply.class, client.send("AUTH", "two"));
      signal(process, "TERM");
      assertTrue(client.ends());
      assertTrue(process.waitFor(30, TimeUnit.SECONDS), "it ends");
      assertEquals(0, process.exitValue());
    } finally {
      process.destroyForcibly();
    }
  }

  /** A client that connects as soon as there is a server. */
  private static final class ServerAnswers implements AutoCloseable {
    private final RawClient client;

    ServerAnswers(int port) {
      RawClient[] connected = new RawClient[1];
      Await.until(
          "the proxy listens",
          () -> {
            try {
              connected[0] = new RawClient(port);
              return true;
            } catch (java.io.UncheckedIOException e) {
              return false;
            }
          });
      client = connected[0];
    }

    RawClient client() {
      return client;
    }

    @Override
    public void close() {
      client.close();
    }
  }

  /** A process that ignores SIGHUP, as nohup has it, starts others that ignore it, too. */
  private static List<String> withHangUps(String... command) throws IOException {
    List<String> words = new ArrayList<>(List.of(command));
    Path status = Path.of("/proc/self/status");
    if (Files.exists(status)
        && Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .anyMatch(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16) % 2 == 1)) {
      words.addAll(0, List.of("env", "--default-signal=HUP"));
    }
    return words;
  }

  private static void signal(Process process, String name)
      throws IOException, InterruptedException {
    assertEquals(0, new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor());
  }
}
