package io.cashew.proxy.client;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.cashew.proxy.backend.ServerFacts;
import io.cashew.proxy.command.CommandTable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PublishedCommandsTest {
  private static ServerFacts server(String version, boolean subcommands, String... commands) {
    return new ServerFacts(
        version, null, Map.of(), Set.of(commands), Map.of(), subcommands, null, null);
  }

  private static CommandTable of(ServerFacts... servers) {
    return PublishedCommands.of(CommandTable.standard(), ServerFacts.leastOf(List.of(servers)));
  }

  @Test
  void subcommandsGoWithACommandThatOneServerLacks() {
    CommandTable table =
        of(
            server("7.0.0", true, "get", "client", "client|kill", "function", "function|delete"),
            server("6.2.0", false, "get", "client"));
    assertNotNull(table.find("get"));
    assertNotNull(table.find("client|kill"));
    assertNull(table.find("function"));
    assertNull(table.find("function|delete"));
  }

  /** As with {@code rename-command CONFIG ""}. */
  @Test
  void subcommandsGoWithACommandThatTheServerDoesNotAdmitTo() {
    CommandTable table = of(server("7.0.0", true, "get", "client", "config|get"));
    assertNull(table.find("config"));
    assertNull(table.find("config|get"));
  }

  @Test
  void nothingIsMissingBeforeAServerHasSaidAnything() {
    assertNotNull(of().find("function|delete"));
  }
}
