package io.cashew.proxy.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.Await;
import io.cashew.proxy.testing.FreePorts;
import io.cashew.proxy.testing.MisbehavingNode;
import io.cashew.proxy.testing.RawClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A process may hold what {@code memory-limit} says, whatever the JVM would allow by itself. */
final class MemoryLimitProcessTest {
  private static final int MIB = 1 << 20;

  /** Two of them are one reply, which is held until it is whole. */
  private static final String LARGE = "v".repeat(6 * MIB);

  private final MisbehavingNode node = MisbehavingNode.start();
  private final MisbehavingNode other = MisbehavingNode.start();
  private final List<RawClient> clients = new ArrayList<>();
  private final Path directory;
  private Process process;
  private int port;

  MemoryLimitProcessTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @AfterEach
  void stop() {
    clients.forEach(RawClient::close);
    if (process != null) {
      process.destroyForcibly();
    }
    node.close();
    other.close();
  }

  private Path log() {
    return directory.resolve("log");
  }

  private String logged() {
    try {
      return Files.readString(log());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A JVM as bin/cashew starts it, with a heap that would allow 48 MiB of buffers. */
  private void start(int limitMebibytes, String settings, String command, String... options)
      throws IOException {
    port = FreePorts.next();
    Path config = directory.resolve("cashew.conf");
    Files.writeString(
        config,
        """
        cashew { workers = 1, admin.listen = off, memory-limit = %dMiB, pools.p {
          listen = "127.0.0.1:%d", timeout = 60s, distribution = modula, %s
          nodes = ["127.0.0.1:%d a", "127.0.0.1:%d b"]
        } }
        """
            .formatted(limitMebibytes, port, settings, node.port(), other.port()));
    List<String> words =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx48m",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-Dio.netty.tryReflectionSetAccessible=true",
                "--add-opens=java.base/java.nio=ALL-UNNAMED"));
    words.addAll(List.of(options));
    words.addAll(
        List.of(
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            "io.cashew.proxy.Main",
            command,
            "-c",
            config.toString()));
    process =
        new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(log().toFile()).start();
  }

  private RawClient connect() {
    Await.until("the proxy listens", this::connects);
    return clients.get(clients.size() - 1);
  }

  private boolean connects() {
    try {
      clients.add(new RawClient(port));
      return true;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  private static long used(RawClient client) {
    String server = String.valueOf(client.send("INFO", "server"));
    int at = server.indexOf("cashew_buffers:") + "cashew_buffers:".length();
    return Long.parseLong(server.substring(at, server.indexOf('\r', at)));
  }

  /**
   * The second is the tightest option of the JVM with which the limit is not refused; with the
   * third no client holds more than it may, and all together too much.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-Da=b | ''",
        "-XX:MaxDirectMemorySize=304m | ''",
        "-Da=b | limits { unsent-per-client = 64MiB, unsent-per-client-hard = 256MiB },"
      })
  void holdsWhatTheLimitSaysAndHarmsNobodyElse(String option, String settings) throws Exception {
    int limit = 160;
    String first = "k1";
    String second = "k2";
    for (MisbehavingNode each : List.of(node, other)) {
      each.put(first, LARGE);
      each.put(second, LARGE);
      each.put("small", "s");
    }
    start(limit, settings, "serve", option);
    RawClient uninvolved = connect();
    assertEquals("s", uninvolved.send("GET", "small"));
    long most = 0;
    List<RawClient> unread = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      unread.add(connect());
    }
    for (RawClient client : unread) {
      client.write(RawClient.request("MGET", first, second));
    }
    for (int i = 0; i < 2000; i++) {
      most = Math.max(most, used(uninvolved));
    }
    assertTrue(most > (limit - 16L) * MIB, "it held " + most / MIB + " MiB: " + logged());
    assertFalse(logged().contains("OutOfDirectMemoryError"), logged());
    Await.until("there is room again", () -> "s".equals(uninvolved.send("GET", "small")));
    assertTrue(process.isAlive());
  }

  @Test
  void aLimitThatAnOptionOfTheJvmDoesNotAllowIsRefused() throws Exception {
    start(160, "", "check", "-XX:MaxDirectMemorySize=303m");
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(1, process.exitValue(), logged());
    assertTrue(logged().contains("cashew.conf:1: cashew.memory-limit: does not fit"), logged());
    assertTrue(logged().contains("304m, or write 159MiB at most"), logged());
  }
}
