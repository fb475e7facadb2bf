package io.cashew.proxy.cli;

import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.Settings;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The option that names a pool. */
final class PoolOption {
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--pool",
      paramLabel = "POOL",
      description = "The pool that is meant; needed when the configuration has several.")
  private @Nullable String pool;

  /** A pool of a configuration that has one of this name. */
  static PoolSettings named(Settings settings, String name) {
    return settings.pools().stream()
        .filter(pool -> pool.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** The pool that is named, or the only one. */
  PoolSettings choose(Settings settings) {
    List<String> names = settings.pools().stream().map(PoolSettings::name).toList();
    if (pool == null && names.size() > 1) {
      throw new ParameterException(
          spec.commandLine(), "which pool? Name it with --pool: " + String.join(" ", names));
    }
    return settings.pools().stream()
        .filter(candidate -> pool == null || candidate.name().equals(pool))
        .findFirst()
        .orElseThrow(
            () ->
                new ParameterException(
                    spec.commandLine(),
                    "there is no pool '" + pool + "'; there are: " + String.join(" ", names)));
  }
}
