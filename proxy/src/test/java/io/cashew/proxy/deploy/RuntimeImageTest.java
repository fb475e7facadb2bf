package io.cashew.proxy.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.InstalledTool;
import io.cashew.proxy.testing.ProgramRun;
import io.cashew.proxy.testing.ProxyProcess;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.RepositoryFiles;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The runtime of the container image: {@code jlink} makes it of {@code deploy/docker/modules}, and
 * the program runs on it. Skipped where there is no {@code jlink}.
 */
final class RuntimeImageTest {
  private static Path directory;
  private static Path java;

  private static List<String> modules() throws IOException {
    return RepositoryFiles.text("deploy/docker/modules")
        .lines()
        .filter(line -> !line.startsWith("#") && !line.isBlank())
        .toList();
  }

  @BeforeAll
  static void link(@TempDir Path shared) throws Exception {
    directory = shared;
    Path runtime = directory.resolve("runtime");
    InstalledTool.orSkip("jlink", "openjdk-17-jdk-headless")
        .run(
            directory,
            "--add-modules",
            String.join(",", modules()),
            "--strip-java-debug-attributes",
            "--no-header-files",
            "--no-man-pages",
            "--output",
            runtime.toString());
    java = runtime.resolve("bin/java");
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  /** A rehearsed start has a pool, TLS, metrics and the console: no class may be missing. */
  @Test
  void aStartIsRehearsed() throws Exception {
    ProgramRun run =
        ProgramRun.of(
            List.of(java.toString(), "-cp", classPath(), "io.cashew.proxy.Main", "prepare"));
    assertEquals(0, run.status(), run.printed());
  }

  @Test
  void aGetIsServedAndLookedAt() throws Exception {
    int port = FreePorts.next();
    int admin = FreePorts.next();
    try (RealRedis redis = RealRedis.start()) {
      Path config = directory.resolve("cashew.conf");
      FileProxy.write(
          config,
          """
          cashew { workers = 1, admin.listen = "127.0.0.1:%d"
            pools.p { listen = "127.0.0.1:%d", nodes = ["%s"] } }
          """
              .formatted(admin, port, redis.address()));
      try (ProxyProcess proxy = ProxyProcess.serveWith(java, config).awaitReady();
          RawClient client = new RawClient(port)) {
        assertEquals("OK", client.send("SET", "greeting", "hello"));
        assertEquals("hello", client.send("GET", "greeting"));
        String metrics =
            Await.result(
                    HttpClient.newHttpClient()
                        .sendAsync(
                            HttpRequest.newBuilder(
                                    URI.create("http://127.0.0.1:" + admin + "/metrics"))
                                .build(),
                            BodyHandlers.ofString()))
                .body();
        assertTrue(metrics.contains("process_cpu_seconds_total"), metrics);
        proxy.signal("TERM");
        assertEquals(0, proxy.awaitEnd(), proxy.log());
      }
    }
  }

  @Test
  void theImageIsMadeOfTheSameModules() throws IOException {
    String image = RepositoryFiles.text("deploy/docker/Dockerfile");
    assertTrue(
        image.contains("--add-modules \"$(grep -v '^#' deploy/docker/modules | paste -sd,)\""));
    assertEquals(modules().stream().distinct().toList(), modules());
  }
}
