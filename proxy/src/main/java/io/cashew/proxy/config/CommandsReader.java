package io.cashew.proxy.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandFlag;
import io.cashew.proxy.command.CommandTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads {@code pools.NAME.commands}: names that users choose, so that no row of {@link HoconKeys}
 * can list them, with an object each. Used by the thread that reads the file.
 */
final class CommandsReader {
  private final Section pool;
  private final Map<String, DeclaredCommand> found = new LinkedHashMap<>();

  private CommandsReader(Section pool) {
    this.pool = pool;
  }

  /** The commands of a pool, in the order of their names. */
  static List<DeclaredCommand> read(Section pool) {
    Optional<ConfigObject> object = pool.get(HoconKeys.COMMANDS);
    CommandsReader reader = new CommandsReader(pool);
    List<Map.Entry<String, ConfigValue>> entries =
        new ArrayList<>(object.map(ConfigObject::entrySet).orElse(Set.of()));
    entries.sort(
        Comparator.<Map.Entry<String, ConfigValue>>comparingInt(
                entry -> entry.getValue().origin().lineNumber())
            .thenComparing(Map.Entry::getKey));
    entries.forEach(entry -> reader.add(entry.getKey(), entry.getValue()));
    reader.checkSubcommands();
    return reader.found.values().stream()
        .sorted(Comparator.comparing(DeclaredCommand::name))
        .toList();
  }

  private static String path(String name) {
    return HoconKeys.COMMANDS.name() + "." + ConfigUtil.joinPath(name);
  }

  private void add(String given, ConfigValue value) {
    String name = given.toLowerCase(Locale.ROOT);
    if (!(value instanceof ConfigObject object)) {
      pool.report(
          value,
          path(given),
          "must be an object { first-key, arity, … }, not " + Kinds.typeName(value));
      return;
    }
    Section section = pool.inside(object, pool.path() + "." + path(given), HoconKeys.COMMAND);
    Optional<String> half = section.nameWithoutQuotes(given);
    if (half.isPresent()) {
      pool.report(value, path(given), half.get());
      return;
    }
    Command known = CommandTable.standard().find(name);
    if (known != null && !known.has(CommandFlag.MODULE)) {
      pool.report(
          value,
          path(given),
          "is a command of Redis itself, whose keys Cashew knows: remove it; only commands of"
              + " modules, and commands under names of your own, are declared");
      return;
    }
    read(name, object, section).ifPresent(settings -> claim(settings, given, object));
  }

  private Optional<DeclaredCommand> read(String name, ConfigObject object, Section section) {
    section.refuseUnknownKeys();
    int firstKey = section.get(HoconKeys.COMMAND_FIRST_KEY);
    int lastKey = section.get(HoconKeys.COMMAND_LAST_KEY).orElse(firstKey);
    DeclaredCommand settings =
        new DeclaredCommand(
            name,
            section.get(HoconKeys.COMMAND_ARITY).orElse(-1 - Math.max(firstKey, lastKey)),
            firstKey,
            lastKey,
            section.get(HoconKeys.COMMAND_KEY_STEP),
            section.get(HoconKeys.COMMAND_WRITES));
    if (firstKey == 0 && section.has(HoconKeys.COMMAND_LAST_KEY)) {
      section.report(HoconKeys.COMMAND_LAST_KEY, "needs a first-key: 0 says that it has no keys");
      return Optional.empty();
    }
    try {
      settings.row();
      return Optional.of(settings);
    } catch (IllegalArgumentException wrong) {
      section.report(object, "", String.valueOf(wrong.getMessage()));
      return Optional.empty();
    }
  }

  private void claim(DeclaredCommand settings, String given, ConfigObject object) {
    if (found.putIfAbsent(settings.name(), settings) != null) {
      pool.report(
          object,
          path(given),
          "is declared twice: the names of commands have no case, so '"
              + settings.name()
              + "' is the same command");
    }
  }

  /** A subcommand without its container is the one thing that a row by itself does not show. */
  private void checkSubcommands() {
    try {
      CommandTable.standard().with(found.values().stream().map(DeclaredCommand::row).toList());
    } catch (IllegalArgumentException wrong) {
      pool.report(HoconKeys.COMMANDS, String.valueOf(wrong.getMessage()));
      found.clear(); // so that what is read is a table in any case
    }
  }
}
