package io.cashew.proxy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.testing.FileProxy;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiffCommandTest {
  private static final String OLD =
      """
      cashew { workers = 1, pools {
        a { listen = "127.0.0.1:1", hash = murmur, nodes = ["127.0.0.1:6379:1 x", "127.0.0.1:6380:1 y"] }
        b { listen = "127.0.0.1:2", nodes = ["127.0.0.1:6379"] }
        c { listen = "127.0.0.1:3", nodes = ["127.0.0.1:6379"] }
      } }
      """;

  private final Path directory;

  DiffCommandTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private CommandRun diff(String before, String after) {
    Path one = directory.resolve("old.conf");
    Path two = directory.resolve("new.conf");
    FileProxy.write(one, before);
    FileProxy.write(two, after);
    return CommandRun.of("diff", one.toString(), two.toString());
  }

  @Test
  void aStatusTellsWhetherAnythingChanges() {
    Path one = directory.resolve("old.conf");
    Path two = directory.resolve("new.conf");
    FileProxy.write(one, OLD);
    FileProxy.write(two, OLD.replace("workers = 1", "workers = 2"));
    assertEquals(0, CommandRun.of("diff", "--exit-code", "" + one, "" + one).status());
    assertEquals(3, CommandRun.of("diff", "--exit-code", "" + one, "" + two).status());
    assertEquals(0, CommandRun.of("diff", "" + one, "" + two).status());
    assertEquals(1, CommandRun.of("diff", "--exit-code", "" + one, "nowhere").status());
  }

  @Test
  void everyChangeHasALineAndWhatStaysHasNone() {
    String after =
        """
        cashew { workers = 2, pools {
          a { listen = "127.0.0.1:1", hash = murmur, timeout = 2s
              nodes = ["127.0.0.1:6379:1 x", "127.0.0.1:6390:1 y"] }
          c { listen = "127.0.0.1:3", nodes = ["127.0.0.1:6379"] }
          d { listen = "127.0.0.1:4", nodes = ["127.0.0.1:6379"] }
        } }
        """;
    CommandRun run = diff(OLD, after);
    assertEquals(0, run.status(), run.err());
    assertEquals(
        List.of(
            "workers: 1 -> 2, needs a restart",
            "pool a: timeout: 1s -> 2s, at once",
            "pool a: node y: moved from 127.0.0.1:6380 to 127.0.0.1:6390; requests in flight finish",
            "pool a: no key moves",
            "pool d: added, listens on 127.0.0.1:4 for 1 node",
            "pool b: removed; 127.0.0.1:2 closes, and its clients when they have their replies"),
        run.out().lines().toList());
  }

  @Test
  void nodeThatIsAddedSaysWhichShareOfKeysMoves() {
    CommandRun run = diff(OLD, OLD.replace("y\"]", "y\", \"127.0.0.1:6381:1 z\"]"));
    assertEquals(0, run.status(), run.err());
    List<String> lines = run.out().lines().toList();
    assertEquals("pool a: node z: added at 127.0.0.1:6381", lines.get(0));
    assertTrue(
        lines
            .get(1)
            .matches("pool a: 3\\d\\.\\d % of keys move \\(3\\d{3} of a sample of 10000\\)"),
        lines.get(1));
  }

  @Test
  void sameConfigurationsPrintNothing() {
    CommandRun run = diff(OLD, "# a comment\n" + OLD);
    assertEquals(0, run.status());
    assertEquals("", run.out());
  }

  @Test
  void wrongFileFailsWithItsLine() {
    CommandRun run = diff(OLD, OLD + "cashew.pools.a.colour = red");
    assertEquals(1, run.status());
    assertTrue(run.err().contains("new.conf:6: cashew.pools.a.colour"), run.err());
  }
}
