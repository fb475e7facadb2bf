package io.cashew.proxy.cli;

import io.cashew.proxy.config.ConfigFile;
import io.cashew.proxy.process.ProxyRunner;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cashew serve}: the proxy. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = "Runs the proxy until SIGTERM or Ctrl-C.")
final class ServeCommand implements Callable<Integer> {
  private final ProxyRunner runner;

  @Mixin private final ConfigOption config = new ConfigOption();

  @Option(
      names = "--take-over",
      description = {
        "Takes the listeners over from the proxy of the same user and admin address that runs,",
        "which then drains: no client is refused. Without one, starts as usual."
      })
  private boolean takeOver;

  ServeCommand(ProxyRunner runner) {
    this.runner = runner;
  }

  @Override
  public Integer call() throws Exception {
    return run(runner, config.file(), takeOver);
  }

  /** What the command does, without picocli; {@link CommandLines} goes this way where it can. */
  static int run(ProxyRunner runner, Path file, boolean takeOver) throws Exception {
    return takeOver
        ? runner.takeOver(ConfigFile.read(file), file)
        : runner.run(ConfigFile.read(file), file);
  }
}
