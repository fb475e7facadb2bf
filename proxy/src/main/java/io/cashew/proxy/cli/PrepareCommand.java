package io.cashew.proxy.cli;

import io.cashew.proxy.process.Rehearsal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code cashew prepare}: what the launcher runs to learn which classes a proxy needs. */
@Command(
    name = "prepare",
    mixinStandardHelpOptions = true,
    description = {
      "Makes the next starts faster.",
      "Serves a moment on a port of its own; bin/cashew archives the classes that were loaded, for"
          + " this JVM. To be run again when Java or Cashew has been upgraded."
    })
final class PrepareCommand implements Callable<Integer> {

  @Override
  public Integer call() throws Exception {
    Rehearsal.run();
    return 0;
  }
}
