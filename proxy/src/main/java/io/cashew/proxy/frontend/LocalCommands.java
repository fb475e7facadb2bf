package io.cashew.proxy.frontend;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandReply;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.command.KeyPositions;
import io.cashew.proxy.metrics.RefusalKind;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The commands that the proxy answers itself, for each client, with Redis's own words. One per pool
 * and worker, confined to it.
 */
final class LocalCommands {

  /** Answers one command; the frame is borrowed. */
  private interface Handler {
    void run(ClientHandler client, RequestFrame frame);
  }

  private static final byte[] OK = Replies.simple("OK");
  private static final byte[] PONG = Replies.simple("PONG");
  private static final byte[] NULL_ARRAY = Replies.bytes("*-1\r\n");
  private static final byte[] RESET = Replies.simple("RESET");
  private static final byte[] NULL = Replies.bytes("_\r\n");
  private static final byte[] NULL_BULK = Replies.bytes("$-1\r\n");
  private static final String SYNTAX_ERROR = "ERR syntax error";
  private static final String NOT_AN_INTEGER = "ERR value is not an integer or out of range";

  private final CommandTable commands;
  private final ProxyFacts proxy;
  private final IdentityHashMap<Command, Handler> handlers = new IdentityHashMap<>();

  LocalCommands(CommandTable commands, ProxyFacts proxy) {
    this.commands = commands;
    this.proxy = proxy;
    on("ping", this::ping);
    on("echo", LocalCommands::echo);
    on("quit", LocalCommands::quit);
    on("reset", LocalCommands::reset);
    on("select", LocalCommands::select);
    on("time", LocalCommands::time);
    on("info", this::info);
    on("auth", LocalCommands::auth);
    on("hello", this::hello);
    on("client|id", (client, frame) -> reply(client, out -> integer(out, client.session().id())));
    on("client|getname", LocalCommands::clientGetName);
    on("client|setname", LocalCommands::clientSetName);
    on("client|setinfo", LocalCommands::clientSetInfo);
    on("client|info", (client, frame) -> text(client, client.session().line() + "\n"));
    on("client|no-evict", LocalCommands::onOrOff);
    on("client|no-touch", LocalCommands::onOrOff);
    on("command", (client, frame) -> entries(client, commands.commands()));
    on(
        "command|count",
        (client, frame) -> reply(client, out -> integer(out, commands.commands().size())));
    on("command|info", this::commandInfo);
    on("command|docs", this::commandDocs);
    on("command|list", this::commandList);
    on("command|getkeys", this::commandGetKeys);
  }

  private void on(String name, Handler handler) {
    Command command = commands.find(name);
    if (command == null) {
      throw new IllegalStateException("no row for command '" + name + "'");
    }
    handlers.put(command, handler);
  }

  /** Answers {@code command}, or refuses it if this version cannot. */
  void run(Command command, ClientHandler client, RequestFrame frame) {
    Handler handler = handlers.get(command);
    if (handler == null) {
      client.refuseCommand(command);
    } else {
      handler.run(client, frame);
    }
  }

  private interface Writer {
    void write(ByteBuf out);
  }

  private static void reply(ClientHandler client, Writer writer) {
    ByteBuf out = client.pool().worker().allocator().directBuffer();
    try {
      writer.write(out);
      client.reply(out);
    } finally {
      out.release();
    }
  }

  private static void integer(ByteBuf out, long value) {
    Replies.writeInteger(out, value);
  }

  private static void bulk(ClientHandler client, String text) {
    reply(client, out -> Replies.writeBulk(out, text));
  }

  /** Text for people: RESP3 says so. */
  private static void text(ClientHandler client, String text) {
    if (client.session().resp3()) {
      reply(client, out -> Replies.writeVerbatimText(out, text));
    } else {
      bulk(client, text);
    }
  }

