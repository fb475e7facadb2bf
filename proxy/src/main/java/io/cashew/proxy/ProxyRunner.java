package io.cashew.proxy;

import io.cashew.proxy.config.Settings;

/** Runs the proxy until it is told to stop. */
@FunctionalInterface
public interface ProxyRunner {

  /**
   * Serves with these settings.
   *
   * @return the exit status of the program
   * @throws Exception if it cannot start, for example because an address is in use
   */
  int run(Settings settings) throws Exception;
}
