package io.cashew.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cashew.proxy.config.ConfigException;
import io.cashew.proxy.process.ProxyRunner;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The command line: its sub-commands, and what becomes of their failures. */
public final class CommandLines {
  private static final int FAILURE = 1;

  private CommandLines() {}

  /**
   * Runs a command.
   *
   * @param arguments a sub-command, its options and parameters, as the JVM was given them
   * @param runner serves, when the command is to
   * @return 0, 1 if it fails, 2 if it is used wrongly
   */
  public static int run(String[] arguments, ProxyRunner runner) {
    StandardStreams streams = StandardStreams.ofProcess();
    String[] given = ArgumentBytes.ofProcess(arguments);
    return isPlainServe(given)
        ? serve(Path.of(given[2]), runner, writer(streams.err()))
        : of(runner, streams).execute(given);
  }

  /** {@code serve -c FILE}, for which picocli need not be loaded: that takes a start long. */
  private static boolean isPlainServe(String[] arguments) {
    return arguments.length == 3
        && arguments[0].equals("serve")
        && (arguments[1].equals("-c") || arguments[1].equals("--config"))
        && !arguments[2].startsWith("-");
  }

  private static int serve(Path file, ProxyRunner runner, PrintWriter err) {
    try {
      return ServeCommand.run(runner, file, false);
    } catch (Exception failure) {
      return failed(failure, "cashew serve", err);
    }
  }

  private static PrintWriter writer(OutputStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, UTF_8), true);
  }

  /** The whole command line, for the program and for tests. */
  static CommandLine of(ProxyRunner runner, StandardStreams streams) {
    CommandLine line = new CommandLine(new CashewCommand());
    line.addSubcommand(new ServeCommand(runner));
    line.addSubcommand(new DemoCommand(runner));
    line.addSubcommand(new CheckCommand());
    line.addSubcommand(new DiffCommand());
    line.addSubcommand(new RouteCommand(streams));
    line.addSubcommand(new ExplainCommand(streams));
    line.addSubcommand(new RingCommand());
    line.addSubcommand(new TopologyCommand());
    line.addSubcommand(new TopCommand());
    line.addSubcommand(new CtlCommand());
    line.addSubcommand(new ImportCommand());
    line.addSubcommand(new PrepareCommand());
    line.addSubcommand(new VersionCommand());
    line.addSubcommand(new CompletionCommand());
    line.addSubcommand(new ManualCommand());
    return line
        // A key may begin with @.
        .setExpandAtFiles(false)
        .setOut(writer(streams.out()))
        .setErr(writer(streams.err()))
        .setParameterExceptionHandler(CommandLines::wrongUsage)
        .setExecutionExceptionHandler(
            (failure, command, parsed) ->
                failed(failure, command.getCommandSpec().qualifiedName(), command.getErr()));
  }

  private static int wrongUsage(ParameterException wrong, String[] arguments) {
    CommandLine command = wrong.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    command.getErr().println(name + ": " + WrongUsage.text(wrong));
    command.getErr().println("Try '" + name + " --help'.");
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  private static int failed(Exception failure, String command, PrintWriter err) {
    if (failure instanceof ConfigException) {
      err.println(failure.getMessage());
    } else if (failure instanceof IOException) {
      err.println(command + ": " + failure.getMessage());
    } else {
      // Not foreseen: whoever reports it needs to say where it happened.
      failure.printStackTrace(err);
    }
    return FAILURE;
  }
}
