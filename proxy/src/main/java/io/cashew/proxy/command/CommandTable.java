package io.cashew.proxy.command;

import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All commands that a pool knows. Immutable, shared by all threads.
 *
 * <p>The standard rows are those of Redis 8.10 and Valkey 9.1 and of the modules that come with
 * them; flags, categories and key specs as Redis 7.0 publishes them, or the first version that has
 * the command.
 */
public final class CommandTable {
  private static final CommandTable STANDARD = new CommandTable(standardRows(), 0);
  private static final CommandTable MEMCACHED =
      new CommandTable(MemcachedCommands.rows().stream(), 0);

  private final SortedMap<String, Command> rows;
  private final NameTable table;
  private final int ids;

  private CommandTable(Stream<Command> commands, int idsTaken) {
    TreeMap<String, Command> byName = new TreeMap<>();
    commands.forEach(row -> byName.put(row.name(), row));
    int next = idsTaken;
    for (Map.Entry<String, Command> row : byName.entrySet()) {
      if (row.getValue().id() == Command.NO_ID) {
        row.setValue(row.getValue().withId(next++));
      }
    }
    ids = next;
    byName.replaceAll((name, row) -> joined(row, byName));
    rows = Collections.unmodifiableSortedMap(byName);
    table =
        NameTable.of(
            rows.values().stream().filter(row -> row.name().indexOf('|') < 0).toList(),
            Command::name);
  }

  private static Command joined(Command row, SortedMap<String, Command> rows) {
    // '}' is the character after '|'.
    Collection<Command> subcommands = rows.subMap(row.name() + '|', row.name() + '}').values();
    int bar = row.name().indexOf('|');
    if (bar >= 0 && !rows.containsKey(row.name().substring(0, bar))) {
      throw new IllegalArgumentException(
          "command '%s': there is no command '%s'; add a row for it, too"
              .formatted(row.name(), row.name().substring(0, bar)));
    }
    return subcommands.isEmpty() && !row.isContainer()
        ? row
        : row.withSubcommands(List.copyOf(subcommands));
  }

  private static Stream<Command> standardRows() {
    return Stream.of(
            ArrayCommands.rows(),
            BitmapCommands.rows(),
            ClusterCommands.rows(),
            ConnectionCommands.rows(),
            DebugCommands.rows(),
            GenericCommands.rows(),
            GeoCommands.rows(),
            HashCommands.rows(),
            HyperLogLogCommands.rows(),
            ListCommands.rows(),
            ModuleCommands.rows(),
            PubSubCommands.rows(),
            ScriptingCommands.rows(),
            ServerCommands.rows(),
            SetCommands.rows(),
            SortedSetCommands.rows(),
            StreamCommands.rows(),
            StringCommands.rows(),
            TransactionCommands.rows(),
            VectorSetCommands.rows())
        .flatMap(List::stream);
  }

  /** Redis's commands. */
  public static CommandTable standard() {
    return STANDARD;
  }

  /** Those of memcached's text protocol. */
  public static CommandTable memcached() {
    return MEMCACHED;
  }

  /**
   * This table with more rows; a row replaces the one of its name.
   *
   * @throws IllegalArgumentException if a subcommand has no container
   */
  public CommandTable with(Collection<Command> more) {
    if (more.isEmpty()) {
      return this;
    }
    return new CommandTable(Stream.concat(rows.values().stream(), more.stream()), ids);
  }

  /** Those rows of this table that {@code wanted} says, with their ids. */
  public CommandTable only(Predicate<Command> wanted) {
    return new CommandTable(rows.values().stream().filter(wanted), ids);
  }

  /** Each row as {@code change} makes it, which keeps its name and its id. */
  public CommandTable map(UnaryOperator<Command> change) {
    return new CommandTable(rows.values().stream().map(change), ids);
  }

  /** The command (not subcommand) whose name is these bytes, in any case; null if there is none. */
  public @Nullable Command find(ByteBuf buf, int offset, int length) {
    return table.find(buf, offset, length);
  }

  /** The subcommand of {@code container} whose name is these bytes; null if there is none. */
  public @Nullable Command findSubcommand(Command container, ByteBuf buf, int offset, int length) {
    return container.subcommand(buf, offset, length);
  }

  /**
   * The subcommand of a request that names {@code container} and has at least two arguments; null
   * if it is unknown. A container that does not list its subcommands takes what is of no other
   * row's shape itself.
   */
  public @Nullable Command findSubcommand(Command container, RequestFrame frame) {
    Command subcommand = container.subcommand(frame.buf(), frame.offset(1), frame.length(1));
    if (container.listsSubcommands()) {
      return subcommand;
    }
    return subcommand == null || !subcommand.arityMatches(frame.argc()) ? container : subcommand;
  }

  /**
   * The command or subcommand of a request of at least one argument; null if its name is unknown. A
   * container is the answer if the request names none of its subcommands.
   */
  public @Nullable Command find(RequestFrame frame) {
    Command command = table.find(frame.buf(), frame.offset(0), frame.length(0));
    if (command == null || !command.isContainer() || frame.argc() == 1) {
      return command;
    }
    Command subcommand = findSubcommand(command, frame);
    return subcommand == null ? command : subcommand;
  }

  /** The row of this name, {@code container|subcommand} for a subcommand; null if there is none. */
  public @Nullable Command find(String name) {
    return rows.get(name.toLowerCase(Locale.ROOT));
  }

  /** All {@link Command#id ids} are below this. */
  public int ids() {
    return ids;
  }

  /** All commands without subcommands, which their containers have; in the order of names. */
  public Collection<Command> commands() {
    return table.commands();
  }

  /** The rows that Redis publishes, subcommands too, in the order of names. */
  public Collection<Command> listed() {
    return rows.values().stream().filter(this::isListed).toList();
  }

  private boolean isListed(Command row) {
    int bar = row.name().indexOf('|');
    Command container = bar < 0 ? null : rows.get(row.name().substring(0, bar));
    return container == null || container.listsSubcommands();
  }

  /** All rows, subcommands too, in the order of names. */
  public Collection<Command> all() {
    return rows.values();
  }
}
