package io.cashew.proxy.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportShardsTest {
  private final Path directory;

  ImportShardsTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private CommandRun run(String list, String... options) throws IOException {
    Path file = Files.writeString(directory.resolve("shards.txt"), list);
    List<String> arguments = new ArrayList<>(List.of("import", "--sharded-jedis"));
    arguments.addAll(List.of(options));
    arguments.add(file.toString());
    return CommandRun.of(arguments.toArray(String[]::new));
  }

  @Test
  void shardsBecomeThePoolThatHasTheirKeys() throws IOException {
    CommandRun run =
        run(
            """
            # as in the application
            10.0.0.1:6379
            10.0.0.2:6379:2 beta

            redis://10.0.0.3:6380
            redis://10.0.0.4:6381 delta
            """,
            "--hash",
            "md5",
            "--points",
            "2.9",
            "--key-tag",
            "\\{(.+?)\\}");
    assertEquals(0, run.status(), run.err());
    for (String line :
        List.of(
            "distribution = sharded-jedis",
            "hash = md5",
            "sharded-jedis-points = \"2.9\"",
            "key-tag = ",
            "\"10.0.0.1:6379:1\"",
            "\"10.0.0.2:6379:2 beta\"",
            "\"10.0.0.3:6380:1\"",
            "\"10.0.0.4:6381:1 delta\"")) {
      assertTrue(run.out().contains(line), () -> line + " in " + run.out());
    }
    Path config = Files.writeString(directory.resolve("cashew.conf"), run.out());
    CommandRun route = CommandRun.of("route", "-c", config.toString(), "{user7}:a", "{user7}:b");
    List<String> nodes =
        route.out().lines().map(line -> line.substring(line.indexOf('\t'))).distinct().toList();
    assertEquals(1, nodes.size(), route.out());
  }

  @Test
  void whatAllShardsHaveIsThePools() throws IOException {
    CommandRun run =
        run("rediss://app:secret@10.0.0.1:6379/2\nrediss://app:secret@10.0.0.2:6379/2\n");
    assertEquals(0, run.status(), run.err());
    for (String line :
        List.of(
            "username = \"app\"",
            "password = \"secret\"",
            "database = 2",
            "node-tls.enabled = true")) {
      assertTrue(run.out().contains(line), () -> line + " in " + run.out());
    }
  }

  @Test
  void whatAPoolCannotHaveIsSaidWithItsLine() throws IOException {
    CommandRun run = run("redis://:one@h:1\nredis://:two@h:2\nhttp://h:3\n");
    assertEquals(1, run.status(), run.out());
    assertTrue(run.err().contains("has shards of different users and passwords"), run.err());
    assertTrue(run.err().contains("shards.txt:3: must be redis://"), run.err());
    CommandRun none = CommandRun.of("import", "--sharded-jedis", "/nowhere");
    assertTrue(none.err().contains("cannot be read"), none.err());
  }

  @Test
  void namesWithWeightsNeedTheVersion() throws IOException {
    CommandRun run = run("h:1:2 one\nh:2:1 two\n");
    assertEquals(1, run.status(), run.out());
    assertTrue(run.err().contains("sharded-jedis-points"), run.err());
  }

  @Test
  void aListIsUtf8() throws IOException {
    assertEquals(0, run("\uFEFF10.0.0.1:6379 é\n").status());
    Path file =
        Files.write(
            directory.resolve("latin.txt"), "10.0.0.1:6379\n10.0.0.2:6379 é".getBytes(ISO_8859_1));
    CommandRun run = CommandRun.of("import", "--sharded-jedis", file.toString());
    assertEquals(1, run.status());
    assertTrue(run.err().contains("latin.txt:2: is not UTF-8"), run::err);
  }
}
