package io.cashew.proxy.topology;

import io.cashew.proxy.resp.ReplyValue;
import io.cashew.proxy.resp.Requests;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a server says of its data and where they come from, in the reply to {@code INFO
 * replication}. Immutable.
 *
 * <p>A history of writes has an id. A replica has its primary's; when it takes over, it begins one
 * of its own and keeps the former as its second, up to the offset at which it took over (Redis's
 * {@code replication.c}, {@code shiftReplicationId}).
 *
 * @param isPrimary whether it takes writes
 * @param history id of the history of its data
 * @param formerHistory id of the history that it has taken over; empty: none
 * @param tookOverAt offset up to which its data are those of the former history; -1: none
 * @param offset bytes of the replication stream that it has
 * @param linkUp of a replica: whether it is connected to its primary and has all that it had
 */
public record ReplicationState(
    boolean isPrimary,
    String history,
    String formerHistory,
    long tookOverAt,
    long offset,
    boolean linkUp) {

  /** The command, in RESP. */
  public static final byte[] REQUEST = Requests.of("INFO", "replication");

  /** A second id that stands for none. */
  private static final String NO_HISTORY = "0".repeat(40);

  /**
   * Reads a reply; whatever it is, nothing is thrown.
   *
   * @param reply null: none came
   * @return empty if it says no role: an error, or something else than a reply to INFO
   */
  static Optional<ReplicationState> of(@Nullable ReplyValue reply) {
    if (reply == null || !reply.isText()) {
      return Optional.empty();
    }
    Map<String, String> fields = new HashMap<>();
    for (String line : reply.words().split("\r\n", -1)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        fields.put(line.substring(0, colon), line.substring(colon + 1));
      }
    }
    String role = fields.getOrDefault("role", "");
    boolean isPrimary = role.equals("master");
    if (!isPrimary && !role.equals("slave")) {
      return Optional.empty();
    }
    String second = fields.getOrDefault("master_replid2", NO_HISTORY);
    long primaryOffset = number(fields, "master_repl_offset", 0);
    return Optional.of(
        new ReplicationState(
            isPrimary,
            fields.getOrDefault("master_replid", ""),
            second.equals(NO_HISTORY) ? "" : second,
            number(fields, "second_repl_offset", -1),
            isPrimary ? primaryOffset : number(fields, "slave_repl_offset", primaryOffset),
            "up".equals(fields.get("master_link_status"))));
  }

  private static long number(Map<String, String> fields, String name, long otherwise) {
    return ServerAddress.number(fields.getOrDefault(name, ""), otherwise);
  }

  /** Whether its data are of a history, or have been up to when it took over. */
  boolean has(String id) {
    return !id.isEmpty() && (id.equals(history) || id.equals(formerHistory));
  }
}
