package io.cashew.proxy.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandFlag;
import io.cashew.proxy.command.CommandTable;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Reads and writes {@code pools.NAME.commands}: names that users choose, with an object each. Used
 * by the thread that reads the file.
 */
final class CommandsReader {
  private static final String FORM =
      "an object of commands: { \"my.command\" = { first-key = 1 }, … }";

  static final Kind<List<DeclaredCommand>> KIND =
      Kind.<List<DeclaredCommand>>structure(
              FORM,
              (value, place) -> new CommandsReader(place).read(Kinds.objectOf(value, FORM), value))
          .shownAs(commands -> commands.size() + " of them")
          .writtenAs(
              (commands, hides) ->
                  Kinds.named(commands, DeclaredCommand::name, DeclaredCommand.TABLE, hides))
          .withElements(DeclaredCommand.TABLE);

  private final Place place;
  private final Map<String, DeclaredCommand> found = new LinkedHashMap<>();

  private CommandsReader(Place place) {
    this.place = place;
  }

  /** The commands of a pool, in the order of their names. */
  private List<DeclaredCommand> read(ConfigObject object, ConfigValue value) {
    place
        .named(
            object,
            DeclaredCommand.TABLE,
            wrong -> "must be an object { first-key, arity, … }, not " + Kinds.typeName(wrong))
        .forEach(this::add);
    checkSubcommands(value);
    return found.values().stream().sorted(Comparator.comparing(DeclaredCommand::name)).toList();
  }

  private void add(Section section) {
    String name = section.name().toLowerCase(Locale.ROOT);
    Command known = CommandTable.standard().find(name);
    if (known != null && !known.has(CommandFlag.MODULE)) {
      report(
          section,
          "is a command of Redis itself, whose keys Cashew knows: remove it; only commands of"
              + " modules, and commands under names of your own, are declared");
      return;
    }
    read(name, section).ifPresent(settings -> claim(settings, section));
  }

  private static void report(Section section, String text) {
    section.report(section.self(), "", text);
  }

  private static Optional<DeclaredCommand> read(String name, Section section) {
    section.refuseUnknownKeys();
    DeclaredCommand settings = new DeclaredCommand(name, section.values());
    if (settings.firstKey() == 0 && section.has(DeclaredCommand.LAST_KEY)) {
      section.report(DeclaredCommand.LAST_KEY, "needs a first-key: 0 says that it has no keys");
      return Optional.empty();
    }
    try {
      settings.row();
      return Optional.of(settings);
    } catch (IllegalArgumentException wrong) {
      report(section, String.valueOf(wrong.getMessage()));
      return Optional.empty();
    }
  }

  private void claim(DeclaredCommand settings, Section section) {
    if (found.putIfAbsent(settings.name(), settings) != null) {
      report(
          section,
          "is declared twice: the names of commands have no case, so '"
              + settings.name()
              + "' is the same command");
    }
  }

  /** A subcommand without its container is the one thing that a row by itself does not show. */
  private void checkSubcommands(ConfigValue value) {
    try {
      CommandTable.standard().with(found.values().stream().map(DeclaredCommand::row).toList());
    } catch (IllegalArgumentException wrong) {
      place.report(value, place.key(), String.valueOf(wrong.getMessage()));
      found.clear(); // so that what is read is a table in any case
    }
  }
}
