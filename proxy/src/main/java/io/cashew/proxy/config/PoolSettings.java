package io.cashew.proxy.config;

import io.cashew.hashing.KeyMapper;
import io.cashew.hashing.distribution.Distribution;
import io.cashew.hashing.distribution.DistributionFactory;
import io.cashew.hashing.distribution.Member;
import io.cashew.hashing.distribution.Substitution;
import io.cashew.proxy.acl.BadRuleException;
import io.cashew.proxy.acl.Users;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A listener and its nodes.
 *
 * @param name unique; names the pool in metrics, logs and errors
 * @param listen where clients connect
 * @param nodes at least one, in the order of the file
 * @param placement which node a key belongs to
 * @param connections to the nodes
 * @param health when a node counts as down, and what follows
 * @param auth who clients are, and who the proxy is to the nodes
 * @param commands what is said of commands
 * @param clients how they are accepted, and when they are closed
 * @param limits of frames and buffers
 * @param tls on the side of the clients and of the nodes
 * @param insight what is noted of requests
 */
public record PoolSettings(
    String name,
    Address listen,
    List<NodeSettings> nodes,
    PlacementSettings placement,
    NodeConnections connections,
    HealthSettings health,
    AuthSettings auth,
    CommandSettings commands,
    ClientConnections clients,
    LimitSettings limits,
    PoolTls tls,
    InsightSettings insight) {
  public PoolSettings {
    nodes = List.copyOf(nodes);
  }

  /** The same with what another has that takes a restart to change. */
  PoolSettings withWhatTakesARestart(PoolSettings other) {
    ClientConnections listening =
        new ClientConnections(
            other.clients.backlog(),
            clients.keepaliveSeconds(),
            clients.perAddress(),
            clients.idleMillis(),
            clients.slowRequestMillis(),
            clients.failedAuthenticationDelayMillis());
    return new PoolSettings(
        name,
        listen,
        nodes,
        placement,
        connections,
        health,
        auth,
        commands,
        listening,
        limits,
        tls,
        other.insight);
  }

  /** Whether a client needs neither a password nor a certificate. */
  public boolean letsAnybodyIn() {
    boolean certificates =
        tls.clients()
            .map(clients -> clients.clientCertificates() == ClientCertificates.REQUIRED)
            .orElse(false);
    return !certificates && rights().open();
  }

  /** The nodes as a distribution sees them; a member's index is its node's place in the list. */
  public List<Member> members() {
    return IntStream.range(0, nodes.size())
        .mapToObj(
            index -> {
              NodeSettings node = nodes.get(index);
              return new Member(index, node.name(), node.weight(), node.slots());
            })
        .toList();
  }

  /**
   * The distribution over all nodes, none being ejected.
   *
   * @throws IllegalArgumentException if the nodes cannot be spread over; the message says why
   */
  public Distribution spread() {
    return placement.distribution().create(members(), placement.options());
  }

  /**
   * Whom clients can be, {@code default} among them.
   *
   * @throws IllegalArgumentException if a rule is wrong, which it is not in settings that were read
   */
  public Users rights() {
    Map<String, String> rules =
        auth.users().stream().collect(Collectors.toMap(UserSettings::name, UserSettings::rules));
    try {
      return Users.of(rules, auth.password().map(Secret::value).orElse(null), commands.table());
    } catch (BadRuleException wrong) {
      throw new IllegalArgumentException("users of pool '" + name + "'", wrong);
    }
  }

  /**
   * Where keys belong when no node is ejected.
   *
   * @throws IllegalArgumentException if the nodes cannot be spread over; the message says why
   */
  public KeyMapper keyMapper() {
    return keyMapper(members());
  }

  /**
   * Where keys belong while the other nodes are ejected.
   *
   * @param present some of {@link #members()}, at least one
   */
  public KeyMapper keyMapper(List<Member> present) {
    DistributionFactory distribution = placement.distribution();
    boolean substitutes = health.eject().ring() == EjectRing.KEEP && present.size() < nodes.size();
    Distribution spread =
        substitutes
            ? new Substitution(distribution, members(), present, placement.options())
            : distribution.create(present, placement.options());
    return new KeyMapper(placement.hash(), placement.hashTag(), spread, present.size());
  }
}
