package io.cashew.proxy.cli;

import io.cashew.proxy.command.KeyRoutes;
import io.cashew.proxy.config.PoolSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --user}: by whose routes a key is found. */
final class UserOption {
  @Option(
      names = "--user",
      paramLabel = "USER",
      description =
          "Whose keys, of a pool with routes for some users; without it, everybody else's.")
  private String user = "";

  /** The routes of that user; null: the pool has none. */
  @Nullable KeyRoutes routesOf(PoolSettings pool) {
    return pool.hasRoutes() ? pool.poolRoutes().of(user) : null;
  }
}
