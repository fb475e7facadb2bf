package io.cashew.proxy.cli;

import io.cashew.proxy.admin.Json;
import io.cashew.proxy.process.ProgramVersion;
import io.netty.util.Version;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cashew version}: as {@code --version}, and for programs. */
@Command(
    name = "version",
    mixinStandardHelpOptions = true,
    description = "Prints the version of the program, and of what it runs on.")
final class VersionCommand implements Callable<Integer> {
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Spec
  private CommandSpec spec;

  @Option(names = "--json", description = "As one JSON object: name, version, java, netty, os.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(
          Json.text(
              Json.object(
                  "name",
                  "cashew",
                  "version",
                  ProgramVersion.text(),
                  "java",
                  Runtime.version().toString(),
                  "netty",
                  netty(),
                  "os",
                  System.getProperty("os.name") + " " + System.getProperty("os.arch"))));
    } else {
      out.println(new CashewCommand.Version().getVersion()[0]);
    }
    out.flush();
    return 0;
  }

  private static String netty() {
    return Optional.ofNullable(Version.identify().get("netty-common"))
        .map(Version::artifactVersion)
        .orElse("unknown");
  }
}
