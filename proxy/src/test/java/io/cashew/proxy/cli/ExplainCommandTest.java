package io.cashew.proxy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExplainCommandTest {
  private static final String POOL =
      """
      cashew.pools.a {
        listen = "h:1", nodes = [ "h:2 one" ]
        cache.rules = [
          { match = "user:*", near = 30s, missing = 500ms, ttl-jitter = 10% }
          { match = "lock:*" }
          { match = "sale:*", rate = 50/s, redelete = [500ms, 2s] }
        ]
      }
      """;

  private final Path directory;

  ExplainCommandTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private CommandRun explain(String... arguments) throws IOException {
    Path file = Files.writeString(directory.resolve("cashew.conf"), POOL);
    List<String> all = new ArrayList<>(List.of("explain", "-c", file.toString()));
    all.addAll(List.of(arguments));
    return CommandRun.of(all.toArray(String[]::new));
  }

  @Test
  void eachKeyHasALineWithItsRuleAndLinesThatSayWhatFollows() throws IOException {
    CommandRun run = explain("user:1", "lock:7", "sale:\u00e9", "none");
    assertEquals(0, run.status(), run.err());
    assertEquals(
        """
        user:1\tuser:*
          near = 30s: GET GETRANGE HGET HGETALL HMGET MGET STRLEN: answered from memory for so long at most;\
         equal requests under way are one
          missing = 500ms: GET GETRANGE HGET HGETALL HMGET MGET STRLEN: that there is no such key is answered\
         from memory for so long at most
          ttl-jitter = 10%: EXPIRE EXPIREAT GETEX PEXPIRE PEXPIREAT PSETEX SET SETEX: a time to live gets\
         longer by a share of its own of up to so much
        lock:7\tlock:*
          nothing is done
        sale:\u00e9\tsale:*
          rate = 50/s: every command: above so many for all keys of the rule together: -RATELIMITED
          redelete = [500ms, 2s]: DEL UNLINK: repeated after each of these
        none\t-
        """,
        run.out());
  }

  @Test
  void aCommandIsToldOnlyOfWhatIsForIt() throws IOException {
    assertEquals(
        """
        user:1\tuser:*
          ttl-jitter = 10%: SET: a time to live gets longer by a share of its own of up to so much
          ends what is kept of the key
        """,
        explain("--command", "SET", "user:1").out());
    assertEquals(
        "sale:1\tsale:*\n  rate = 50/s: GET: above so many for all keys of the rule together: -RATELIMITED\n",
        explain("--command", "get", "sale:1").out());
  }

  @Test
  void wrongUsageIsToldWhatIsRight() throws IOException {
    CommandRun run = explain("--command", "GETT", "user:1");
    assertEquals(2, run.status());
    assertTrue(run.err().contains("there is no command 'GETT'"), run.err());
    assertEquals(2, explain().status());
  }
}
