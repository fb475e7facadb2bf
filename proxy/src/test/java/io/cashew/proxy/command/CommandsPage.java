package io.cashew.proxy.command;

import io.cashew.proxy.route.computed.ComputedRead;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes {@code docs/commands.md} from the rows. */
final class CommandsPage {
  private static final String HEAD =
      """
      # Commands

      What Cashew does with every command of Redis, and why. This page is generated from the command
      table; a test fails when it is not what the rows say.

      A command that is not here is answered as Redis answers what it does not know, and the
      connection stays open. `pools.NAME.commands` in the configuration declares others with the
      place of their keys; the commands of modules that are here may be declared otherwise there.

      | kind | what Cashew does | commands |
      |---|---|---|
      """;

  private CommandsPage() {}

  static String of(CommandTable table) {
    StringBuilder page = new StringBuilder(HEAD);
    for (Kind kind : Kind.values()) {
      page.append("| %s | %s | %d |%n".formatted(word(kind), kind.meaning(), count(table, kind)));
    }
    groups(table).forEach(group -> group(table, group, page));
    return page.toString().replace("\r\n", "\n");
  }

  private static long count(CommandTable table, Kind kind) {
    return table.all().stream().filter(row -> row.kind() == kind && !isOnlyContainer(row)).count();
  }

  private static List<String> groups(CommandTable table) {
    return table.all().stream().map(Command::group).distinct().sorted().toList();
  }

  private static void group(CommandTable table, String group, StringBuilder page) {
    page.append("%n## %s%n%n| command | kind | why |%n|---|---|---|%n".formatted(title(group)));
    for (Command row : table.all()) {
      if (row.group().equals(group) && !isOnlyContainer(row)) {
        page.append("| `%s` | %s | %s |%n".formatted(display(row), word(row.kind()), reason(row)));
      }
    }
  }

  private static boolean isOnlyContainer(Command row) {
    return row.isContainer() && row.arity() == -2 && row.listsSubcommands();
  }

  private static String title(String group) {
    String words = group.replace('-', ' ');
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
  }

  private static String display(Command row) {
    return row.name().replace('|', ' ').toUpperCase(Locale.ROOT);
  }

  private static String word(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private static String reason(Command row) {
    @Nullable String why = row.why();
    return why != null ? why.replace("|", "\\|") : general(row);
  }

  private static String general(Command row) {
    return switch (row.kind()) {
      case FORWARD -> forwarded(row);
      case SPLIT -> "Its keys are grouped by node; " + merged(row);
      case KEYSPACE -> "Sent to every node; " + merged(row);
      case TRANSACTION -> "On a connection of the client's own, to the node of its first key";
      case BLOCKING -> "On a connection of the client's own; keys must be on one node";
      case PUBSUB -> row.hasChannels() ? "By its channels" : "Asked of every node";
      case LOCAL -> "The proxy answers for its own clients";
      case ADMIN ->
          row.firstKey() > 0
              ? "Refused, or by its key with `admin-commands = all-nodes`"
              : "Refused, or sent to every node with `admin-commands = all-nodes`";
      case REFUSED, ONE_NODE ->
          throw new IllegalStateException(row + " does not say why it is refused");
    };
  }

  private static String forwarded(Command row) {
    if (row.keySpecs().isEmpty()) {
      return "No keys: one node answers";
    }
    boolean isOneKey = row.firstKey() > 0 && row.firstKey() == row.lastKey();
    if (isOneKey) {
      return "By its key";
    }
    return "By its keys, which must be on one node"
        + (ComputedRead.of(row) == null
            ? ""
            : ", or computed here (`cross-shard-reads = compute`)");
  }

  private static String merged(Command row) {
    return switch (row.responsePolicy()) {
      case DEFAULT -> "the answer of one that has something to say";
      case CONCATENATED -> "the lists are joined";
      case KEY_ORDER -> "the values come in the order of the keys";
      case ONE_SUCCEEDED -> "one success is enough";
      case ALL_SUCCEEDED -> "all must succeed";
      case AGG_SUM -> "the numbers are added";
      case AGG_MIN -> "the least number counts";
      case AGG_MAX -> "the greatest number counts";
      case AGG_LOGICAL_AND -> "true if it is on all";
      case AGG_LOGICAL_OR -> "true if it is on any";
      case SPECIAL -> "the answers are merged as this command needs it";
    };
  }
}
