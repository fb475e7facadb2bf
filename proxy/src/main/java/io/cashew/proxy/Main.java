package io.cashew.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cashew.proxy.config.ConfigException;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Where the program starts: the one place that knows every command and what runs the proxy. */
public final class Main {

  /** Status of a command that fails; picocli's own for wrong usage is 2. */
  static final int FAILURE = 1;

  private Main() {}

  /**
   * Runs a command and exits with its status: 0, 1 if it fails, 2 if it is used wrongly.
   *
   * @param arguments a sub-command, its options and parameters
   */
  public static void main(String[] arguments) {
    StandardStreams streams = StandardStreams.ofProcess();
    Serving serving = new Serving();
    serving.exit(commandLine(serving, streams).execute(ArgumentBytes.ofProcess(arguments)));
  }

  /** The whole command line, for the program and for tests. */
  static CommandLine commandLine(ProxyRunner runner, StandardStreams streams) {
    CommandLine line = new CommandLine(new CashewCommand());
    line.addSubcommand(new ServeCommand(runner));
    line.addSubcommand(new DemoCommand(runner));
    line.addSubcommand(new CheckCommand());
    line.addSubcommand(new DiffCommand());
    line.addSubcommand(new RouteCommand(streams));
    line.addSubcommand(new ImportCommand());
    line.addSubcommand(new GenerateCompletion());
    return line
        // A key may begin with @.
        .setExpandAtFiles(false)
        .setOut(new PrintWriter(new OutputStreamWriter(streams.out(), UTF_8), true))
        .setErr(new PrintWriter(new OutputStreamWriter(streams.err(), UTF_8), true))
        .setParameterExceptionHandler(Main::wrongUsage)
        .setExecutionExceptionHandler(Main::failure);
  }

  private static int wrongUsage(ParameterException wrong, String[] arguments) {
    CommandLine command = wrong.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    command.getErr().println(name + ": " + wrong.getMessage());
    command.getErr().println("Try '" + name + " --help'.");
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  private static int failure(
      Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
    if (failure instanceof ConfigException) {
      command.getErr().println(failure.getMessage());
    } else if (failure instanceof IOException) {
      command
          .getErr()
          .println(command.getCommandSpec().qualifiedName() + ": " + failure.getMessage());
    } else {
      // Not foreseen: whoever reports it needs to say where it happened.
      failure.printStackTrace(command.getErr());
    }
    return FAILURE;
  }
}
