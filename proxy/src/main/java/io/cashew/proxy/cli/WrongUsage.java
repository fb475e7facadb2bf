package io.cashew.proxy.cli;

import io.cashew.hashing.registry.NearestName;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is said of a command line that is wrong. Stateless. */
final class WrongUsage {
  private WrongUsage() {}

  /** What is wrong, and what to write instead; picocli's own words where they say that. */
  static String text(ParameterException wrong) {
    if (!(wrong instanceof UnmatchedArgumentException unmatched)
        || unmatched.getUnmatched().isEmpty()) {
      return String.valueOf(wrong.getMessage());
    }
    String argument = unmatched.getUnmatched().get(0);
    CommandSpec command = wrong.getCommandLine().getCommandSpec();
    if (unmatched.isUnknownOption()) {
      return unknownOption(argument.replaceFirst("=.*", ""), command);
    }
    List<String> commands = names(command);
    if (!commands.isEmpty()) {
      return "there is no command '"
          + argument
          + "', did you mean '"
          + NearestName.to(argument, commands)
          + "'? known: "
          + String.join(" ", commands);
    }
    String nothing = "'" + argument + "' is one argument more than this command takes";
    return command.findOption("-c") != null && isFile(argument)
        ? nothing + ": name the configuration with -c " + argument
        : nothing + ": remove it";
  }

  /** Of an option that may belong to a command that follows it, or be another one mistyped. */
  private static String unknownOption(String option, CommandSpec command) {
    String unknown = "there is no option '" + option + "'";
    Optional<CommandSpec> owner =
        command.subcommands().values().stream()
            .map(CommandLine::getCommandSpec)
            .filter(each -> each.findOption(option) != null)
            .findFirst();
    if (owner.isPresent()) {
      return unknown
          + " before the command: write it behind the one that it is for, as in "
          + owner.get().qualifiedName()
          + " "
          + option;
    }
    List<String> options =
        command.options().stream()
            .filter(each -> !each.hidden())
            .map(OptionSpec::names)
            .flatMap(Stream::of)
            .toList();
    return unknown
        + ", did you mean '"
        + NearestName.to(option, options)
        + "'? known: "
        + String.join(" ", options);
  }

  /** The sub-commands that a user should know of. */
  static List<String> names(CommandSpec command) {
    return command.subcommands().values().stream()
        .map(CommandLine::getCommandSpec)
        .filter(each -> !each.usageMessage().hidden())
        .map(CommandSpec::name)
        .distinct()
        .toList();
  }

  private static boolean isFile(String argument) {
    try {
      return Files.isRegularFile(Path.of(argument));
    } catch (InvalidPathException noName) {
      return false;
    }
  }
}
