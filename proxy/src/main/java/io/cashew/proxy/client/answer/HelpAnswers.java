package io.cashew.proxy.client.answer;

import static io.cashew.proxy.client.Answers.reply;

import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.HandlerTable;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandReply;
import io.cashew.proxy.command.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code HELP} of the containers whose subcommands the proxy answers itself: those that it does
 * answer, with the line that Redis's documentation has for each. Other containers' help comes from
 * a node, whose subcommands they are.
 */
final class HelpAnswers {
  private static final String SUFFIX = "|help";

  private HelpAnswers() {}

  /** Adds the handlers to a table. */
  static void addTo(HandlerTable table) {
    for (Command row : table.commands().all()) {
      if (row.kind() == Kind.LOCAL && row.name().endsWith(SUFFIX)) {
        String name = row.name().substring(0, row.name().length() - SUFFIX.length());
        Command container = table.commands().find(name);
        if (container != null && container.listsSubcommands()) {
          table.on(row.name(), (client, frame) -> help(table, container, client));
        }
      }
    }
  }

  private static void help(HandlerTable table, Command container, Client client) {
    List<String> lines = new ArrayList<>();
    lines.add(
        container.name().toUpperCase(Locale.ROOT)
            + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
    for (Command row : container.subcommands()) {
      if (table.carriesOut(row) && !row.name().endsWith(SUFFIX)) {
        lines.add(row.name().substring(container.name().length() + 1).toUpperCase(Locale.ROOT));
        @Nullable String summary = row.summary();
        lines.add("    " + (summary == null ? "Not documented." : summary));
      }
    }
    lines.add("HELP");
    lines.add("    Print this help.");
    reply(
        client,
        out -> {
          CommandReply writer = new CommandReply(out, client.session().resp3());
          writer.array(lines.size());
          lines.forEach(writer::simple);
        });
  }
}
