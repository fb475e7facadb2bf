package io.cashew.proxy.client.answer;

import static io.cashew.proxy.client.Answers.NULL;
import static io.cashew.proxy.client.Answers.NULL_ARRAY;
import static io.cashew.proxy.client.Answers.SYNTAX_ERROR;
import static io.cashew.proxy.client.Answers.badArgument;
import static io.cashew.proxy.client.Answers.integer;
import static io.cashew.proxy.client.Answers.reply;
import static io.cashew.proxy.client.Arguments.argument;

import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.HandlerTable;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandFilter;
import io.cashew.proxy.command.CommandFlag;
import io.cashew.proxy.command.CommandReply;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.command.KeyPositions;
import io.cashew.proxy.command.KeyUse;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * {@code COMMAND} and its subcommands: what is published of the command table, as Redis publishes
 * its own.
 */
final class CommandAnswers {
  private CommandAnswers() {}

  /** Adds the handlers to a table. */
  static void addTo(HandlerTable table) {
    table.on("command", (client, frame) -> entries(client, commands(client).commands()));
    table.on(
        "command|count",
        (client, frame) -> reply(client, out -> integer(out, commands(client).commands().size())));
    table.on("command|info", CommandAnswers::info);
    table.on("command|docs", CommandAnswers::docs);
    table.on("command|list", CommandAnswers::list);
    table.on("command|getkeys", CommandAnswers::getKeys);
    table.on("command|getkeysandflags", CommandAnswers::getKeysAndFlags);
  }

  private static CommandTable commands(Client client) {
    return client.pool().publishedCommands();
  }

  private static void entries(Client client, Collection<Command> rows) {
    reply(
        client,
        out -> {
          CommandReply writer = new CommandReply(out, client.session().resp3());
          writer.array(rows.size());
          rows.forEach(writer::entry);
        });
  }

  private static List<@Nullable Command> named(Client client, RequestFrame frame) {
    List<@Nullable Command> rows = new ArrayList<>();
    for (int i = 2; i < frame.argc(); i++) {
      rows.add(commands(client).find(argument(frame, i)));
    }
    return rows;
  }

  private static void info(Client client, RequestFrame frame) {
    if (frame.argc() == 2) {
      entries(client, commands(client).commands());
      return;
    }
    List<@Nullable Command> rows = named(client, frame);
    reply(
        client,
        out -> {
          CommandReply writer = new CommandReply(out, client.session().resp3());
          writer.array(rows.size());
          for (Command row : rows) {
            if (row == null) {
              out.writeBytes(client.session().resp3() ? NULL : NULL_ARRAY);
            } else {
              writer.entry(row);
            }
          }
        });
  }

  private static void docs(Client client, RequestFrame frame) {
    List<Command> rows = new ArrayList<>();
    if (frame.argc() == 2) {
      rows.addAll(commands(client).commands());
    } else {
      for (Command row : named(client, frame)) {
        if (row != null) {
          rows.add(row);
        }
      }
    }
    reply(
        client,
        out -> {
          CommandReply writer = new CommandReply(out, client.session().resp3());
          writer.map(rows.size());
          rows.forEach(writer::docs);
        });
  }

  private static void list(Client client, RequestFrame frame) {
    Predicate<Command> filter = filter(frame);
    if (filter == null) {
      badArgument(client, SYNTAX_ERROR);
      return;
    }
    List<Command> rows = commands(client).listed().stream().filter(filter).toList();
    reply(
        client,
        out -> {
          Replies.writeArrayHeader(out, rows.size());
          rows.forEach(row -> Replies.writeBulk(out, row.name()));
        });
  }

  /** What COMMAND LIST asks for; null if the request is malformed. */
  private static @Nullable Predicate<Command> filter(RequestFrame frame) {
    if (frame.argc() == 2) {
      return row -> true;
    }
    if (frame.argc() != 5 || !frame.argEquals(2, "FILTERBY")) {
      return null;
    }
    CommandFilter filter = CommandFilter.of(argument(frame, 3));
    return filter == null ? null : filter.by(argument(frame, 4));
  }

  /** A request that is the argument of COMMAND GETKEYS, and its row. */
  private record Inner(Command command, RequestFrame frame) {}

  /** The inner request if it has keys; null after an error. */
  private static @Nullable Inner inner(Client client, RequestFrame frame) {
    RequestFrame inner = new RequestFrame();
    inner.begin(frame.buf(), frame.offset(2));
    for (int i = 2; i < frame.argc(); i++) {
      inner.add(frame.offset(i), frame.length(i));
    }
    Command command = commands(client).find(inner);
    KeyPositions keys = new KeyPositions();
    if (command == null) {
      badArgument(client, "ERR Invalid command specified");
    } else if (command.keySpecs().isEmpty() || command.hasChannels()) {
      badArgument(client, "ERR The command has no key arguments");
    } else if (!command.arityMatches(inner.argc())) {
      badArgument(client, "ERR Invalid number of arguments specified for command");
    } else if (!command.keys(inner, keys)) {
      badArgument(client, "ERR Invalid arguments specified for command");
    } else if (keys.count() == 0 && !command.has(CommandFlag.NO_MANDATORY_KEYS)) {
      badArgument(client, "ERR The command has no key arguments");
    } else {
      return new Inner(command, inner);
    }
    return null;
  }

  private static void getKeys(Client client, RequestFrame frame) {
    Inner inner = inner(client, frame);
    if (inner != null) {
      List<KeyUse> keys = KeyUse.of(inner.command(), inner.frame());
      reply(
          client,
          out -> {
            Replies.writeArrayHeader(out, keys.size());
            keys.forEach(key -> key(out, inner.frame(), key.index()));
          });
    }
  }

  private static void getKeysAndFlags(Client client, RequestFrame frame) {
    Inner inner = inner(client, frame);
    if (inner != null) {
      List<KeyUse> keys = KeyUse.of(inner.command(), inner.frame());
      reply(
          client,
          out -> {
            CommandReply writer = new CommandReply(out, client.session().resp3());
            writer.array(keys.size());
            for (KeyUse key : keys) {
              writer.array(2);
              key(out, inner.frame(), key.index());
              writer.flags(key.flags());
            }
          });
    }
  }

  private static void key(ByteBuf out, RequestFrame frame, int argument) {
    Replies.writeBulk(out, frame.buf(), frame.offset(argument), frame.length(argument));
  }
}
