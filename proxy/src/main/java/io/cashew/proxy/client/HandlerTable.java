package io.cashew.proxy.client;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.command.Kind;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/** Which command is carried out by whom. One per pool and worker, confined to it. */
public final class HandlerTable {
  private final CommandTable commands;
  private final IdentityHashMap<Command, RequestHandler> handlers = new IdentityHashMap<>();

  /** A table without handlers. */
  public HandlerTable(CommandTable commands) {
    this.commands = commands;
  }

  /** The rows that handlers may be for. */
  public CommandTable commands() {
    return commands;
  }

  /** Names the handler of a command that has a row. */
  public void on(String name, RequestHandler handler) {
    Command command = commands.find(name);
    if (command == null) {
      throw new IllegalStateException("no row for command '" + name + "'");
    }
    handlers.put(command, handler);
  }

  /** Who carries a command out; null: nobody. */
  public @Nullable RequestHandler find(Command command) {
    return handlers.get(command);
  }

  /** Whether anything but a refusal comes of a command. */
  public boolean carriesOut(Command command) {
    return command.kind() == Kind.LOCAL
        ? handlers.containsKey(command)
        : command.kind() != Kind.REFUSED;
  }
}
