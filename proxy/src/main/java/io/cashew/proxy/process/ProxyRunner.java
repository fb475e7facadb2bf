package io.cashew.proxy.process;

import io.cashew.proxy.config.Settings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Runs the proxy until it is told to stop. */
@FunctionalInterface
public interface ProxyRunner {

  /**
   * Serves with these settings.
   *
   * @param file where they were read, which is watched; null: there is none
   * @return the exit status of the program
   * @throws Exception if it cannot start, for example because an address is in use
   */
  int run(Settings settings, @Nullable Path file) throws Exception;

  /**
   * The same.
   *
   * @param serving is run when every address is listened on
   */
  default int run(Settings settings, @Nullable Path file, Runnable serving) throws Exception {
    serving.run();
    return run(settings, file);
  }

  /** The same, with the listeners of the process that serves now, if there is one. */
  default int takeOver(Settings settings, Path file) throws Exception {
    return run(settings, file);
  }
}
