package io.cashew.proxy.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A configuration file of either form. */
public final class ConfigFile {
  private ConfigFile() {}

  /**
   * Reads a file: {@code .yml} and {@code .yaml} as twemproxy's, anything else as HOCON.
   *
   * @throws ConfigException with everything that is wrong with the file
   */
  public static Settings read(Path file) throws ConfigException {
    return load(file).settings();
  }

  /**
   * As {@link #read}, with the files that it was read from.
   *
   * @throws ConfigException with everything that is wrong with the file
   */
  public static LoadedConfig load(Path file) throws ConfigException {
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      String reason =
          Files.notExists(file)
              ? "there is no such file"
              : Files.isDirectory(file) ? "it is a directory" : "it cannot be read";
      throw new ConfigException(List.of(new ConfigProblem(file.toString(), 0, "", reason)));
    }
    return isNutcracker(file)
        ? new LoadedConfig(NutcrackerReader.read(file), List.of(file))
        : HoconReader.load(file);
  }

  /** Whether a file's name says that it is twemproxy's. */
  public static boolean isNutcracker(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".yml") || name.endsWith(".yaml");
  }
}
