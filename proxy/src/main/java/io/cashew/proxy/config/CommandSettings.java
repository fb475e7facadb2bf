package io.cashew.proxy.config;

import io.cashew.proxy.command.CommandTable;
import java.util.List;

/**
 * What is said of commands.
 *
 * @param admin what happens to commands that administer a node
 * @param declared commands of the user's own, each name once, none of Redis's own
 */
public record CommandSettings(AdminCommands admin, List<DeclaredCommand> declared) {
  public CommandSettings {
    declared = List.copyOf(declared);
  }

  /** The rows of all commands: Redis's own and those that are declared. */
  public CommandTable table() {
    return DeclaredCommand.table(declared);
  }
}
