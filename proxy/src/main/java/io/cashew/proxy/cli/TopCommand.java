package io.cashew.proxy.cli;

import com.typesafe.config.Config;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code cashew top}: a running proxy, in the terminal. */
@Command(
    name = "top",
    mixinStandardHelpOptions = true,
    description = {
      "Shows pools, nodes, rates, latencies, errors and events of a running proxy, again and again"
          + " until q or Ctrl-C. It asks the proxy's admin address.",
      "Nodes with trouble come first. < and > sort by another column, / filters, the arrows scroll,"
          + " e shows all events, h all keys. Without a terminal it prints picture after picture."
    })
final class TopCommand implements Callable<Integer> {
  private static final int EVENTS = 8;
  private static final int EVENTS_ON_THEIR_PAGE = 500;

  /** How long a change of the terminal's size or an interrupt may wait to be seen. */
  private static final long GLANCE_MILLIS = 200;

  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Spec
  private CommandSpec spec;

  @Mixin private final AdminOption admin = new AdminOption();

  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      defaultValue = "2",
      description = "Time between two looks. Default: ${DEFAULT-VALUE}.")
  private int interval;

  @Option(
      names = "--once",
      description = "Prints one picture, of averages since the proxy's start, and ends.")
  private boolean once;

  /** The state that figures are counted from, and when it was. */
  private @Nullable Config before;

  private long beforeNanos;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (interval < 1) {
      throw new ParameterException(spec.commandLine(), "--interval must be at least 1");
    }
    if (once) {
      print(look());
      return 0;
    }
    TopFigures first = look();
    Optional<TopTerminal> terminal = TopTerminal.take();
    if (terminal.isPresent()) {
      try (TopTerminal taken = terminal.get()) {
        watch(taken, first);
      }
      return 0;
    }
    print(first);
    while (true) {
      TimeUnit.SECONDS.sleep(interval);
      spec.commandLine().getOut().println();
      print(look());
    }
  }

  private void print(TopFigures figures) throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    new TopView(figures, events(EVENTS)).lines().forEach(out::println);
    out.flush();
  }

  private void watch(TopTerminal terminal, TopFigures first)
      throws IOException, InterruptedException {
    TopFigures figures = first;
    List<Config> events = events(EVENTS_ON_THEIR_PAGE);
    TopScreen screen = TopScreen.START;
    String trouble = "";
    long nextNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(interval);
    while (screen.page() != TopScreen.Page.QUIT) {
      TopDrawing drawing =
          new TopDrawing(figures, trouble, events, screen, terminal.width(), terminal.height());
      terminal.draw(drawing.lines());
      long left = TimeUnit.NANOSECONDS.toMillis(nextNanos - System.nanoTime());
      Optional<TopKey> key = terminal.key(Math.min(GLANCE_MILLIS, left));
      if (key.isPresent()) {
        screen = screen.press(key.get(), drawing.rows(), drawing.all());
      }
      if (nextNanos - System.nanoTime() <= 0) {
        nextNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(interval);
        if (!screen.paused()) {
          try {
            figures = look();
            events = events(EVENTS_ON_THEIR_PAGE);
            trouble = "";
          } catch (IOException silent) { // what was seen last stays, and the proxy may come back
            trouble = String.valueOf(silent.getMessage());
          }
        }
      }
    }
  }

  /** What is so now, and what has changed since the look before. */
  private TopFigures look() throws IOException, InterruptedException {
    Config now = admin.get("/api/state");
    long nanos = System.nanoTime();
    double seconds =
        before == null ? Math.max(1, now.getLong("uptimeSeconds")) : (nanos - beforeNanos) / 1e9;
    TopFigures figures = new TopFigures(now, before, seconds);
    before = now;
    beforeNanos = nanos;
    return figures;
  }

  private List<Config> events(int count) throws IOException, InterruptedException {
    return TopFigures.configs(admin.get("/api/events?count=" + count), "events");
  }
}
