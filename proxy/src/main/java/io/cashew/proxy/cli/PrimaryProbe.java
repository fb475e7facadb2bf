package io.cashew.proxy.cli;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.NodeAuth;
import io.cashew.proxy.config.NodePlace;
import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.NodeTls;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.SentinelSettings;
import io.cashew.proxy.resp.ReplyValue;
import io.cashew.proxy.topology.RoleReply;
import java.io.IOException;
import java.nio.channels.UnresolvedAddressException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Finds out once who is what behind a node whose primary is looked for. Blocks. */
final class PrimaryProbe {

  /**
   * What was found.
   *
   * @param problem what keeps the node from being used; empty: nothing
   * @param servers those that were asked
   * @param error what is wrong with the configuration; empty: nothing
   */
  record Finding(Optional<String> problem, List<ProbedServer> servers, Optional<String> error) {
    static Finding of(Optional<String> problem) {
      return new Finding(problem, List.of(), Optional.empty());
    }

    /** Who is what, a text a server. */
    List<String> roles() {
      return servers.stream().map(ProbedServer::text).toList();
    }
  }

  private final PoolSettings pool;

  private PrimaryProbe(PoolSettings pool) {
    this.pool = pool;
  }

  static Finding ask(PoolSettings pool, NodeSettings node) {
    PrimaryProbe probe = new PrimaryProbe(pool);
    return node.place() instanceof NodePlace.OfMaster of
        ? probe.askSentinels(of.master())
        : probe.askServers(node.place().addresses());
  }

  private static Optional<ReplyValue> ask(
      Address address, Optional<NodeAuth> auth, Optional<NodeTls> tls, String... words) {
    try {
      return Optional.of(NodeProbe.ask(address, auth, tls, List.of(words)));
    } catch (IOException | UnresolvedAddressException away) {
      return Optional.empty();
    }
  }

  private Finding askServers(List<Address> addresses) {
    List<ProbedServer> servers = new ArrayList<>();
    for (Address address : addresses) {
      Optional<ReplyValue> reply = ask(address, pool.auth().nodeAuth(), pool.tls().nodes(), "ROLE");
      servers.add(new ProbedServer(address, RoleReply.of(reply.orElse(null)), reply.isPresent()));
    }
    String roles = String.join(", ", servers.stream().map(ProbedServer::text).toList());
    long primaries = servers.stream().filter(ProbedServer::isPrimary).count();
    Optional<String> problem =
        primaries == 1
            ? Optional.empty()
            : Optional.of(
                primaries == 0
                    ? "has no primary: " + roles
                    : "has "
                        + primaries
                        + " servers that say they are primary: "
                        + roles
                        + "; run REPLICAOF on those that are to follow");
    return new Finding(problem, servers, Optional.empty());
  }

  private Finding askSentinels(String master) {
    SentinelSettings sentinel = pool.sentinel();
    Optional<NodeAuth> login =
        sentinel.password().map(password -> new NodeAuth(sentinel.username(), password));
    Map<String, Integer> votes = new LinkedHashMap<>();
    Set<String> known = new TreeSet<>();
    int answering = 0;
    for (Address address : sentinel.addresses()) {
      Optional<ReplyValue> named =
          ask(address, login, sentinel.tls(), "SENTINEL", "GET-MASTER-ADDR-BY-NAME", master)
              .filter(reply -> reply.type() == '*');
      if (named.isEmpty()) {
        continue;
      }
      answering++;
      List<ReplyValue> parts = named.get().elements();
      if (parts.size() >= 2) {
        votes.merge(parts.get(0).text() + " " + parts.get(1).text(), 1, Integer::sum);
      } else {
        ask(address, login, sentinel.tls(), "SENTINEL", "MASTERS")
            .ifPresent(masters -> names(masters, known));
      }
    }
    String prefix = answering + " of " + sentinel.addresses().size() + " Sentinels answer";
    if (votes.isEmpty() && answering > 0) {
      return new Finding(
          Optional.of("has an unknown master"),
          List.of(),
          Optional.of(
              "the Sentinels know no master '"
                  + master
                  + (known.isEmpty()
                      ? "', nor any other: write SENTINEL MONITOR there first"
                      : "': write master = one of " + String.join(", ", known))));
    }
    Optional<String> most =
        votes.entrySet().stream()
            .filter(each -> 2 * each.getValue() > sentinel.addresses().size())
            .map(Map.Entry::getKey)
            .findFirst();
    if (most.isEmpty()) {
      return Finding.of(
          Optional.of("has no primary: " + prefix + ", and most do not agree on where it is"));
    }
    String[] parts = most.get().split(" ", -1);
    return askServers(List.of(new Address.Tcp(parts[0], Integer.parseInt(parts[1]))));
  }

  /** Each is an array of names and values in turn. */
  private static void names(ReplyValue masters, Set<String> into) {
    for (ReplyValue each : masters.elements()) {
      List<ReplyValue> pairs = each.elements();
      for (int i = 0; i + 1 < pairs.size(); i += 2) {
        if (pairs.get(i).text().equals("name")) {
          into.add(pairs.get(i + 1).text());
        }
      }
    }
  }
}
