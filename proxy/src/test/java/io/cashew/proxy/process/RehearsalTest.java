package io.cashew.proxy.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.Main;
import io.cashew.proxy.testing.ProgramRun;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher relies on: a rehearsal that ends, and a start that fails at once. */
@Timeout(300)
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
      ProgramRun start = run("serve", "-c", file.toString());
      String said = start.printed();
      assertEquals(1, start.status(), said);
      assertTrue(said.contains("cashew serve: cannot listen on /127.0.0.1:"), said);
      assertFalse(said.contains("\tat "), said);
    }
  }

  @Test
  void aConfigurationThatIsWrongIsToldAsPicocliWouldTellIt(@TempDir Path directory)
      throws Exception {
    Path file = directory.resolve("cashew.conf");
    Files.writeString(file, "cashew { pols = 1 }");
    ProgramRun plain = run("serve", "-c", file.toString());
    assertTrue(plain.printed().contains("cashew.conf"), plain.printed());
    assertEquals(run("serve", "--config=" + file), plain);
  }

  private static ProgramRun run(String... arguments) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command = new ArrayList<>(List.of(java, "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(Main.class.getName());
    command.addAll(List.of(arguments));
    return ProgramRun.of(command);
  }
}
