package io.cashew.proxy.config;

import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandTable;
import java.util.List;

/**
 * A command of the user's own: of a module, or one that the nodes have under another name.
 *
 * @param name as clients send it, in lower case
 * @param arity as Redis counts: negative means at least so many arguments, the name included
 * @param firstKey index of the first key; 0 if the command has none
 * @param lastKey index of the last key; negative counts from the end
 * @param keyStep arguments from one key to the next
 * @param writes whether it changes data
 */
public record DeclaredCommand(
    String name, int arity, int firstKey, int lastKey, int keyStep, boolean writes) {

  /** Redis's commands and these. */
  static CommandTable table(List<DeclaredCommand> declared) {
    return CommandTable.standard().with(declared.stream().map(DeclaredCommand::row).toList());
  }

  /**
   * Its row in the table of commands.
   *
   * @throws IllegalArgumentException if the positions contradict each other; the message says how
   */
  public Command row() {
    return Command.ofModule(name, arity, firstKey, lastKey, keyStep, writes);
  }
}
