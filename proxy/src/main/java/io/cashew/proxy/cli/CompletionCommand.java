package io.cashew.proxy.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code cashew generate-completion}: a script for bash and zsh. Picocli has a command of this name
 * too, which takes any argument without a word.
 */
@Command(
    name = "generate-completion",
    mixinStandardHelpOptions = true,
    description = {
      "Prints a script that completes commands and options in bash and zsh.",
      "To try it: source <(cashew generate-completion)"
    })
final class CompletionCommand implements Runnable {
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Spec
  private CommandSpec command;

  @Override
  public void run() {
    CommandSpec root = command.root();
    root.commandLine().getOut().print(AutoComplete.bash(root.name(), root.commandLine()));
    root.commandLine().getOut().flush();
  }
}
