package io.cashew.proxy.cli;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.NodePlace;
import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.topology.RoleReply;
import java.io.IOException;
import java.nio.channels.UnresolvedAddressException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds out once who is what behind a node whose primary is looked for. Blocks. */
final class PrimaryProbe {

  /**
   * What was found.
   *
   * @param problem what keeps the node from being used; empty: nothing
   * @param servers those that were asked
   * @param error what is wrong with the configuration; empty: nothing
   * @param warnings what works but hurts
   * @param run of the server that has the keys, whatever its address; empty: it is not known
   * @param data what its replicas have in common with it; empty: it is not known
   */
  record Finding(
      Optional<String> problem,
      List<ProbedServer> servers,
      Optional<String> error,
      List<String> warnings,
      String run,
      String data) {
    static Finding of(Optional<String> problem) {
      return new Finding(problem, List.of(), Optional.empty(), List.of(), "", "");
    }

    /** Who is what, a text a server. */
    List<String> roles() {
      return servers.stream().map(ProbedServer::text).toList();
    }
  }

  /** The role, whether it is a server of a Cluster, which server it is, and whose data it has. */
  private static final List<List<String>> QUESTIONS =
      List.of(
          List.of("ROLE"),
          List.of("INFO", "cluster"),
          List.of("INFO", "server"),
          List.of("INFO", "replication"));

  private final PoolSettings pool;

  private PrimaryProbe(PoolSettings pool) {
    this.pool = pool;
  }

  /** Where the file says which server it is: whether that is there, and may be a node. */
  static Finding askOne(PoolSettings pool, NodePlace.At at) {
    NodeProbe.Answer answer =
        NodeProbe.ask(
            at.address(),
            pool.auth().nodeAuth(),
            pool.connections().database(),
            pool.tls().nodes(),
            QUESTIONS);
    if (answer.problem().isPresent()) {
      return Finding.of(answer.problem());
    }
    ProbedServer server = ProbedServer.of(at.address(), answer.replies());
    Optional<String> error = notANode(List.of(server));
    return new Finding(
        error.map(wrong -> "is a Sentinel"),
        List.of(),
        error,
        ofCluster(server),
        server.run(),
        server.data());
  }

  /** Asks the servers of a node, or the Sentinels first. */
  static Finding ask(PoolSettings pool, NodeSettings node) {
    PrimaryProbe probe = new PrimaryProbe(pool);
    return node.place() instanceof NodePlace.OfMaster of
        ? probe.askSentinels(of.master())
        : probe.askServers(node.place().addresses());
  }

  private ProbedServer askRole(Address address) {
    try {
      return ProbedServer.of(
          address, NodeProbe.ask(address, pool.auth().nodeAuth(), pool.tls().nodes(), QUESTIONS));
    } catch (IOException | UnresolvedAddressException away) {
      return ProbedServer.of(address, List.of());
    }
  }

  private Finding askServers(List<Address> addresses) {
    List<ProbedServer> servers = new ArrayList<>();
    addresses.forEach(address -> servers.add(askRole(address)));
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
    Optional<String> error = notANode(servers);
    Optional<ProbedServer> primary =
        servers.stream().filter(ProbedServer::isPrimary).filter(one -> primaries == 1).findFirst();
    return new Finding(
        error.isPresent() ? Optional.of("is a Sentinel") : problem,
        servers,
        error,
        warnings(servers),
        primary.map(ProbedServer::run).orElse(""),
        primary.map(ProbedServer::data).orElse(""));
  }

  private Finding askSentinels(String master) {
    SentinelProbe.Said said = SentinelProbe.ask(pool, master);
    if (said.primary().isEmpty()) {
      return new Finding(said.problem(), List.of(), said.error(), said.warnings(), "", "");
    }
    Finding servers = askServers(List.of(said.primary().get()));
    List<String> warnings = new ArrayList<>(said.warnings());
    warnings.addAll(servers.warnings());
    return new Finding(
        servers.problem(),
        servers.servers(),
        servers.error(),
        warnings,
        servers.run(),
        servers.data());
  }

  /** What a server is that can be no node; empty: it can. */
  private static Optional<String> notANode(List<ProbedServer> servers) {
    return servers.stream()
        .filter(server -> server.role() instanceof RoleReply.Sentinel)
        .map(
            server ->
                server.address().text()
                    + " is a Sentinel: write it in sentinel.addresses, and master = NAME in the"
                    + " node, NAME being one of "
                    + String.join(", ", ((RoleReply.Sentinel) server.role()).masters()))
        .findFirst();
  }

  private static List<String> warnings(List<ProbedServer> servers) {
    List<String> warnings = new ArrayList<>();
    for (ProbedServer server : servers) {
      warnings.addAll(ofCluster(server));
      List<String> beside = server.replicasOnItsHost(servers);
      if (!beside.isEmpty()) {
        warnings.add(
            "its primary "
                + server.address().text()
                + " and its replica "
                + beside.get(0)
                + " share a host, and fail together: put the replica on another");
      }
    }
    return warnings;
  }

  private static List<String> ofCluster(ProbedServer server) {
    String at = server.address().text();
    return server.isOfCluster()
        ? List.of(
            at
                + " is a server of a Redis Cluster, which answers MOVED for keys of others: write"
                + " cluster { seeds = [ \""
                + at
                + "\" ] } instead of nodes")
        : List.of();
  }
}
