package io.cashew.proxy.cli;

import io.cashew.proxy.config.ConfigException;
import io.cashew.proxy.config.ConfigFile;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.control.ReloadPlan;
import io.cashew.proxy.control.TlsContexts;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cashew diff}: what a reload would do. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description = {
      "Prints what a proxy that runs OLD does when it reloads NEW, a line each: pools, nodes and"
          + " settings, how each change comes into force, and how many of a sample of keys are on"
          + " another node then. Nothing is printed if nothing changes."
    })
final class DiffCommand implements Callable<Integer> {
  private static final int CHANGES = 3;

  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Spec
  private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Parameters(paramLabel = "OLD", description = "The configuration that runs.")
  private Path before;

  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Parameters(paramLabel = "NEW", description = "The configuration to be.")
  private Path after;

  @Option(
      names = "--exit-code",
      description = "Exit status 3 if anything changes; 1 remains that of a wrong file.")
  private boolean exitCode;

  @Override
  public Integer call() throws ConfigException, IOException {
    Settings running = ConfigFile.read(before);
    Settings wanted = ConfigFile.read(after);
    TlsContexts.check(wanted);
    List<String> lines = ReloadPlan.of(running, wanted).lines();
    PrintWriter out = spec.commandLine().getOut();
    lines.forEach(out::println);
    out.flush();
    return exitCode && !lines.isEmpty() ? CHANGES : 0;
  }
}
