package io.cashew.proxy.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code docs/commands.md} is what the rows say. */
class CommandsPageTest {
  private static final Path PAGE = Path.of("..", "docs", "commands.md");

  @Test
  void thePageIsGeneratedFromTheRows() throws IOException {
    String page = CommandsPage.of(CommandTable.standard());
    if (Boolean.getBoolean("cashew.write")) {
      Files.createDirectories(PAGE.toAbsolutePath().normalize().getParent());
      Files.writeString(PAGE, page);
    }
    String written =
        Files.exists(PAGE) ? Files.readString(PAGE, StandardCharsets.UTF_8) : "(no such file)";
    assertEquals(
        page,
        written,
        "docs/commands.md is not what the rows say; write it anew with: mvn -pl hashing,proxy test"
            + " -Dtest=CommandsPageTest -Dsurefire.failIfNoSpecifiedTests=false"
            + " -Dcashew.write=true");
  }
}
