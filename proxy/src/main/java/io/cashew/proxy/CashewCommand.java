package io.cashew.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
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
      return new String[] {"cashew " + ofProgram() + " (Java " + Runtime.version() + ")"};
    }

    /** The version that the build wrote into the jar. */
    static String ofProgram() throws IOException {
      Properties build = new Properties();
      try (InputStream in = CashewCommand.class.getResourceAsStream("build.properties")) {
        if (in == null) {
          throw new IOException("the program lacks its build.properties");
        }
        build.load(in);
      }
      return build.getProperty("version");
    }
  }
}
