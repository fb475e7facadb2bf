package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.AT_ONCE;

import io.cashew.proxy.command.CommandTable;
import java.util.List;

/**
 * What is said of commands.
 *
 * @param admin what happens to commands that administer a node
 * @param declared commands of the user's own, each name once, none of Redis's own
 */
public record CommandSettings(AdminCommands admin, List<DeclaredCommand> declared) {
  /** The rows of its settings. */
  public static final Table<CommandSettings> TABLE = Table.of(CommandSettings::new);

  public static final Setting<CommandSettings, AdminCommands> ADMIN =
      TABLE.row(
          "admin-commands",
          Kinds.choice(AdminCommands.class),
          "refuse",
          AT_ONCE,
          CommandSettings::admin,
          "What happens to commands that administer a node (`CONFIG`, `SLOWLOG`): a clear error, or"
              + " sent to every node. Clients should not change a server behind a proxy's back. With"
              + " `all-nodes` any client may also decide about others (`CLIENT KILL`, `PAUSE`,"
              + " `UNPAUSE`, `UNBLOCK`), which is else for users whose rules include it. In a"
              + " transaction the other nodes get them when `EXEC` has carried it out, and their"
              + " errors are logged.");

  public static final Setting<CommandSettings, List<DeclaredCommand>> DECLARED =
      TABLE.add(
          Setting.of(
              "commands",
              CommandsReader.KIND,
              "{}",
              List.of(),
              AT_ONCE,
              CommandSettings::declared,
              "Commands that Cashew does not know, by name (keys below): of modules, or those that the"
                  + " nodes have under another name. A name with a dot needs quotes. What is known of"
                  + " RedisJSON, RediSearch, RedisBloom and RedisTimeSeries may be declared otherwise;"
                  + " Redis's own commands may not."));

  private CommandSettings(Values<CommandSettings> from) {
    this(from.get(ADMIN), from.get(DECLARED));
  }

  public CommandSettings {
    declared = List.copyOf(declared);
  }

  /** The rows of all commands: Redis's own and those that are declared. */
  public CommandTable table() {
    return DeclaredCommand.table(declared);
  }
}