  private static String text(RequestFrame frame, int argument) {
    return frame
        .buf()
        .toString(frame.offset(argument), frame.length(argument), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(RequestFrame frame, int argument) {
    byte[] bytes = new byte[frame.length(argument)];
    frame.buf().getBytes(frame.offset(argument), bytes);
    return bytes;
  }

  private static void badArgument(ClientHandler client, String error) {
    client.refuse(RefusalKind.BAD_ARGUMENT, error);
  }

  // ---------------------------------------------------------------- connection

  private void ping(ClientHandler client, RequestFrame frame) {
    if (frame.argc() == 1) {
      client.reply(PONG);
    } else if (frame.argc() == 2) {
      echo(client, frame);
    } else {
      client.refuse(RefusalKind.WRONG_ARITY, "ERR wrong number of arguments for 'ping' command");
    }
  }

  private static void echo(ClientHandler client, RequestFrame frame) {
    reply(client, out -> Replies.writeBulk(out, frame.buf(), frame.offset(1), frame.length(1)));
  }

  private static void quit(ClientHandler client, RequestFrame frame) {
    client.reply(OK);
    client.closeAfterReplies();
  }

  private static void reset(ClientHandler client, RequestFrame frame) {
    client.speak(false);
    client.session().reset();
    client.authenticated(client.session().authenticated());
    client.reply(RESET);
  }

  /** The database of the nodes' connections is the pool's; to clients it is number 0. */
  private static void select(ClientHandler client, RequestFrame frame) {
    Long database = number(text(frame, 1));
    if (database == null) {
      badArgument(client, NOT_AN_INTEGER);
    } else if (database == 0) {
      client.reply(OK);
    } else {
      badArgument(client, "ERR DB index is out of range: this proxy serves database 0 only");
    }
  }

  private static @Nullable Long number(String text) {
    try {
      return Long.valueOf(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static void auth(ClientHandler client, RequestFrame frame) {
    if (frame.argc() > 3) {
      badArgument(client, SYNTAX_ERROR);
      return;
    }
    byte[] password = client.pool().settings().password();
    if (password == null && frame.argc() == 2) {
      badArgument(
          client,
          "ERR AUTH <password> called without any password configured for the default user."
              + " Are you sure your configuration is correct?");
      return;
    }
    String user = frame.argc() == 3 ? text(frame, 1) : "default";
    if (authenticate(client, user, bytes(frame, frame.argc() - 1))) {
      client.reply(OK);
    }
  }

  /** Checks in constant time; a failure is answered here. */
  private static boolean authenticate(ClientHandler client, String user, byte[] given) {
    byte[] password = client.pool().settings().password();
    boolean right = password == null || MessageDigest.isEqual(password, given);
    if (right && user.equals("default")) {
      client.authenticated(true);
      return true;
    }
    client.refuse(
        RefusalKind.WRONG_PASSWORD,
        "WRONGPASS invalid username-password pair or user is disabled.");
    return false;
  }

  private void hello(ClientHandler client, RequestFrame frame) {
    boolean resp3 = client.session().resp3();
    if (frame.argc() > 1) {
      Long protocol = number(text(frame, 1));
      if (protocol == null) {
        badArgument(client, "ERR Protocol version is not an integer or out of range");
        return;
      }
      if (protocol != 2 && protocol != 3) {
        badArgument(client, "NOPROTO unsupported protocol version");
        return;
      }
      resp3 = protocol == 3;
    }
    String name = null;
    for (int i = 2; i < frame.argc(); i++) {
      int following = frame.argc() - i - 1;
      if (frame.argEquals(i, "AUTH") && following >= 2) {
        if (!authenticate(client, text(frame, i + 1), bytes(frame, i + 2))) {
          return;
        }
        i += 2;
      } else if (frame.argEquals(i, "SETNAME") && following >= 1) {
        name = text(frame, i + 1);
        if (!isName(name)) {
          badArgument(client, BAD_NAME);
          return;
        }
        i++;
      } else {
        badArgument(client, "ERR Syntax error in HELLO option '" + text(frame, i) + "'");
        return;
      }
    }
    if (!client.session().authenticated()) {
      client.refuse(
          RefusalKind.NOT_AUTHENTICATED,
          "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO"
              + " <proto> AUTH <user> <pass> option can be used to authenticate the client and"
              + " select the RESP protocol version at the same time");
      return;
    }
    if (name != null) {
      client.session().name(name);
    }
    client.speak(resp3);
    int version = resp3 ? 3 : 2;
    reply(
        client,
        out -> {
          new CommandReply(out, version == 3).map(7);
          Replies.writeBulk(out, "server");
          Replies.writeBulk(out, "redis");
          Replies.writeBulk(out, "version");
          Replies.writeBulk(out, proxy.redisVersion());
          Replies.writeBulk(out, "proto");
          Replies.writeInteger(out, version);
          Replies.writeBulk(out, "id");
          Replies.writeInteger(out, client.session().id());
          Replies.writeBulk(out, "mode");
          Replies.writeBulk(out, "standalone");
          Replies.writeBulk(out, "role");
          Replies.writeBulk(out, "master");
          Replies.writeBulk(out, "modules");
          Replies.writeArrayHeader(out, 0);
        });
  }

  // ---------------------------------------------------------------- CLIENT

  private static final String BAD_NAME =
      "ERR Client names cannot contain spaces, newlines or special characters.";

  private static boolean isName(String name) {
    return name.chars().allMatch(c -> c >= '!' && c <= '~');
  }

  private static void clientGetName(ClientHandler client, RequestFrame frame) {
    String name = client.session().name();
    if (name.isEmpty()) {
      client.reply(client.session().resp3() ? NULL : NULL_BULK);
    } else {
      bulk(client, name);
    }
  }

  private static void clientSetName(ClientHandler client, RequestFrame frame) {
    String name = text(frame, 2);
    if (isName(name)) {
      client.session().name(name);
      client.reply(OK);
    } else {
      badArgument(client, BAD_NAME);
    }
  }

  private static void clientSetInfo(ClientHandler client, RequestFrame frame) {
    boolean isLibraryName = frame.argEquals(2, "LIB-NAME");
    String value = text(frame, 3);
    if (!isLibraryName && !frame.argEquals(2, "LIB-VER")) {
      badArgument(client, "ERR Unrecognized option '" + text(frame, 2) + "'");
    } else if (!isName(value)) {
      badArgument(
          client,
          "ERR "
              + (isLibraryName ? "lib-name" : "lib-ver")
              + " cannot contain spaces, newlines or special characters.");
    } else {
      if (isLibraryName) {
        client.session().libraryName(value);
      } else {
        client.session().libraryVersion(value);
      }
      client.reply(OK);
    }
  }

  /** Accepted and without effect: clients of a proxy have no buffers on a node. */
  private static void onOrOff(ClientHandler client, RequestFrame frame) {
    if (frame.argEquals(2, "ON") || frame.argEquals(2, "OFF")) {
      client.reply(OK);
    } else {
      badArgument(client, SYNTAX_ERROR);
    }
  }

  // ---------------------------------------------------------------- server

  private static void time(ClientHandler client, RequestFrame frame) {
    java.time.Instant now = java.time.Instant.now();
    reply(
        client,
        out -> {
          Replies.writeArrayHeader(out, 2);
          Replies.writeBulk(out, Long.toString(now.getEpochSecond()));
          Replies.writeBulk(out, Long.toString(now.getNano() / 1000));
        });
  }

  /** Sections of INFO that are the proxy's own to tell. */
  private void info(ClientHandler client, RequestFrame frame) {
    List<String> wanted = new ArrayList<>();
    for (int i = 1; i < frame.argc(); i++) {
      wanted.add(text(frame, i).toLowerCase(java.util.Locale.ROOT));
    }
    boolean everything =
        wanted.isEmpty()
            || wanted.stream().anyMatch(List.of("all", "default", "everything")::contains);
    StringBuilder text = new StringBuilder();
    section(
        text,
        everything || wanted.contains("server"),
        "# Server",
        "redis_version:" + proxy.redisVersion(),
        "redis_mode:standalone",
        "server_name:cashew",
        "cashew_version:" + proxy.version(),
        "os:" + System.getProperty("os.name") + " " + System.getProperty("os.version"),
        "arch_bits:64",
        "multiplexing_api:" + proxy.transport(),
        "process_id:" + ProcessHandle.current().pid(),
        "tcp_port:" + proxy.port(client.pool().settings().pool()),
        "uptime_in_seconds:" + proxy.uptimeSeconds(),
        "uptime_in_days:" + proxy.uptimeSeconds() / 86400,
        "pool:" + client.pool().settings().pool());
    section(
        text,
        everything || wanted.contains("clients"),
        "# Clients",
        "connected_clients:" + proxy.clients());
    section(
        text,
        everything || wanted.contains("stats"),
        "# Stats",
        "total_connections_received:" + proxy.clientsAccepted(),
        "total_commands_processed:" + proxy.requests());
    section(
        text,
        everything || wanted.contains("replication"),
        "# Replication",
        "role:master",
        "connected_slaves:0");
    section(text, everything || wanted.contains("cluster"), "# Cluster", "cluster_enabled:0");
    text(client, text.toString());
  }

  private static void section(StringBuilder text, boolean wanted, String... lines) {
    if (wanted) {
      text.append(text.length() == 0 ? "" : "\r\n");
      for (String line : lines) {
        text.append(line).append("\r\n");
      }
    }
  }

  // ---------------------------------------------------------------- COMMAND

  private static void entries(ClientHandler client, Collection<Command> rows) {
    reply(
        client,
        out -> {
          CommandReply writer = new CommandReply(out, client.session().resp3());
          writer.array(rows.size());
          rows.forEach(writer::entry);
        });
  }

  private List<@Nullable Command> named(RequestFrame frame) {
    List<@Nullable Command> rows = new ArrayList<>();
    for (int i = 2; i < frame.argc(); i++) {
      rows.add(commands.find(text(frame, i)));
    }
    return rows;
  }

  private void commandInfo(ClientHandler client, RequestFrame frame) {
    if (frame.argc() == 2) {
      entries(client, commands.commands());
      return;
    }
    List<@Nullable Command> rows = named(frame);
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

  private void commandDocs(ClientHandler client, RequestFrame frame) {
    List<Command> rows = new ArrayList<>();
    if (frame.argc() == 2) {
      rows.addAll(commands.commands());
    } else {
      for (Command row : named(frame)) {
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

  private void commandList(ClientHandler client, RequestFrame frame) {
    if (frame.argc() > 2) {
      badArgument(client, "ERR COMMAND LIST takes no filter through this proxy");
      return;
    }
    Collection<Command> rows = commands.all();
    reply(
        client,
        out -> {
          Replies.writeArrayHeader(out, rows.size());
          rows.forEach(row -> Replies.writeBulk(out, row.name()));
        });
  }

  private void commandGetKeys(ClientHandler client, RequestFrame frame) {
    RequestFrame inner = new RequestFrame();
    inner.begin(frame.buf(), frame.offset(2));
    for (int i = 2; i < frame.argc(); i++) {
      inner.add(frame.offset(i), frame.length(i));
    }
    Command command = commands.find(inner);
    if (command == null) {
      badArgument(client, "ERR Invalid command specified");
      return;
    }
    if (!command.arityMatches(inner.argc())) {
      badArgument(client, "ERR Invalid number of arguments specified for command");
      return;
    }
    KeyPositions keys = new KeyPositions();
    if (!command.keys(inner, keys)) {
      badArgument(client, "ERR Invalid arguments specified for command");
      return;
    }
    if (keys.count() == 0) {
      badArgument(client, "ERR The command has no key arguments");
      return;
    }
    reply(
        client,
        out -> {
          Replies.writeArrayHeader(out, keys.count());
          for (int i = 0; i < keys.count(); i++) {
            int at = keys.index(i);
            Replies.writeBulk(out, inner.buf(), inner.offset(at), inner.length(at));
          }
        });
  }
}
