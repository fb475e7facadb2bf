package io.cashew.proxy.cli;

import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.Settings;
import io.cashew.proxy.control.TlsContexts;
import io.cashew.proxy.insight.AccessLog;
import io.cashew.proxy.process.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** What {@code serve} needs besides a configuration without mistakes. */
final class Preconditions {
  private Preconditions() {}

  /**
   * Looks whether this machine has it.
   *
   * @throws IOException if it has not; the message says what is missing
   */
  static void check(Settings settings) throws IOException {
    TlsContexts.check(settings);
    try {
      Transport.of(settings.workers().transport());
    } catch (UnsupportedOperationException missing) {
      throw new IOException(missing.getMessage(), missing);
    }
    for (PoolSettings pool : settings.pools()) {
      Optional<Path> accessLog = pool.insight().accessLog();
      if (accessLog.isPresent()) {
        AccessLog.check(accessLog.get());
      }
    }
  }
}
