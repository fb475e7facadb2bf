package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.WITH_THE_WHOLE;

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

  private static final int MOST_ARGUMENTS = 1024;

  static final Table<DeclaredCommand> TABLE =
      Table.titled("A command, in `commands`", from -> new DeclaredCommand("", from));

  static final Setting<DeclaredCommand, Integer> FIRST_KEY =
      TABLE.row(
          "first-key",
          Kinds.integer(0, MOST_ARGUMENTS),
          "0",
          WITH_THE_WHOLE,
          DeclaredCommand::firstKey,
          "Index of the first key; the command's name is 0. By default it has none, and one node"
              + " answers.");

  static final Setting<DeclaredCommand, Integer> LAST_KEY =
      TABLE.add(
          Setting.of(
                  "last-key",
                  Kinds.integer(-MOST_ARGUMENTS, MOST_ARGUMENTS),
                  "as `first-key`",
                  0,
                  WITH_THE_WHOLE,
                  DeclaredCommand::lastKey,
                  "Index of the last key. A negative one counts from the end: -1 is the last argument.")
              .impliedBy(others -> others.get(FIRST_KEY)));

  static final Setting<DeclaredCommand, Integer> KEY_STEP =
      TABLE.row(
          "key-step",
          Kinds.integer(1, MOST_ARGUMENTS),
          "1",
          WITH_THE_WHOLE,
          DeclaredCommand::keyStep,
          "Arguments from one key to the next: 2 where each key has a value behind it.");

  static final Setting<DeclaredCommand, Integer> ARITY =
      TABLE.add(
          Setting.of(
                  "arity",
                  Kinds.integer(-MOST_ARGUMENTS, MOST_ARGUMENTS),
                  "up to its keys",
                  0,
                  WITH_THE_WHOLE,
                  DeclaredCommand::arity,
                  "Number of arguments as Redis counts: the name is one, and a negative number means at"
                      + " least so many. By default enough to have the keys that are counted from the"
                      + " front.")
              .impliedBy(others -> -1 - Math.max(others.get(FIRST_KEY), others.get(LAST_KEY))));

  static final Setting<DeclaredCommand, Boolean> WRITES =
      TABLE.row(
          "writes",
          Kinds.flag(),
          "true",
          WITH_THE_WHOLE,
          DeclaredCommand::writes,
          "Whether it changes data. What does is never sent a second time; hence the default.");

  /** What a file says of a command. */
  DeclaredCommand(String name, Values<DeclaredCommand> from) {
    this(
        name,
        from.get(ARITY),
        from.get(FIRST_KEY),
        from.get(LAST_KEY),
        from.get(KEY_STEP),
        from.get(WRITES));
  }

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
