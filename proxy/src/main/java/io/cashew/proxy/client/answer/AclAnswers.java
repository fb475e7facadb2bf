package io.cashew.proxy.client.answer;

import static io.cashew.proxy.client.Answers.NOT_AN_INTEGER;
import static io.cashew.proxy.client.Answers.NULL;
import static io.cashew.proxy.client.Answers.NULL_BULK;
import static io.cashew.proxy.client.Answers.OK;
import static io.cashew.proxy.client.Answers.badArgument;
import static io.cashew.proxy.client.Answers.bulk;
import static io.cashew.proxy.client.Answers.reply;
import static io.cashew.proxy.client.Arguments.argument;
import static io.cashew.proxy.client.Arguments.number;

import io.cashew.proxy.acl.AccessCheck;
import io.cashew.proxy.acl.AclLog;
import io.cashew.proxy.acl.Selector;
import io.cashew.proxy.acl.User;
import io.cashew.proxy.acl.Users;
import io.cashew.proxy.acl.Verdict;
import io.cashew.proxy.client.Answers;
import io.cashew.proxy.client.Arguments;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.HandlerTable;
import io.cashew.proxy.command.AclCategory;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandErrors;
import io.cashew.proxy.command.CommandReply;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** The subcommands of {@code ACL} that tell of users; none changes them. */
final class AclAnswers {
  private static final int PASSWORD_BITS = 256;
  private static final int PASSWORD_BITS_MAX = 4096;
  private static final long LOG_ENTRIES = 10;

  private final CommandTable commands;
  private final SecureRandom random = new SecureRandom();

  private AclAnswers(CommandTable commands) {
    this.commands = commands;
  }

  /** Adds the handlers to a table. */
  static void addTo(HandlerTable table) {
    AclAnswers answers = new AclAnswers(table.commands());
    table.on("acl|whoami", (client, frame) -> bulk(client, client.session().rights().name()));
    table.on("acl|users", (client, frame) -> bulks(client, users(client).map(User::name)));
    table.on(
        "acl|list",
        (client, frame) ->
            bulks(client, users(client).map(user -> "user " + user.name() + " " + user.rules())));
    table.on("acl|getuser", AclAnswers::getUser);
    table.on("acl|cat", answers::cat);
    table.on("acl|genpass", answers::genPass);
    table.on("acl|dryrun", answers::dryRun);
    table.on("acl|log", AclAnswers::log);
  }

  private static Users usersOf(Client client) {
    return client.pool().users();
  }

  private static Stream<User> users(Client client) {
    return usersOf(client).all().stream();
  }

  private static void bulks(Client client, Stream<String> texts) {
    reply(client, out -> writeBulks(out, texts.toList()));
  }

  private static void writeBulks(ByteBuf out, Collection<String> texts) {
    Replies.writeArrayHeader(out, texts.size());
    texts.forEach(text -> Replies.writeBulk(out, text));
  }

  // ---------------------------------------------------------------- GETUSER

  private static void getUser(Client client, RequestFrame frame) {
    boolean resp3 = client.session().resp3();
    User user = usersOf(client).find(argument(frame, 2));
    if (user == null) {
      client.reply(resp3 ? NULL : NULL_BULK);
    } else {
      reply(client, out -> write(user, out, new CommandReply(out, resp3)));
    }
  }

  private static void write(User user, ByteBuf out, CommandReply reply) {
    List<Selector> selectors = user.selectors();
    reply.map(6);
    Replies.writeBulk(out, "flags");
    reply.set(user.flags().size());
    user.flags().forEach(flag -> Replies.writeBulk(out, flag));
    Replies.writeBulk(out, "passwords");
    writeBulks(out, user.passwords());
    write(selectors.get(0), out);
    Replies.writeBulk(out, "selectors");
    Replies.writeArrayHeader(out, selectors.size() - 1);
    for (Selector selector : selectors.subList(1, selectors.size())) {
      reply.map(3);
      write(selector, out);
    }
  }

  private static void write(Selector selector, ByteBuf out) {
    Replies.writeBulk(out, "commands");
    Replies.writeBulk(out, selector.commands());
    Replies.writeBulk(out, "keys");
    Replies.writeBulk(out, selector.keys());
    Replies.writeBulk(out, "channels");
    Replies.writeBulk(out, selector.channels());
  }

  // ---------------------------------------------------------------- CAT, GENPASS

  private void cat(Client client, RequestFrame frame) {
    if (frame.argc() > 3) {
      wrongArguments(client, frame);
    } else if (frame.argc() == 2) {
      bulks(client, Stream.of(AclCategory.values()).map(AclCategory::word));
    } else {
      AclCategory category = Users.category(argument(frame, 2));
      if (category == null) {
        badArgument(client, "ERR Unknown category '" + latin1(frame, 2, 128) + "'");
      } else {
        bulks(
            client,
            client.pool().publishedCommands().all().stream()
                .filter(command -> command.aclCategories().contains(category))
                .map(Command::name));
      }
    }
  }

  /** Redis takes more arguments than the rows say, and then words it so. */
  private static void wrongArguments(Client client, RequestFrame frame) {
    badArgument(
        client,
        "ERR unknown subcommand or wrong number of arguments for '"
            + latin1(frame, 1, 128)
            + "'. Try ACL HELP.");
  }

  /** What a client has sent, for an error: characters are bytes. */
  private static String latin1(RequestFrame frame, int argument, int max) {
    int length = Math.min(frame.length(argument), max);
    return frame.buf().toString(frame.offset(argument), length, StandardCharsets.ISO_8859_1);
  }

