package io.cashew.proxy.command;

import io.cashew.proxy.resp.RequestFrame;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * One key of a request and what the command does with it: {@code COMMAND GETKEYSANDFLAGS}, and
 * whoever grants reading and writing apart.
 *
 * @param index of the argument that is the key
 * @param flags what is done with it
 */
public record KeyUse(int index, Set<KeyFlag> flags) {

  /**
   * The keys of a request whose arity matches, in the order of the command's specs.
   *
   * @return empty if there are none, or the request is malformed: {@link Command#keys} says which
   */
  public static List<KeyUse> of(Command command, RequestFrame frame) {
    List<KeyUse> uses = new ArrayList<>();
    KeyPositions keys = new KeyPositions();
    for (KeySpec spec : command.keySpecs()) {
      keys.clear();
      if (spec.flags().contains(KeyFlag.NOT_KEY)) {
        continue;
      }
      if (!spec.find(command.name(), frame, keys)) {
        return List.of();
      }
      Set<KeyFlag> flags =
          spec.flags().contains(KeyFlag.VARIABLE_FLAGS)
              ? byArguments(command, frame)
              : spec.flags();
      for (int i = 0; i < keys.count(); i++) {
        uses.add(new KeyUse(keys.index(i), flags));
      }
    }
    return uses;
  }

  /** For rows whose key spec says {@link KeyFlag#VARIABLE_FLAGS}: as Redis 7.0 answers. */
  private static Set<KeyFlag> byArguments(Command command, RequestFrame frame) {
    return switch (command.name()) {
      case "set" ->
          hasWord(frame, 3, "GET")
              ? EnumSet.of(KeyFlag.RW, KeyFlag.ACCESS, KeyFlag.UPDATE)
              : EnumSet.of(KeyFlag.OW, KeyFlag.UPDATE);
      case "bitfield" ->
          hasWord(frame, 2, "SET") || hasWord(frame, 2, "INCRBY")
              ? EnumSet.of(KeyFlag.RW, KeyFlag.ACCESS, KeyFlag.UPDATE)
              : EnumSet.of(KeyFlag.RO, KeyFlag.ACCESS);
      default -> throw new IllegalStateException(command + ": what do its keys' flags depend on?");
    };
  }

  private static boolean hasWord(RequestFrame frame, int from, String word) {
    for (int i = from; i < frame.argc(); i++) {
      if (frame.argEquals(i, word)) {
        return true;
      }
    }
    return false;
  }
}
