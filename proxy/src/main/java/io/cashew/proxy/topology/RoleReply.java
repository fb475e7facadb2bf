package io.cashew.proxy.topology;

import io.cashew.proxy.resp.ReplyValue;
import io.cashew.proxy.resp.Requests;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a server says of its role, in the reply to {@code ROLE}. Immutable. */
public sealed interface RoleReply {

  /** The command, in RESP. */
  byte[] REQUEST = Requests.of("ROLE");

  /**
   * It takes writes.
   *
   * @param offset bytes of its replication stream so far
   * @param replicas that are connected to it, {@code host:port} each
   */
  record Primary(long offset, List<String> replicas) implements RoleReply {
    public Primary {
      replicas = List.copyOf(replicas);
    }
  }

  /**
   * It copies another server.
   *
   * @param primary which, {@code host:port}
   * @param connected whether it has all that the other has had
   * @param offset bytes of the replication stream that it has; -1 while it has none
   */
  record Replica(String primary, boolean connected, long offset) implements RoleReply {}

  /**
   * It is a Sentinel.
   *
   * @param masters names that it knows
   */
  record Sentinel(List<String> masters) implements RoleReply {
    public Sentinel {
      masters = List.copyOf(masters);
    }
  }

  /**
   * It does not say.
   *
   * @param why the error, or that the reply is none
   */
  record Unknown(String why) implements RoleReply {}

  /**
   * Reads a reply; whatever it is, nothing is thrown.
   *
   * @param reply null: none came
   */
  static RoleReply of(@Nullable ReplyValue reply) {
    if (reply == null) {
      return new Unknown("no reply");
    }
    if (reply.type() == '-' || reply.type() == '!') {
      return new Unknown(reply.text());
    }
    List<ReplyValue> elements = reply.elements();
    String role = elements.isEmpty() ? "" : elements.get(0).text();
    if (role.equals("master") && elements.size() >= 3) {
      return new Primary(number(elements.get(1)), addresses(elements.get(2)));
    }
    if (role.equals("slave") && elements.size() >= 5) {
      return new Replica(
          ServerAddress.text(elements.get(1).text(), elements.get(2).text()),
          elements.get(3).text().equals("connected"),
          number(elements.get(4)));
    }
    if (role.equals("sentinel") && elements.size() >= 2) {
      return new Sentinel(elements.get(1).elements().stream().map(ReplyValue::text).toList());
    }
    return new Unknown("a reply to ROLE that names no role");
  }

  private static List<String> addresses(ReplyValue replicas) {
    List<String> addresses = new ArrayList<>();
    for (ReplyValue replica : replicas.elements()) {
      if (replica.elements().size() >= 2) {
        addresses.add(
            ServerAddress.text(replica.elements().get(0).text(), replica.elements().get(1).text()));
      }
    }
    return addresses;
  }

  private static long number(ReplyValue value) {
    return ServerAddress.number(value.text(), -1);
  }
}
