package io.cashew.proxy.cli;

import io.cashew.proxy.config.ConfigException;
import io.cashew.proxy.config.ConfigFile;
import io.cashew.proxy.config.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The option that names the configuration file. */
final class ConfigOption {
  private static final Path STANDARD = Path.of("cashew.conf");

  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description =
          "The configuration: HOCON, or a nutcracker.yml (.yml, .yaml)."
              + " Default: cashew.conf in the working directory.")
  private @Nullable Path file;

  /** The file to read. */
  Path file() {
    if (file != null) {
      return file;
    }
    if (!Files.exists(STANDARD)) {
      throw new ParameterException(
          spec.commandLine(), "there is no cashew.conf here: name the configuration with -c FILE");
    }
    return STANDARD;
  }

  /**
   * Reads the file.
   *
   * @throws ConfigException with everything that is wrong with it
   */
  Settings read() throws ConfigException {
    return ConfigFile.read(file());
  }
}
