package io.cashew.proxy.cli;

import com.typesafe.config.Config;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
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
    description =
        "Shows pools, nodes, rates, latencies, errors and the newest events of a running proxy, again"
            + " and again until Ctrl-C. It asks the proxy's admin address.")
final class TopCommand implements Callable<Integer> {
  private static final int EVENTS = 8;

  /** To the corner, and what is below the picture is gone. */
  private static final String HOME = "\u001b[H";

  private static final String CLEAR_LINE = "\u001b[K";
  private static final String CLEAR_BELOW = "\u001b[J";
  private static final String CLEAR = "\u001b[2J";

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

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (interval < 1) {
      throw new ParameterException(spec.commandLine(), "--interval must be at least 1");
    }
    PrintWriter out = spec.commandLine().getOut();
    Config before = null;
    long beforeNanos = 0;
    if (!once) {
      out.print(CLEAR);
    }
    while (true) {
      Config now = admin.get("/api/state");
      List<Config> events = events();
      long nanos = System.nanoTime();
      double seconds =
          before == null ? Math.max(1, now.getLong("uptimeSeconds")) : (nanos - beforeNanos) / 1e9;
      TopView view = new TopView(now, before, seconds, events);
      if (once) {
        view.lines().forEach(out::println);
        out.flush();
        return 0;
      }
      out.print(HOME);
      view.lines().forEach(line -> out.println(line + CLEAR_LINE));
      out.print(CLEAR_BELOW);
      out.flush();
      before = now;
      beforeNanos = nanos;
      TimeUnit.SECONDS.sleep(interval);
    }
  }

  private List<Config> events() throws IOException, InterruptedException {
    return TopView.configs(admin.get("/api/events?count=" + EVENTS), "events");
  }
}
