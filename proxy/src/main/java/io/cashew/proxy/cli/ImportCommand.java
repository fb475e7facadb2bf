package io.cashew.proxy.cli;

import io.cashew.proxy.config.ConfigException;
import io.cashew.proxy.config.ConfigFile;
import io.cashew.proxy.config.HoconWriter;
import io.cashew.proxy.config.Settings;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cashew import}: a {@code nutcracker.yml} as HOCON. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = "Prints twemproxy's configuration as a cashew.conf with the same pools.")
final class ImportCommand implements Callable<Integer> {

  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Spec
  private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Parameters(paramLabel = "FILE", description = "A nutcracker.yml (.yml or .yaml).")
  private Path file;

  @Override
  public Integer call() throws ConfigException {
    Settings settings = ConfigFile.read(file);
    spec.commandLine().getOut().print(HoconWriter.write(settings));
    spec.commandLine().getOut().flush();
    return 0;
  }
}
