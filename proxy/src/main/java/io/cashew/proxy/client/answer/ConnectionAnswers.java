package io.cashew.proxy.client.answer;

import static io.cashew.proxy.client.Answers.NOT_AN_INTEGER;
import static io.cashew.proxy.client.Answers.OK;
import static io.cashew.proxy.client.Answers.SYNTAX_ERROR;
import static io.cashew.proxy.client.Answers.badArgument;
import static io.cashew.proxy.client.Answers.reply;
import static io.cashew.proxy.client.Arguments.argument;
import static io.cashew.proxy.client.Arguments.bytes;
import static io.cashew.proxy.client.Arguments.number;

import io.cashew.proxy.acl.User;
import io.cashew.proxy.acl.Users;
import io.cashew.proxy.backend.Backend;
import io.cashew.proxy.backend.ServerFacts;
import io.cashew.proxy.client.Answers;
import io.cashew.proxy.client.Client;
import io.cashew.proxy.client.HandlerTable;
import io.cashew.proxy.command.CommandReply;
import io.cashew.proxy.metrics.RefusalKind;
import io.cashew.proxy.resp.Replies;
import io.cashew.proxy.resp.RequestFrame;
import io.cashew.proxy.route.Apart;
import io.cashew.proxy.route.Router;
import io.netty.buffer.ByteBuf;
import java.util.Map;
import java.util.TreeMap;

/**
 * The commands about a client's own connection: who it is, what it speaks, which database it means.
 */
final class ConnectionAnswers {
  private static final byte[] PONG = Replies.simple("PONG");
  private static final byte[] RESET = Replies.simple("RESET");

  private final AccessGuard guard;

  private ConnectionAnswers(AccessGuard guard) {
    this.guard = guard;
  }

  /** Adds the handlers to a table. */
  static void addTo(HandlerTable table, AccessGuard guard) {
    ConnectionAnswers answers = new ConnectionAnswers(guard);
    table.on("ping", ConnectionAnswers::ping);
    table.on("echo", ConnectionAnswers::echo);
    table.on("quit", ConnectionAnswers::quit);
    table.on("reset", ConnectionAnswers::reset);
    table.on("select", ConnectionAnswers::select);
    table.on("auth", answers::auth);
    table.on("hello", answers::hello);
    table.on("readonly", (client, frame) -> client.reply(OK));
    table.on("readwrite", (client, frame) -> client.reply(OK));
  }

  private static void ping(Client client, RequestFrame frame) {
    if (client.mode().listens() && frame.argc() <= 2) {
      reply(client, out -> pongMessage(frame, out));
    } else if (askNodeInLongScript(client, frame)) {
      return; // as Redis would say BUSY
    } else if (frame.argc() == 1) {
      client.reply(PONG);
    } else if (frame.argc() == 2) {
      echo(client, frame);
    } else {
      client.refuse(RefusalKind.WRONG_ARITY, "ERR wrong number of arguments for 'ping' command");
    }
  }

  /**
   * Passes a request that is answered here on to a node that has been running a script for long,
   * which knows better whether requests are taken. On a connection of its own: on that of the
   * script it would wait for the script's end. A client that is owed a reply waits for that first,
   * which may be the script's: then the question would be asked too early.
   *
   * @return whether it was passed on
   */
  private static boolean askNodeInLongScript(Client client, RequestFrame frame) {
    Router router = client.pool().router();
    Backend backend = client.settledReplies() < 0 ? null : router.table().backendInLongScript();
    if (backend == null) {
      return false;
    }
    Apart.send(backend, frame, client.addSlot(), client.lane());
    return true;
  }

  /** To a client for which every reply is a message. */
  private static void pongMessage(RequestFrame frame, ByteBuf out) {
    Replies.writeArrayHeader(out, 2);
    Replies.writeBulk(out, "pong");
    if (frame.argc() == 1) {
      Replies.writeBulk(out, "");
    } else {
      Replies.writeBulk(out, frame.buf(), frame.offset(1), frame.length(1));
    }
  }

