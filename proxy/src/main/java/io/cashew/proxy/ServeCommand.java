package io.cashew.proxy;

import io.cashew.proxy.config.ConfigFile;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code cashew serve}: the proxy. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = "Runs the proxy until SIGTERM or Ctrl-C.")
final class ServeCommand implements Callable<Integer> {
  private final ProxyRunner runner;

  @Mixin private final ConfigOption config = new ConfigOption();

  ServeCommand(ProxyRunner runner) {
    this.runner = runner;
  }

  @Override
  public Integer call() throws Exception {
    return run(runner, config.file());
  }

  /** What the command does, without picocli; {@link Main} goes this way where it can. */
  static int run(ProxyRunner runner, Path file) throws Exception {
    return runner.run(ConfigFile.read(file), file);
  }
}
