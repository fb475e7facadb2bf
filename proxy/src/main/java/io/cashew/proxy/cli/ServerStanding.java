package io.cashew.proxy.cli;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.resp.ReplyValue;
import java.io.IOException;
import java.nio.channels.UnresolvedAddressException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How far a server is with its data, and where it stands, as it says.
 *
 * @param offset bytes of the writes that it has; empty: it does not say
 * @param link of a replica to its primary: {@code up} or {@code down}; empty: it is none
 * @param zone that it is in; empty: it does not say
 */
record ServerStanding(OptionalLong offset, String link, String zone) {
  private static final List<List<String>> QUESTIONS =
      List.of(List.of("INFO", "replication"), List.of("INFO", "server"));

  /** Asks a server. Blocks; empty if it does not answer. */
  static Optional<ServerStanding> ask(PoolSettings pool, Address address) {
    try {
      Map<String, String> said = new HashMap<>();
      for (ReplyValue reply :
          NodeProbe.ask(address, pool.auth().nodeAuth(), pool.tls().nodes(), QUESTIONS)) {
        reply.words().lines().forEach(line -> note(line, said));
      }
      String offset =
          said.getOrDefault("slave_repl_offset", said.getOrDefault("master_repl_offset", ""));
      return Optional.of(
          new ServerStanding(
              offset.matches("\\d{1,18}")
                  ? OptionalLong.of(Long.parseLong(offset))
                  : OptionalLong.empty(),
              said.getOrDefault("master_link_status", ""),
              said.getOrDefault("availability_zone", "")));
    } catch (IOException | UnresolvedAddressException away) {
      return Optional.empty();
    }
  }

  private static void note(String line, Map<String, String> said) {
    int colon = line.indexOf(':');
    if (colon > 0) {
      said.put(line.substring(0, colon), line.substring(colon + 1).strip());
    }
  }

  /**
   * As words with spaces between them: {@code behind=0 link=up zone=a}.
   *
   * @param primary that it copies; empty: it does not answer, or is this one
   */
  String words(Optional<ServerStanding> primary) {
    StringBuilder words = new StringBuilder();
    if (!link.isEmpty()) {
      if (offset.isPresent() && primary.isPresent() && primary.get().offset.isPresent()) {
        long behind = primary.get().offset.getAsLong() - offset.getAsLong();
        words.append(" behind=").append(Math.max(0, behind));
      }
      words.append(" link=").append(link);
    }
    if (!zone.isEmpty()) {
      words.append(" zone=").append(zone);
    }
    return words.toString().strip();
  }
}
