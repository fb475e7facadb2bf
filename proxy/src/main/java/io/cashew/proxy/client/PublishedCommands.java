package io.cashew.proxy.client;

import io.cashew.proxy.backend.ServerFacts;
import io.cashew.proxy.command.Command;
import io.cashew.proxy.command.CommandFlag;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.command.Kind;
import java.util.Set;

/**
 * Which commands clients are told of: those that all servers of the pool have, with the servers'
 * arities, those that the proxy answers itself, and those that the configuration declares.
 * Libraries choose by it.
 */
final class PublishedCommands {
  private PublishedCommands() {}

  /** Those rows of {@code all} that clients are told of. */
  static CommandTable of(CommandTable all, ServerFacts servers) {
    Set<String> names = servers.commands();
    CommandTable there = names == null ? all : all.only(row -> isThere(row, all, names, servers));
    return servers.arities().isEmpty() ? there : there.map(row -> asServersHaveIt(row, servers));
  }

  private static Command asServersHaveIt(Command row, ServerFacts servers) {
    boolean isOurs = row.kind() == Kind.LOCAL || CommandTable.standard().find(row.name()) == null;
    return isOurs ? row : row.withArity(servers.arities().getOrDefault(row.name(), row.arity()));
  }

  private static boolean isThere(
      Command row, CommandTable all, Set<String> names, ServerFacts servers) {
    boolean isDeclared = CommandTable.standard().find(row.name()) == null;
    if (isDeclared) {
      return true;
    }
    int bar = row.name().indexOf('|');
    if (bar < 0) {
      return names.contains(row.name()) || (row.kind() == Kind.LOCAL && !row.isContainer());
    }
    Command container = all.find(row.name().substring(0, bar));
    if (container == null || !names.contains(container.name())) {
      return false; // also if a server names it: another, which names no subcommands, has none of
      // it
    }
    if (row.kind() == Kind.LOCAL || names.contains(row.name())) {
      return true;
    }
    // Neither modules nor shapes of requests that are rows of their own are published below it.
    if (row.has(CommandFlag.MODULE) || !container.listsSubcommands()) {
      return true;
    }
    String since = row.since();
    return !servers.namesSubcommands() && since != null && servers.isAtLeast(since);
  }
}
