package io.cashew.proxy.client;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.command.Kind;
import io.cashew.proxy.resp.RequestFrame;
import java.util.IdentityHashMap;

/**
 * The commands that the proxy answers itself, for each client, with Redis's own words. One per pool
 * and worker, confined to it.
 */
final class LocalCommands {

  /** Answers one command; the frame is borrowed. */
  interface Handler {
    void run(ClientHandler client, RequestFrame frame);
  }

  private final CommandTable commands;
  private final IdentityHashMap<Command, Handler> handlers = new IdentityHashMap<>();

  LocalCommands(CommandTable commands, ProxyFacts proxy) {
    this.commands = commands;
    ConnectionAnswers.addTo(this);
    ClientAnswers.addTo(this);
    ClientListAnswers.addTo(this);
    TrackingAnswers.addTo(this);
    ServerAnswers.addTo(this, proxy);
    CommandAnswers.addTo(this);
    AclAnswers.addTo(this, commands);
    InsightAnswers.addTo(this);
    ConfigAnswers.addTo(this, commands);
    HelpAnswers.addTo(this, commands);
  }

  /** Names the handler of a command that has a row. */
  void on(String name, Handler handler) {
    Command command = commands.find(name);
    if (command == null) {
      throw new IllegalStateException("no row for command '" + name + "'");
    }
    handlers.put(command, handler);
  }

  /** Whether anything but a refusal comes of the command. */
  boolean carriesOut(Command command) {
    return command.kind() == Kind.LOCAL
        ? handlers.containsKey(command)
        : command.kind() != Kind.REFUSED;
  }

  /** Whether the proxy has an answer of its own where nodes may not be administered. */
  boolean answersInstead(Command command) {
    return handlers.containsKey(command);
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
}
