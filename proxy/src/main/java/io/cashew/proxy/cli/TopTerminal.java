package io.cashew.proxy.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.Display;
import org.jline.utils.InfoCmp.Capability;

/** The terminal while {@code cashew top} has it: its other screen, without a cursor or echo. */
final class TopTerminal implements AutoCloseable {
  private final Terminal terminal;
  private final Attributes before;
  private final Display display;
  private final TopKeys keys;
  private final AtomicBoolean interrupted = new AtomicBoolean();
  private final AtomicBoolean resized = new AtomicBoolean();
  private Size size;

  private TopTerminal(Terminal terminal) {
    this.terminal = terminal;
    before = terminal.enterRawMode();
    keys = new TopKeys(terminal);
    display = new Display(terminal, true);
    terminal.puts(Capability.enter_ca_mode);
    terminal.puts(Capability.keypad_xmit);
    terminal.puts(Capability.cursor_invisible);
    terminal.handle(Terminal.Signal.INT, signal -> interrupted.set(true));
    terminal.handle(Terminal.Signal.WINCH, signal -> resized.set(true));
    size = measured();
  }

  /** Takes the terminal of this process; empty: it has none, or one that cannot be drawn on. */
  static Optional<TopTerminal> take() {
    try {
      // "exec": by stty, which every system with terminals like these has; no library of its own.
      return Optional.of(
          new TopTerminal(
              TerminalBuilder.builder()
                  .system(true)
                  .systemOutput(TerminalBuilder.SystemOutput.SysOut)
                  .dumb(false)
                  .provider("exec")
                  .build()));
    } catch (IOException | IllegalStateException none) {
      return Optional.empty();
    }
  }

  private Size measured() {
    Size now = terminal.getSize();
    Size usable =
        new Size(
            now.getColumns() > 0 ? now.getColumns() : 80, now.getRows() > 0 ? now.getRows() : 24);
    display.resize(usable.getRows(), usable.getColumns());
    return usable;
  }

  int width() {
    return size.getColumns();
  }

  int height() {
    return size.getRows();
  }

  /** Draws: what has changed is sent. */
  void draw(List<AttributedString> lines) {
    display.update(new ArrayList<>(lines), -1); // it changes the list
  }

  /** Waits for a key for so long; an interrupt is one that quits. */
  Optional<TopKey> key(long millis) throws IOException {
    if (resized.getAndSet(false)) {
      size = measured();
      display.clear();
    }
    Optional<TopKey> key = keys.next(Math.max(1, millis));
    return interrupted.get() ? Optional.of(TopKey.of(TopKey.Kind.QUIT)) : key;
  }

  @Override
  public void close() throws IOException {
    terminal.puts(Capability.cursor_normal);
    terminal.puts(Capability.keypad_local);
    terminal.puts(Capability.exit_ca_mode);
    terminal.flush();
    terminal.setAttributes(before);
    terminal.close();
  }
}
