package io.cashew.proxy.config;

import java.nio.file.Path;
import java.util.List;

/**
 * A configuration and where it came from.
 *
 * @param settings what it says
 * @param files that it was read from, the one that was named first; what that includes has followed
 */
public record LoadedConfig(Settings settings, List<Path> files) {
  public LoadedConfig {
    files = List.copyOf(files);
  }
}