  private void genPass(Client client, RequestFrame frame) {
    if (frame.argc() > 3) {
      wrongArguments(client, frame);
      return;
    }
    Long bits = frame.argc() == 2 ? Long.valueOf(PASSWORD_BITS) : number(argument(frame, 2));
    if (bits == null) {
      badArgument(client, NOT_AN_INTEGER);
    } else if (bits <= 0 || bits > PASSWORD_BITS_MAX) {
      badArgument(
          client,
          "ERR ACL GENPASS argument must be the number of bits for the output password, a positive"
              + " number up to "
              + PASSWORD_BITS_MAX);
    } else {
      int digits = (int) (bits + 3) / 4;
      byte[] bytes = new byte[(digits + 1) / 2];
      random.nextBytes(bytes);
      bulk(client, HexFormat.of().formatHex(bytes).substring(0, digits));
    }
  }

  // ---------------------------------------------------------------- DRYRUN

  private void dryRun(Client client, RequestFrame frame) {
    User user = usersOf(client).find(argument(frame, 2));
    if (user == null) {
      badArgument(client, "ERR User '" + latin1(frame, 2, 128) + "' not found");
      return;
    }
    RequestFrame request = new RequestFrame();
    request.begin(frame.buf(), frame.start());
    for (int i = 3; i < frame.argc(); i++) {
      request.add(frame.offset(i), frame.length(i));
    }
    request.finish(frame.end());
    Command command = commands.find(request);
    if (command == null || (command.isContainer() && request.argc() > 1)) {
      badArgument(client, "ERR Command '" + latin1(request, 0, 128) + "' not found");
    } else if (!command.arityMatches(request.argc())) {
      badArgument(client, CommandErrors.wrongArity(command));
    } else {
      dryRun(client, user, command, request);
    }
  }

  private static void dryRun(Client client, User user, Command command, RequestFrame request) {
    AccessCheck check = new AccessCheck();
    Verdict verdict = check.check(user, command, request);
    String start = "User " + user.name() + " has no permissions to ";
    switch (verdict) {
      case ALLOWED, SORT_PATTERN, MALFORMED -> client.reply(OK);
      case COMMAND -> bulk(client, start + "run the '" + command.name() + "' command");
      case KEY -> denied(client, start, Arguments.bytes(request, check.argument()), "key");
      case CHANNEL -> denied(client, start, Arguments.bytes(request, check.argument()), "channel");
    }
  }

  private static void denied(Client client, String start, byte[] object, String kind) {
    byte[] before = Replies.bytes(start + "access the '");
    byte[] after = Replies.bytes("' " + kind);
    reply(
        client,
        out -> {
          Replies.writeBulkHeader(out, before.length + object.length + after.length);
          out.writeBytes(before).writeBytes(object).writeBytes(after).writeBytes(Answers.CRLF);
        });
  }

  // ---------------------------------------------------------------- LOG

  private static void log(Client client, RequestFrame frame) {
    AclLog log = client.pool().aclLog();
    if (frame.argc() > 3) {
      wrongArguments(client, frame);
    } else if (frame.argc() == 3 && frame.argEquals(2, "RESET")) {
      log.clear();
      client.reply(OK);
    } else {
      Long count = frame.argc() == 2 ? Long.valueOf(LOG_ENTRIES) : number(argument(frame, 2));
      if (count == null) {
        badArgument(client, NOT_AN_INTEGER);
      } else {
        writeLog(client, log.newest(count));
      }
    }
  }

  private static void writeLog(Client client, List<AclLog.Entry> entries) {
    boolean resp3 = client.session().resp3();
    long nowMillis = System.currentTimeMillis();
    reply(
        client,
        out -> {
          CommandReply reply = new CommandReply(out, resp3);
          Replies.writeArrayHeader(out, entries.size());
          for (AclLog.Entry entry : entries) {
            reply.map(10);
            Replies.writeBulk(out, "count");
            Replies.writeInteger(out, entry.count());
            Replies.writeBulk(out, "reason");
            Replies.writeBulk(out, entry.reason().word());
            Replies.writeBulk(out, "context");
            Replies.writeBulk(out, entry.context().word());
            Replies.writeBulk(out, "object");
            Replies.writeBulk(out, entry.object());
            Replies.writeBulk(out, "username");
            Replies.writeBulk(out, entry.username());
            Replies.writeBulk(out, "age-seconds");
            writeSeconds(out, resp3, nowMillis - entry.updatedMillis());
            Replies.writeBulk(out, "client-info");
            Replies.writeBulk(out, entry.client());
            Replies.writeBulk(out, "entry-id");
            Replies.writeInteger(out, entry.id());
            Replies.writeBulk(out, "timestamp-created");
            Replies.writeInteger(out, entry.createdMillis());
            Replies.writeBulk(out, "timestamp-last-updated");
            Replies.writeInteger(out, entry.updatedMillis());
          }
        });
  }

  /** The shortest decimal, as Redis 7.2 writes doubles: {@code 0.25}, {@code 3}. */
  private static void writeSeconds(ByteBuf out, boolean resp3, long millis) {
    String text = BigDecimal.valueOf(Math.max(0, millis), 3).stripTrailingZeros().toPlainString();
    if (resp3) {
      out.writeByte(',').writeBytes(Replies.bytes(text)).writeBytes(Answers.CRLF);
    } else {
      Replies.writeBulk(out, text);
    }
  }
}
