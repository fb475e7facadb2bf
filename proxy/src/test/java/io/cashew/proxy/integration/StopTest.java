package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FileProxy;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.ProxyProcess;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The ways in which a process is told to stop. Each delay here is one that no test could wait for.
 */
@Timeout(120)
final class StopTest {
  private static final String AN_HOUR = "1h";
  private static final int KILLED_BY_SIGTERM = 143;

  private final RealRedis redis = RealRedis.start();
  private final int port = FreePorts.next();
  private final int adminPort = FreePorts.next();
  private ProxyProcess process;
  private @TempDir Path directory;

  @BeforeEach
  void start() {
    Path config = directory.resolve("cashew.conf");
    FileProxy.write(
        config,
        """
        cashew { workers = 1, drain-delay = %s, drain-timeout = %s, take-over.socket = off
          admin { listen = "127.0.0.1:%d", token = t }
          pools.p { listen = "127.0.0.1:%d", nodes = ["127.0.0.1:%d"] } }
        """
            .formatted(AN_HOUR, AN_HOUR, adminPort, port, redis.port()));
    process = ProxyProcess.serve(config).awaitReady();
  }

  @AfterEach
  void stop() {
    process.close();
    redis.close();
  }

  private HttpResponse<String> ask(String method, String path, String token) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort + path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .header("authorization", "Bearer " + token)
            .build();
    return Await.result(
        HttpClient.newHttpClient().sendAsync(request, HttpResponse.BodyHandlers.ofString()));
  }

  private void awaitNotReady() {
    Await.until("it is not ready", () -> ask("GET", "/readyz", "t").statusCode() == 503);
  }

  @Test
  void sigtermServesOnWhileItIsNotReady() {
    assertEquals(200, ask("GET", "/readyz", "t").statusCode());
    process.signal("TERM");
    awaitNotReady();
    try (RawClient late = new RawClient(port)) {
      assertEquals("OK", late.send("SET", "k", "v"));
    }
    assertTrue(process.isAlive());
  }

  @Test
  void theSecondSignalEndsItAtOnce() {
    assertEquals(200, ask("GET", "/readyz", "t").statusCode());
    process.signal("TERM");
    awaitNotReady();
    process.signal("TERM");
    assertEquals(KILLED_BY_SIGTERM, process.awaitEnd());
  }

  @Test
  void sigintWaitsForNoClientThatIsOwedNothing() {
    assertEquals(200, ask("GET", "/readyz", "t").statusCode());
    try (RawClient idle = new RawClient(port)) {
      assertEquals("PONG", idle.send("PING"));
      process.signal("INT");
      assertEquals(0, process.awaitEnd());
      assertTrue(idle.ends());
    }
  }

  @Test
  void sigtermEndsAProxyThatNobodyUsesAtOnce() {
    process.signal("TERM");
    assertEquals(0, process.awaitEnd());
  }

  @Test
  void drainOverHttpTakesTheTokenAndStopsAsSigtermDoes() {
    assertEquals(401, ask("POST", "/drain", "wrong").statusCode());
    assertEquals(405, ask("GET", "/drain", "t").statusCode());
    assertEquals(200, ask("GET", "/readyz", "t").statusCode());
    HttpResponse<String> first = ask("POST", "/drain", "t");
    assertEquals(202, first.statusCode());
    assertTrue(first.body().startsWith("draining: the process ends within"), first.body());
    awaitNotReady();
    try (RawClient late = new RawClient(port)) {
      assertEquals("PONG", late.send("PING"));
    }
    HttpResponse<String> second = ask("POST", "/drain", "t");
    assertTrue(second.body().startsWith("draining already"), second.body());
    // A supervisor that follows with a signal, as it does, ends nothing early.
    process.signal("TERM");
    assertEquals(503, ask("GET", "/readyz", "t").statusCode());
    process.signal("TERM");
    assertEquals(KILLED_BY_SIGTERM, process.awaitEnd());
  }
}
