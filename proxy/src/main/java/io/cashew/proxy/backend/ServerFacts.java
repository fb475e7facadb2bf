package io.cashew.proxy.backend;

import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a server has said of itself, or what several have in common. Immutable.
 *
 * @param redisVersion the Redis version that it says it is compatible with
 * @param valkeyVersion its own version, if it is Valkey; else null
 * @param modules version of each by name, as {@code MODULE LIST} gives them
 * @param commands names in lower case, subcommands as {@code config|get}; null: not known
 * @param arities of commands and subcommands by such names, as far as they are known
 * @param namesSubcommands whether subcommands are among them, which Redis tells from 7.0 on
 * @param runId of the process; null: not known, or of several
 * @param address where it was asked; null: several were
 */
public record ServerFacts(
    String redisVersion,
    @Nullable String valkeyVersion,
    Map<String, Long> modules,
    @Nullable Set<String> commands,
    Map<String, Integer> arities,
    boolean namesSubcommands,
    @Nullable String runId,
    @Nullable SocketAddress address) {

  /** As long as no server has said anything. */
  public static final ServerFacts UNKNOWN =
      new ServerFacts("7.2.0", null, Map.of(), null, Map.of(), false, null, null);

  private static final Comparator<String> BY_VERSION =
      Comparator.comparing(ServerFacts::numbers, ServerFacts::compareNumbers);

  /**
   * What clients may rely on, whichever of these servers has their key: the least version, the
   * commands and modules that all have, with the arities of the least version. Those whose commands
   * are not known do not limit them.
   */
  public static ServerFacts leastOf(List<ServerFacts> servers) {
    if (servers.isEmpty()) {
      return UNKNOWN;
    }
    boolean allValkey = servers.stream().allMatch(server -> server.valkeyVersion != null);
    List<String> valkeyVersions = new ArrayList<>();
    Map<String, Long> modules = new HashMap<>(servers.get(0).modules);
    Set<String> commands = null;
    Map<String, Integer> arities = new HashMap<>();
    servers.stream()
        .sorted(Comparator.comparing(ServerFacts::redisVersion, BY_VERSION))
        .forEach(server -> server.arities.forEach(arities::putIfAbsent));
    boolean namesSubcommands = true;
    for (ServerFacts server : servers) {
      if (server.valkeyVersion != null) {
        valkeyVersions.add(server.valkeyVersion);
      }
      modules.keySet().retainAll(server.modules.keySet());
      modules.replaceAll(
          (name, version) -> Math.min(version, server.modules.getOrDefault(name, version)));
      if (server.commands != null) {
        namesSubcommands &= server.namesSubcommands;
        if (commands == null) {
          commands = new HashSet<>(server.commands);
        } else {
          retain(commands, server);
        }
      }
    }
    return new ServerFacts(
        servers.stream().map(ServerFacts::redisVersion).min(BY_VERSION).orElseThrow(),
        allValkey ? valkeyVersions.stream().min(BY_VERSION).orElse(null) : null,
        Map.copyOf(modules),
        commands == null ? null : Set.copyOf(commands),
        Map.copyOf(arities),
        commands != null && namesSubcommands,
        null,
        null);
  }

  /** The same facts with what {@code COMMAND} says. */
  public ServerFacts with(@Nullable Set<String> itsCommands, Map<String, Integer> itsArities) {
    return new ServerFacts(
        redisVersion,
        valkeyVersion,
        modules,
        itsCommands,
        itsArities,
        namesSubcommands,
        runId,
        address);
  }

  /** A server that does not name subcommands says nothing of those that others have. */
  private static void retain(Set<String> commands, ServerFacts server) {
    Set<String> theirs = server.commands;
    if (theirs != null) {
      commands.removeIf(
          name -> !theirs.contains(name) && (server.namesSubcommands || name.indexOf('|') < 0));
    }
  }

  /** Whether {@link #redisVersion} is at least {@code version}. */
  public boolean isAtLeast(String version) {
    return BY_VERSION.compare(redisVersion, version) >= 0;
  }

  private static List<Long> numbers(String version) {
    List<Long> numbers = new ArrayList<>();
    for (String part : version.split("[^0-9]+", -1)) {
      numbers.add(part.isEmpty() || part.length() > 18 ? Long.valueOf(0) : Long.valueOf(part));
    }
    return numbers;
  }

  private static int compareNumbers(List<Long> one, List<Long> other) {
    for (int i = 0; i < Math.max(one.size(), other.size()); i++) {
      long first = i < one.size() ? one.get(i) : 0;
      long second = i < other.size() ? other.get(i) : 0;
      if (first != second) {
        return Long.compare(first, second);
      }
    }
    return 0;
  }
}
