package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.AT_ONCE;

import io.cashew.proxy.command.CommandTable;
import java.util.List;

/**
 * What is said of commands.
 *
 * @param admin what happens to commands that administer a node
 * @param declared commands of the user's own, each name once, none of Redis's own
 * @param crossShardReads what becomes of reads over keys of several nodes
 * @param crossShardElements of the keys of one such read, at most
 * @param crossShardBytes of what nodes say of the keys of one such read, at most
 */
public record CommandSettings(
    AdminCommands admin,
    List<DeclaredCommand> declared,
    CrossShardReads crossShardReads,
    int crossShardElements,
    long crossShardBytes) {
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

  public static final Setting<CommandSettings, CrossShardReads> CROSS_SHARD_READS =
      TABLE.row(
          "cross-shard-reads",
          Kinds.choice(CrossShardReads.class),
          "refuse",
          AT_ONCE,
          CommandSettings::crossShardReads,
          "What becomes of `SINTER SUNION SDIFF SINTERCARD ZINTER ZUNION ZDIFF ZINTERCARD PFCOUNT LCS`"
              + " whose keys are on several nodes: `CROSSSLOT`, or computed of what each node says of"
              + " its keys. That is not atomic, costs memory and time of the proxy by the size of the"
              + " keys, and needs Redis 6.2 for sorted sets.");

  public static final Setting<CommandSettings, Integer> CROSS_SHARD_ELEMENTS =
      TABLE.row(
          "cross-shard-limit.elements",
          Kinds.integer(1, 100_000_000),
          "1000000",
          AT_ONCE,
          CommandSettings::crossShardElements,
          "Elements of all keys of one such read; above it an error. `LCS` may compare a thousand"
              + " times as many pairs of characters.");

  public static final Setting<CommandSettings, Long> CROSS_SHARD_BYTES =
      TABLE.row(
          "cross-shard-limit.bytes",
          Kinds.size(1 << 10, 1 << 30),
          "64MiB",
          AT_ONCE,
          CommandSettings::crossShardBytes,
          "Bytes of all that nodes say for one such read; above it, or above"
              + " `limits.unsent-per-client-hard`, an error.");

  private CommandSettings(Values<CommandSettings> from) {
    this(
        from.get(ADMIN),
        from.get(DECLARED),
        from.get(CROSS_SHARD_READS),
        from.get(CROSS_SHARD_ELEMENTS),
        from.get(CROSS_SHARD_BYTES));
  }

  public CommandSettings {
    declared = List.copyOf(declared);
  }

  /** The rows of all commands: Redis's own and those that are declared. */
  public CommandTable table() {
    return DeclaredCommand.table(declared);
  }
}
