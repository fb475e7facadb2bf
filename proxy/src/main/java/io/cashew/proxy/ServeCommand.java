package io.cashew.proxy;

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
    return runner.run(config.read(), config.file());
  }
}
