package io.cashew.proxy.cli;

import io.cashew.proxy.process.ProgramVersion;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Spec;

/** {@code cashew generate-manual}: the page of {@code man cashew}, of the options as they are. */
@Command(
    name = "generate-manual",
    mixinStandardHelpOptions = true,
    description = {"Prints the manual page.", "To try it: cashew generate-manual | man -l -"})
final class ManualCommand implements Callable<Integer> {
  private static final String END =
      """
      .SH ENVIRONMENT
      .TP
      .B JAVA_HOME
      The JVM to run on, of Java 17 or later; else the java on the PATH.
      .TP
      .B CASHEW_OPTS
      Added to the options of the JVM.
      .TP
      .B CASHEW_ARCHIVE
      The directory of the archive that prepare makes; by default that of the jars.
      .SH SIGNALS
      .TP
      .B SIGTERM, SIGINT
      Drains: the port serves on for drain\\-delay, then clients leave within drain\\-timeout. A
      second one ends it at once.
      .TP
      .B SIGHUP
      Reads the configuration again; one that is wrong changes nothing.
      .SH FILES
      .TP
      .I /etc/cashew/cashew.conf
      The configuration of the systemd units; /opt/cashew/conf/cashew.conf has every key.
      .TP
      .I /etc/cashew/environment
      Secrets for ${NAME} in it, one NAME=value a line.
      .SH EXIT STATUS
      0, 1 if the command fails, 2 if it is used wrongly.
      .SH SEE ALSO
      .BR redis\\-cli (1),
      the documents in /opt/cashew/docs
      """;

  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Spec
  private CommandSpec command;

  @Override
  public Integer call() throws IOException {
    CommandSpec root = command.root();
    PrintWriter out = root.commandLine().getOut();
    out.print(".TH CASHEW 1 \"\" \"cashew " + escaped(ProgramVersion.text()) + "\"\n");
    out.print(".SH NAME\ncashew \\- a sharding proxy for Redis, Valkey and memcached\n");
    out.print(".SH SYNOPSIS\n.B cashew\n.I COMMAND\n[\\fIOPTION\\fR ...]\n");
    out.print(".SH DESCRIPTION\n");
    out.print(
        "An application points its ordinary client at one port, and Cashew sends every command to"
            + " the right one of many servers.\n");
    out.print(".SH COMMANDS\n");
    root.subcommands().values().stream()
        .map(CommandLine::getCommandSpec)
        .forEach(each -> describe(each, out));
    out.print(END);
    out.flush();
    return 0;
  }

  private static void describe(CommandSpec of, PrintWriter out) {
    out.print(".SS " + escaped(of.qualifiedName()) + parameters(of) + "\n");
    for (String line : of.usageMessage().description()) {
      out.print(escaped(line) + "\n");
    }
    for (PositionalParamSpec each : of.positionalParameters()) {
      item(each.paramLabel(), each.description(), out);
    }
    for (OptionSpec each : of.options()) {
      if (!each.usageHelp() && !each.versionHelp() && !each.hidden()) {
        String value = each.arity().max() > 0 ? " " + each.paramLabel() : "";
        item(String.join(", ", each.names()) + value, each.description(), out);
      }
    }
    of.subcommands().values().stream()
        .map(CommandLine::getCommandSpec)
        .forEach(each -> describe(each, out));
  }

  private static String parameters(CommandSpec of) {
    return of.positionalParameters().stream()
        .map(each -> " \\fI" + escaped(each.paramLabel()) + "\\fR")
        .collect(Collectors.joining());
  }

  private static void item(String name, String[] description, PrintWriter out) {
    out.print(".TP\n.B " + escaped(name) + "\n");
    for (String line : description) {
      out.print(escaped(line) + "\n");
    }
  }

  /** As a line of text for troff, to which a backslash, a hyphen and a first dot are commands. */
  private static String escaped(String text) {
    String line = text.replace("%%", "%").replace("\\", "\\e").replace("-", "\\-");
    return line.startsWith(".") || line.startsWith("'") ? "\\&" + line : line;
  }
}
