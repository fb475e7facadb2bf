package io.cashew.proxy.command;

import static io.cashew.proxy.command.CommandFlag.ADMIN;
import static io.cashew.proxy.command.CommandFlag.LOADING;
import static io.cashew.proxy.command.CommandFlag.NOSCRIPT;
import static io.cashew.proxy.command.CommandFlag.STALE;
import static io.cashew.proxy.command.KeyFlag.RO;
import static io.cashew.proxy.command.KeySpec.key;
import static io.cashew.proxy.command.KeySpec.keys;
import static io.cashew.proxy.command.KeySpec.none;
import static io.cashew.proxy.command.Property.TELLS_OF_DATA;

import java.util.List;

/**
 * {@code DEBUG}, which Redis publishes as one command without keys: with rows for those of its
 * subcommands that name a key, or that no proxy should pass on. All others go to every node.
 */
final class DebugCommands {
  private static final Trait[] FLAGS = {ADMIN, NOSCRIPT, LOADING, STALE};

  private DebugCommands() {}

  static List<Command> rows() {
    CommandFamily family =
        new CommandFamily("server")
            .admin("debug", -2, none(), FLAGS)
            .and(Subcommands.UNLISTED)
            .admin("debug|digest", 2, none(), FLAGS)
            .and(TELLS_OF_DATA)
            .because("The digests of all nodes, combined bit by bit with exclusive or")
            .admin("debug|digest-value", -3, keys(2, -1, 1, RO), FLAGS)
            .admin("debug|htstats-key", -3, key(2, RO), FLAGS)
            .admin("debug|listpack", 3, key(2, RO), FLAGS)
            .admin("debug|object", -3, key(2, RO), FLAGS)
            .admin("debug|populate", -3, none(), FLAGS)
            .and(RequestPolicy.SPECIAL)
            .because("Each key on its own node")
            .admin("debug|quicklist", -3, key(2, RO), FLAGS)
            .admin("debug|sdslen", 3, key(2, RO), FLAGS)
            .admin("debug|ziplist", 3, key(2, RO), FLAGS);
    for (String name :
        List.of("assert", "crash-and-recover", "oom", "panic", "restart", "segfault")) {
      family
          .refused("debug|" + name, -2, none(), FLAGS)
          .because(
              "DEBUG "
                  + name.toUpperCase(java.util.Locale.ROOT)
                  + " would stop a server that other clients use");
    }
    return family.rows();
  }
}
