package io.cashew.proxy.config;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What must hold between pools and nodes, whichever file they come from. */
final class PoolChecks {
  private PoolChecks() {}

  /** Who listens where; compares addresses as texts, since nothing is resolved yet. */
  static final class Listeners {
    private final Map<String, String> owners = new HashMap<>();

    Listeners(Optional<Address> admin) {
      admin.ifPresent(address -> owners.put(address.text(), "the admin address"));
    }

    /**
     * Takes an address for a pool.
     *
     * @return what is wrong if another has it
     */
    Optional<String> claim(String pool, Address address) {
      // A port of 0 is a different port each time.
      if (address instanceof Address.Nowhere
          || (address instanceof Address.Tcp tcp && tcp.port() == 0)) {
        return Optional.empty();
      }
      String owner = owners.putIfAbsent(address.text(), "pool '" + pool + "'");
      return Optional.ofNullable(owner)
          .map(taken -> "'" + address.text() + "' is also where " + taken + " listens");
    }
  }

  /** The names of one pool's nodes, and the lines that gave them. */
  static final class Names {
    private final Map<String, Integer> lines = new HashMap<>();

    /**
     * Takes a name for a node.
     *
     * @return what is wrong if another node has it
     */
    Optional<String> claim(String name, int line) {
      Integer first = lines.putIfAbsent(name, line);
      return Optional.ofNullable(first)
          .map(
              other ->
                  "has two nodes named '"
                      + name
                      + "' (the other on line "
                      + other
                      + "): keys are spread by name, so each needs its own");
    }
  }

  /** What keeps keys from being spread over the pool's nodes. */
  static Optional<String> spread(PoolSettings pool) {
    if (pool.nodes().isEmpty()) {
      return Optional.empty();
    }
    try {
      pool.keyMapper();
      return Optional.empty();
    } catch (IllegalArgumentException wrong) {
      return Optional.of(String.valueOf(wrong.getMessage()));
    }
  }
}