  private static void echo(Client client, RequestFrame frame) {
    reply(client, out -> Replies.writeBulk(out, frame.buf(), frame.offset(1), frame.length(1)));
  }

  private static void quit(Client client, RequestFrame frame) {
    client.reply(OK);
    client.closeAfterReplies();
  }

  private static void reset(Client client, RequestFrame frame) {
    client.reset();
    client.reply(RESET);
  }

  private static void select(Client client, RequestFrame frame) {
    Long database = number(argument(frame, 1));
    if (database == null) {
      badArgument(client, NOT_AN_INTEGER);
    } else if (database < 0 || database >= client.pool().router().databases()) {
      Answers.noSuchDatabase(client, database);
    } else {
      client.speak(client.session().resp3(), database.intValue());
      client.reply(OK);
    }
  }

  private void auth(Client client, RequestFrame frame) {
    if (frame.argc() > 3) {
      badArgument(client, SYNTAX_ERROR);
      return;
    }
    if (frame.argc() == 2 && client.pool().users().defaultUser().noPassword()) {
      badArgument(
          client,
          "ERR AUTH <password> called without any password configured for the default user."
              + " Are you sure your configuration is correct?");
      return;
    }
    String user = frame.argc() == 3 ? argument(frame, 1) : Users.DEFAULT;
    if (authenticate(client, frame, user, bytes(frame, frame.argc() - 1))) {
      client.reply(OK);
    }
  }

  /** A failure is answered here, and leaves the client who it was. */
  private boolean authenticate(Client client, RequestFrame frame, String name, byte[] password) {
    User user = guard.authenticate(client, frame, name, password);
    if (user != null) {
      client.become(user);
      return true;
    }
    client.refuse(
        RefusalKind.WRONG_PASSWORD,
        "WRONGPASS invalid username-password pair or user is disabled.");
    return false;
  }

  private void hello(Client client, RequestFrame frame) {
    boolean resp3 = client.session().resp3();
    if (frame.argc() > 1) {
      Long protocol = number(argument(frame, 1));
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
        if (!authenticate(client, frame, argument(frame, i + 1), bytes(frame, i + 2))) {
          return;
        }
        i += 2;
      } else if (frame.argEquals(i, "SETNAME") && following >= 1) {
        name = argument(frame, i + 1);
        if (!ClientAnswers.isName(name)) {
          badArgument(client, ClientAnswers.BAD_NAME);
          return;
        }
        i++;
      } else {
        badArgument(client, "ERR Syntax error in HELLO option '" + argument(frame, i) + "'");
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
    client.speak(resp3, client.session().database());
    reply(client, out -> describeServer(client, out));
  }

  private static void describeServer(Client client, ByteBuf out) {
    ServerFacts servers = client.pool().servers();
    String valkeyVersion = servers.valkeyVersion();
    boolean resp3 = client.session().resp3();
    new CommandReply(out, resp3).map(7);
    Replies.writeBulk(out, "server");
    Replies.writeBulk(out, valkeyVersion == null ? "redis" : "valkey");
    Replies.writeBulk(out, "version");
    Replies.writeBulk(out, valkeyVersion == null ? servers.redisVersion() : valkeyVersion);
    Replies.writeBulk(out, "proto");
    Replies.writeInteger(out, resp3 ? 3 : 2);
    Replies.writeBulk(out, "id");
    Replies.writeInteger(out, client.session().id());
    Replies.writeBulk(out, "mode");
    Replies.writeBulk(out, "standalone");
    Replies.writeBulk(out, "role");
    Replies.writeBulk(out, "master");
    Replies.writeBulk(out, "modules");
    modules(out, servers.modules(), resp3);
  }

  private static void modules(ByteBuf out, Map<String, Long> modules, boolean resp3) {
    Replies.writeArrayHeader(out, modules.size());
    new TreeMap<>(modules)
        .forEach(
            (name, version) -> {
              new CommandReply(out, resp3).map(2);
              Replies.writeBulk(out, "name");
              Replies.writeBulk(out, name);
              Replies.writeBulk(out, "ver");
              Replies.writeInteger(out, version);
            });
  }
}
