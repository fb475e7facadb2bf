package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FaultyLink;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.RawClient;
import io.cashew.proxy.testing.RealRedis;
import io.cashew.proxy.testing.ThreadStates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The proxy as a process, under signals. */
final class ProxyProcessTest {
  private static final int TIMEOUT_MILLIS = 1000;
  private static final int REQUESTS = 20;

  /** Small enough that what is kept for too long is noticed. */
  private static final int HEAP_MEBIBYTES = 24;

  private final RealRedis redis = RealRedis.start();
  private final FaultyLink link = FaultyLink.to(redis.port());
  private final List<RawClient> clients = new ArrayList<>();
  private Process process;
  private int port;

  @BeforeEach
  void start(@TempDir Path directory) throws IOException {
    port = FreePorts.next();
    Path config = directory.resolve("cashew.conf");
    Files.writeString(
        config,
        """
        cashew { workers = 1, admin.listen = off, take-over.socket = off, pools.p {
          listen = "127.0.0.1:%d", timeout = %d ms, nodes = ["127.0.0.1:%d"]
        } }
        """
            .formatted(port, TIMEOUT_MILLIS, link.port()));
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    String java = ProcessHandle.current().info().command().orElse("java");
    process =
        new ProcessBuilder(
                java,
                "-Xmx" + HEAP_MEBIBYTES + "m",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                classPath,
                "io.cashew.proxy.Main",
                "serve",
                "-c",
                config.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    Await.until("the proxy listens", this::connects);
    for (int i = 1; i < REQUESTS; i++) {
      clients.add(new RawClient(port));
    }
    for (int i = 0; i < REQUESTS; i++) {
      assertEquals("OK", clients.get(i).send("SET", "k" + i, "value " + i));
    }
  }

  private boolean connects() {
    try {
      clients.add(new RawClient(port));
      return true;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  private void signal(String name) throws IOException, InterruptedException {
    assertEquals(0, new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor());
  }

  /** Returns when no thread runs any more, which is some time after the signal was sent. */
  private void freeze() throws IOException, InterruptedException {
    signal("STOP");
    Await.until(
        "every thread has stopped", () -> ThreadStates.allAre(process, ThreadStates.STOPPED));
  }

  @AfterEach
  void stop() {
    clients.forEach(RawClient::close);
    process.destroyForcibly();
    link.close();
    redis.close();
  }

  private void askAll() {
    for (int i = 0; i < REQUESTS; i++) {
      clients.get(i).write(RawClient.request("GET", "k" + i));
    }
    Await.until("the node has answered", () -> calls() >= REQUESTS);
  }

  /** GETs that the node has executed. */
  private long calls() {
    try (RawClient direct = redis.connect()) {
      String stats = String.valueOf(direct.send("INFO", "commandstats"));
      int at = stats.indexOf("cmdstat_get:calls=");
      return at < 0 ? 0 : Long.parseLong(stats.substring(at + 18, stats.indexOf(',', at)));
    }
  }

  /** Each takes some 2 KB of heap while it is there; so many of them would take it all. */
  @Test
  void clientsThatHaveLeftAreForgotten() {
    for (int i = 0; i < 12_000; i++) {
      try (RawClient client = new RawClient(port)) {
        assertEquals("PONG", client.send("PING"));
        if (i % 2 == 0) {
          assertEquals("OK", client.send("QUIT")); // the proxy closes first, and lets it read
        }
      }
    }
    assertEquals("value 1", clients.get(1).send("GET", "k1"));
    assertTrue(process.isAlive());
  }

  /** What has arrived while nobody could read it is not late. */
  @Test
  void repliesThatArriveWhileTheProxyIsFrozenAreGiven() throws Exception {
    link.latencyMillis(300);
    askAll();
    freeze();
    long begin = System.nanoTime();
    Await.until(
        "far more than the time-out has passed",
        () -> System.nanoTime() - begin > TimeUnit.MILLISECONDS.toNanos(5 * TIMEOUT_MILLIS / 2));
    signal("CONT");
    for (int i = 0; i < REQUESTS; i++) {
      assertEquals("value " + i, clients.get(i).read());
    }
  }

  /**
   * Requests and what the node says unasked are read in one moment, in this order. The requests
   * have not left by then, so nothing that the node says can answer them.
   */
  @Test
  void whatTheNodeSaysUnaskedIsNotForRequestsOfTheSameMoment() throws Exception {
    for (int round = 0; round < 5; round++) {
      freeze();
      for (int i = 0; i < REQUESTS; i++) {
        clients.get(i).write(RawClient.request("GET", "k" + i));
      }
      link.say("$7\r\nforeign\r\n");
      signal("CONT");
      for (int i = 0; i < REQUESTS; i++) {
        assertEquals("value " + i, clients.get(i).read());
      }
    }
  }

  @Test
  void requestsInFlightAreAnsweredBeforeTheEnd() throws Exception {
    link.latencyMillis(500);
    askAll();
    signal("TERM");
    for (int i = 0; i < REQUESTS; i++) {
      assertEquals("value " + i, clients.get(i).read());
      assertTrue(clients.get(i).ends());
    }
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), "it ends");
    assertEquals(0, process.exitValue());
  }
}
