package io.cashew.proxy.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher relies on: a rehearsal that ends, and a start that fails at once. */
@Timeout(60)
class RehearsalTest {
  @Test
  void aRehearsalServesAClientAndEnds() throws Exception {
    Rehearsal.run();
  }

  @Test
  void aStartThatFailsDoesNotWaitForADrain(@TempDir Path directory) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Path file = directory.resolve("cashew.conf");
      Files.writeString(
          file,
          """
          cashew { drain-timeout = 1h, admin.listen = off, pools.p {
            listen = "127.0.0.1:%d", nodes = ["127.0.0.1:1"] } }
          """
              .formatted(taken.getLocalPort()));
      Process start = start("serve", "-c", file.toString());
      String said = said(start);
      assertTrue(start.waitFor(30, TimeUnit.SECONDS), said);
      assertEquals(1, start.exitValue(), said);
      assertTrue(said.contains("cashew serve: cannot listen on /127.0.0.1:"), said);
      assertFalse(said.contains("\tat "), said);
    }
  }

  @Test
  void aConfigurationThatIsWrongIsToldAsPicocliWouldTellIt(@TempDir Path directory)
      throws Exception {
    Path file = directory.resolve("cashew.conf");
    Files.writeString(file, "cashew { pols = 1 }");
    String plain = said(start("serve", "-c", file.toString()));
    assertTrue(plain.contains("cashew.conf"), plain);
    assertEquals(said(start("serve", "--config=" + file)), plain);
  }

  private static Process start(String... arguments) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String[] command = new String[4 + arguments.length];
    command[0] = java;
    command[1] = "-cp";
    command[2] = System.getProperty("java.class.path");
    command[3] = Main.class.getName();
    System.arraycopy(arguments, 0, command, 4, arguments.length);
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static String said(Process process) throws IOException {
    StringBuilder said = new StringBuilder();
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      out.lines().forEach(line -> said.append(line).append('\n'));
    }
    return said.toString();
  }
}
