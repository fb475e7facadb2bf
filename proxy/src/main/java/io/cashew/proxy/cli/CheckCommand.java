package io.cashew.proxy.cli;

import io.cashew.proxy.admin.Json;
import io.cashew.proxy.config.ConfigException;
import io.cashew.proxy.config.MeetingAddresses;
import io.cashew.proxy.config.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
  private static final int FAILURE = 1;

  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Spec
  private CommandSpec spec;

  @Mixin private final ConfigOption config = new ConfigOption();

  @Option(names = "--strict", description = "Exit status 1 if there is a warning, too.")
  private boolean strict;

  @Option(
      names = "--json",
      description = {
        "Prints one JSON object instead: file, valid, errors, warnings, and of each pool its",
        "nodes with address, weight, share of the keys, and the problem if one does not answer."
      })
  private boolean json;

  /** What was found; with errors, there may be no pools. */
  private record Findings(List<String> errors, List<String> warnings, List<PoolReport> pools) {}

  @Override
  public Integer call() throws ConfigException, IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Findings found;
    try {
      found = find();
    } catch (ConfigException | IOException wrong) {
      if (!json) {
        throw wrong;
      }
      found =
          new Findings(String.valueOf(wrong.getMessage()).lines().toList(), List.of(), List.of());
    }
    if (json) {
      out.println(Json.text(asJson(found)));
    } else {
      print(found, out);
    }
    out.flush();
    return found.errors().isEmpty() && !(strict && !found.warnings().isEmpty()) ? 0 : FAILURE;
  }

  private Findings find() throws ConfigException, IOException, InterruptedException {
    Settings settings = config.read();
    Preconditions.check(settings);
    List<String> errors = new ArrayList<>(MeetingAddresses.selves(settings));
    if (!errors.isEmpty()) {
      return new Findings(errors, List.of(), List.of()); // asking the nodes would be asking itself
    }
    List<PoolReport> reports = PoolReport.of(settings);
    reports.forEach(report -> errors.addAll(report.errors()));
    return new Findings(errors, PoolReport.warnings(settings, reports), reports);
  }

  private void print(Findings found, PrintWriter out) throws IOException {
    found.pools().forEach(report -> report.lines().forEach(out::println));
    if (!found.errors().isEmpty()) {
      out.flush();
      throw new IOException(String.join("\n", found.errors()));
    }
    List<String> warnings = found.warnings();
    warnings.forEach(warning -> out.println("warning: " + warning));
    out.println(
        config.file()
            + " is valid, "
            + (warnings.isEmpty() ? "no" : warnings.size())
            + (warnings.size() == 1 ? " warning" : " warnings"));
  }

  private Map<String, @Nullable Object> asJson(Findings found) {
    return Json.object(
        "file",
        config.file().toString(),
        "valid",
        found.errors().isEmpty(),
        "errors",
        found.errors(),
        "warnings",
        found.warnings(),
        "pools",
        found.pools().stream()
            .map(
                pool ->
                    Json.object(
                        "name",
                        pool.name(),
                        "nodes",
                        pool.nodes().stream().map(CheckCommand::asJson).toList()))
            .toList());
  }

  private static Map<String, @Nullable Object> asJson(PoolReport.Node node) {
    return Json.object(
        "name",
        node.name(),
        "address",
        node.place(),
        "weight",
        node.weight(),
        "share",
        node.share(),
        "problem",
        node.problem().orElse(null));
  }
}
