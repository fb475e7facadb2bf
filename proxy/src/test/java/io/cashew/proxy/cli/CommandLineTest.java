package io.cashew.proxy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cashew.proxy.config.ConfigException;
import io.cashew.proxy.config.ConfigFile;
import io.cashew.proxy.config.HoconReader;
import io.cashew.proxy.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.json.JSONObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

class CommandLineTest {
  private static final Path CONF = Path.of("../conf");
  private static final String NUTCRACKER = CONF.resolve("nutcracker.yml").toString();
  private static final String MINIMAL = CONF.resolve("minimal.conf").toString();

  private final Path directory;

  CommandLineTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private String file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text).toString();
  }

  @Test
  void versionIsThatOfTheBuild() {
    CommandRun run = CommandRun.of("--version");
    assertEquals(0, run.status());
    assertTrue(
        run.out().matches("cashew [0-9]+\\.[0-9]+\\.[0-9]+\\S* \\(Java .*\\)\\R"), run.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"serve", "demo", "check", "route", "import"})
  void everyCommandHasHelp(String command) {
    CommandRun run = CommandRun.of(command, "--help");
    assertEquals(0, run.status());
    assertTrue(run.out().startsWith("Usage: cashew " + command), run.out());
    assertTrue(CommandRun.of("--help").out().contains("  " + command + " "));
  }

  @Test
  void wrongUsageIsTwo() {
    assertEquals(2, CommandRun.of().status());
    assertEquals(2, CommandRun.of("sevre").status());
    assertEquals(2, CommandRun.of("serve", "--no-such-option").status());
    assertEquals(2, CommandRun.of("import").status());
    assertEquals(2, CommandRun.of("demo", "--nodes", "0").status());
    assertEquals(2, CommandRun.of("demo", "--nodes", "many").status());
    assertEquals(2, CommandRun.of("demo", "--listen", "nowhere").status());
  }

  @Test
  void aWordTooManyIsNamedWithWhatToDo() {
    assertEquals(
        """
        cashew: there is no command 'sevre', did you mean 'serve'? known: serve demo check diff route explain ring topology top ctl import prepare version generate-completion generate-manual
        Try 'cashew --help'.
        """,
        CommandRun.of("sevre").err());
    assertEquals(
        """
        cashew check: 'bogus' is one argument more than this command takes: remove it
        Try 'cashew check --help'.
        """,
        CommandRun.of("check", "-c", MINIMAL, "bogus").err());
    assertEquals(
        "cashew serve: '"
            + MINIMAL
            + "' is one argument more than this command takes: name the configuration with -c "
            + MINIMAL
            + "\nTry 'cashew serve --help'.\n",
        CommandRun.of("serve", MINIMAL).err());
    for (String command : List.of("serve", "demo", "check", "ring", "top", "prepare")) {
      CommandRun run = CommandRun.of(command, "bogus");
      assertEquals(2, run.status(), run.err());
      assertTrue(run.err().contains("'bogus' is one argument more"), run.err());
    }
    assertEquals(2, CommandRun.of("import", NUTCRACKER, "bogus").status());
  }

  @Test
  void anUnknownOptionIsNamedWithWhatToDo() {
    assertEquals(
        """
        cashew serve: there is no option '--conf', did you mean '--config'? known: -c --config --take-over -h --help -V --version
        Try 'cashew serve --help'.
        """,
        CommandRun.of("serve", "--conf=cashew.conf").err());
    assertEquals(
        """
        cashew: there is no option '-c' before the command: write it behind the one that it is for, as in cashew serve -c
        Try 'cashew --help'.
        """,
        CommandRun.of("-c", MINIMAL).err());
    assertTrue(
        CommandRun.of("ctl", "--admin", "127.0.0.1:1", "reload")
            .err()
            .contains("write it behind the one that it is for, as in cashew ctl drain --admin"));
    assertEquals(2, CommandRun.of("check", "--bogus").status());
  }

  @ParameterizedTest
  @ValueSource(strings = {"serve", "check", "route"})
  void withoutAFileThereMustBeOneHere(String command) {
    CommandRun run = CommandRun.of(command);
    assertEquals(2, run.status());
    assertTrue(run.err().contains("name the configuration with -c FILE"), run.err());
    assertTrue(run.err().contains("Try 'cashew " + command + " --help'."), run.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"serve", "check", "route"})
  void wrongConfigurationIsOneWithEveryProblem(String command) throws IOException {
    String file =
        file("bad.conf", "cashew.pools.p {\n listen = \"a:1\"\n hush = 1\n nodes = [ \"a\" ] }");
    CommandRun run = CommandRun.of(command, "-c", file);
    assertEquals(1, run.status());
    assertEquals("", run.out());
    assertEquals(2, run.err().lines().count(), run.err());
    assertTrue(run.err().startsWith(file + ":3: cashew.pools.p.hush: unknown key, did"), run.err());
  }

  @Test
  void missingFileIsOne() {
    CommandRun run = CommandRun.of("check", "-c", "no-such.conf");
    assertEquals(1, run.status());
    assertEquals("no-such.conf: there is no such file\n", run.err());
  }

  @Test
  void serveRunsTheProxyWithTheSettingsOfTheFile() throws ConfigException {
    List<Settings> served = new ArrayList<>();
    CommandRun run =
        CommandRun.withRunner(
            (settings, file) -> {
              served.add(settings);
              return 1;
            },
            new byte[0],
            "serve",
            "-c",
            MINIMAL);
    assertEquals(1, run.status());
    assertEquals(List.of(ConfigFile.read(Path.of(MINIMAL))), served);
  }

  @Test
  void proxyThatCannotStartIsOneWithItsReason() {
    CommandRun run =
        CommandRun.withRunner(
            (settings, file) -> {
              throw new IOException("127.0.0.1:22121 is in use");
            },
            new byte[0],
            "serve",
            "--config",
            MINIMAL);
    assertEquals(1, run.status());
    assertEquals("cashew serve: 127.0.0.1:22121 is in use\n", run.err());
  }

  @Test
  void importPrintsTheSamePoolsAsHocon() throws ConfigException {
    CommandRun run = CommandRun.of("import", NUTCRACKER);
    assertEquals(0, run.status());
    assertEquals(ConfigFile.read(Path.of(NUTCRACKER)), HoconReader.read(run.out(), "imported"));
  }

  @Test
  void importOfAWrongFileIsOne() throws IOException {
    CommandRun run = CommandRun.of("import", file("bad.yml", "p:\n  hush: 1\n"));
    assertEquals(1, run.status());
    assertTrue(run.err().contains("directive \"hush\" is unknown"), run.err());
  }

  @Test
  void completionIsGenerated() {
    CommandRun run = CommandRun.of("generate-completion");
    assertEquals(0, run.status());
    assertTrue(run.out().contains("complete -F"), run.out());
    assertTrue(run.out().contains("take-over"), run.out());
    CommandRun wrong = CommandRun.of("generate-completion", "bogus");
    assertEquals(2, wrong.status());
    assertTrue(wrong.err().contains("'bogus' is one argument more"), wrong.err());
  }

  @Test
  void versionForPrograms() {
    CommandRun run = CommandRun.of("version", "--json");
    assertEquals(0, run.status(), run.err());
    JSONObject version = new JSONObject(run.out());
    assertEquals("cashew", version.getString("name"));
    assertTrue(version.getString("netty").startsWith("4."), run.out());
    assertEquals(CommandRun.of("--version").out(), CommandRun.of("version").out());
  }

  @Test
  void manualHasEachCommandAndOption() {
    CommandRun run = CommandRun.of("generate-manual");
    assertEquals(0, run.status());
    for (CommandLine each : CommandRun.commands()) {
      CommandSpec of = each.getCommandSpec();
      assertTrue(run.out().contains("\n.SS cashew " + of.name().replace("-", "\\-")), of.name());
      for (OptionSpec option : of.options()) {
        String name = option.longestName().replace("-", "\\-");
        assertTrue(option.usageHelp() || option.versionHelp() || run.out().contains(name), name);
      }
    }
  }
}
