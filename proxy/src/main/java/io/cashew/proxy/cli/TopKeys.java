package io.cashew.proxy.cli;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jline.terminal.Terminal;
import org.jline.utils.Curses;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.NonBlockingReader;

/** Reads keys from a terminal: which bytes a key has, the terminal's description says. */
final class TopKeys {
  private static final char ESCAPE = 27;
  private static final char CONTROL_C = 3;
  private static final char DELETE = 127;

  /** The bytes of a key come together; Esc alone is followed by nothing. */
  private static final long TOGETHER_MILLIS = 50;

  private static final Map<Capability, TopKey.Kind> NAMED =
      Map.ofEntries(
          Map.entry(Capability.key_up, TopKey.Kind.UP),
          Map.entry(Capability.key_down, TopKey.Kind.DOWN),
          Map.entry(Capability.key_left, TopKey.Kind.LEFT),
          Map.entry(Capability.key_right, TopKey.Kind.RIGHT),
          Map.entry(Capability.key_ppage, TopKey.Kind.PAGE_UP),
          Map.entry(Capability.key_npage, TopKey.Kind.PAGE_DOWN),
          Map.entry(Capability.key_home, TopKey.Kind.HOME),
          Map.entry(Capability.key_end, TopKey.Kind.END),
          Map.entry(Capability.key_f1, TopKey.Kind.HELP),
          Map.entry(Capability.key_f3, TopKey.Kind.FILTER),
          Map.entry(Capability.key_f4, TopKey.Kind.FILTER),
          Map.entry(Capability.key_f10, TopKey.Kind.QUIT));

  private final NonBlockingReader reader;
  private final Map<String, TopKey.Kind> sequences = new HashMap<>();

  TopKeys(Terminal terminal) {
    reader = terminal.reader();
    NAMED.forEach(
        (capability, kind) -> {
          String sequence = Curses.tputs(terminal.getStringCapability(capability));
          if (sequence != null && !sequence.isEmpty()) {
            sequences.put(sequence, kind);
            // Arrows are sent as ESC O A or as ESC [ A, whatever the description has.
            if (sequence.startsWith(ESCAPE + "O")) {
              sequences.putIfAbsent(ESCAPE + "[" + sequence.substring(2), kind);
            }
          }
        });
  }

  /**
   * Waits for a key.
   *
   * @return empty: none came in this time, or one that has no meaning here
   */
  Optional<TopKey> next(long millis) throws IOException {
    int first = reader.read(millis);
    return switch (first) {
      case NonBlockingReader.READ_EXPIRED -> Optional.empty();
      case NonBlockingReader.EOF, CONTROL_C -> Optional.of(TopKey.of(TopKey.Kind.QUIT));
      case '\r', '\n' -> Optional.of(TopKey.of(TopKey.Kind.ENTER));
      case '\b', DELETE -> Optional.of(TopKey.of(TopKey.Kind.BACKSPACE));
      case ESCAPE -> sequence();
      default ->
          Character.isISOControl(first) ? Optional.empty() : Optional.of(TopKey.of((char) first));
    };
  }

  private Optional<TopKey> sequence() throws IOException {
    StringBuilder bytes = new StringBuilder().append(ESCAPE);
    for (int next = reader.read(TOGETHER_MILLIS); next >= 0; next = reader.read(TOGETHER_MILLIS)) {
      bytes.append((char) next);
      TopKey.Kind kind = sequences.get(bytes.toString());
      if (kind != null) {
        return Optional.of(TopKey.of(kind));
      }
    }
    return bytes.length() == 1 ? Optional.of(TopKey.of(TopKey.Kind.ESCAPE)) : Optional.empty();
  }
}
