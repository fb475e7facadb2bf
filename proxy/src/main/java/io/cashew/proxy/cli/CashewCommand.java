package io.cashew.proxy.cli;

import io.cashew.proxy.process.ProgramVersion;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command without a sub-command: only help and version. */
@Command(
    name = "cashew",
    mixinStandardHelpOptions = true,
    versionProvider = CashewCommand.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    description = "A sharding proxy for Redis and Valkey.",
    footer = "%nExit status: 0, 1 if the command fails, 2 if it is used wrongly.")
final class CashewCommand implements Callable<Integer> {

  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(), "which command? " + String.join(" ", WrongUsage.names(spec)));
  }

  /** Version of the program and of the JVM. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
      return new String[] {"cashew " + ProgramVersion.text() + " (Java " + Runtime.version() + ")"};
    }
  }
}
