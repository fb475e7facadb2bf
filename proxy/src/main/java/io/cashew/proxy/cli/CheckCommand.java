package io.cashew.proxy.cli;

import io.cashew.proxy.config.ConfigException;
import io.cashew.proxy.config.MeetingAddresses;
import io.cashew.proxy.config.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code cashew check}: what {@code serve} would refuse, and what it would accept with regret. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Reads the configuration and says what is wrong with it (exit status 1), then warns of what"
          + " works but hurts (exit status 0): keys spread unevenly, nodes that do not answer,"
          + " doubtful addresses, certificates that expire soon."
    })
final class CheckCommand implements Callable<Integer> {

  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Spec
  private CommandSpec spec;

  @Mixin private final ConfigOption config = new ConfigOption();

  @Override
  public Integer call() throws ConfigException, IOException, InterruptedException {
    Settings settings = config.read();
    Preconditions.check(settings);
    List<String> selves = MeetingAddresses.selves(settings);
    if (!selves.isEmpty()) {
      throw new IOException(String.join("\n", selves));
    }
    PrintWriter out = spec.commandLine().getOut();
    List<PoolReport> reports = PoolReport.of(settings);
    reports.forEach(report -> report.lines().forEach(out::println));
    List<String> errors = reports.stream().flatMap(report -> report.errors().stream()).toList();
    if (!errors.isEmpty()) {
      out.flush();
      throw new IOException(String.join("\n", errors));
    }
    List<String> warnings = PoolReport.warnings(settings, reports);
    warnings.forEach(warning -> out.println("warning: " + warning));
    out.println(
        config.file()
            + " is valid, "
            + (warnings.isEmpty() ? "no" : warnings.size())
            + (warnings.size() == 1 ? " warning" : " warnings"));
    out.flush();
    return 0;
  }
}
