package io.cashew.proxy.config;

import io.cashew.hashing.KeyMapper;
import io.cashew.hashing.distribution.Distribution;
import io.cashew.hashing.distribution.DistributionFactory;
import io.cashew.hashing.distribution.DistributionOptions;
import io.cashew.hashing.distribution.Member;
import io.cashew.hashing.distribution.Substitution;
import io.cashew.hashing.function.HashFunction;
import io.cashew.hashing.function.HashTag;
import io.cashew.proxy.acl.BadRuleException;
import io.cashew.proxy.acl.Users;
import io.cashew.proxy.command.CommandTable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A listener and its nodes.
 *
 * @param name unique; names the pool in metrics, logs and errors
 * @param listen where clients connect
 * @param backlog of listen(2)
 * @param keepalive when peers that have vanished are noticed
 * @param hash how keys are hashed
 * @param hashTag the two bytes that enclose the part of a key that is hashed; empty: the whole key
 * @param distribution how hashes are spread over nodes
 * @param pointsPerNode points of a node of average weight on the ketama continuum
 * @param nodes at least one, in the order of the file
 * @param timeoutMillis for a reply, counted from the write; 0: none
 * @param connectionsPerNode per worker, at least 1
 * @param preconnect whether connections are opened at start
 * @param database selected on every connection to a node
 * @param failureLimit time-outs in a row that open a node's circuit
 * @param retryAfterMillis longest pause between probes of an open circuit is half of this
 * @param retryReads whether a request that only reads is sent once more if its connection ends
 * @param eject whether keys of a failed node go elsewhere
 * @param password what clients must send; empty: nothing
 * @param users by name; without {@code default} among them that one may do everything
 * @param nodeAuth what is sent to nodes; empty: nothing
 * @param adminCommands what happens to commands that administer a node
 * @param commands of the user's own, each name once, none of Redis's own
 * @param limits of clients, frames and buffers
 * @param connectionLimits of clients
 * @param tls on the side of the clients and of the nodes
 * @param insight what is noted of requests
 */
public record PoolSettings(
    String name,
    Address listen,
    int backlog,
    KeepaliveSettings keepalive,
    HashFunction hash,
    Optional<HashTag> hashTag,
    DistributionFactory distribution,
    int pointsPerNode,
    List<NodeSettings> nodes,
    long timeoutMillis,
    int connectionsPerNode,
    boolean preconnect,
    int database,
    int failureLimit,
    long retryAfterMillis,
    boolean retryReads,
    EjectSettings eject,
    Optional<Secret> password,
    List<UserSettings> users,
    Optional<NodeAuth> nodeAuth,
    AdminCommands adminCommands,
    List<CommandSettings> commands,
    LimitSettings limits,
    ConnectionLimits connectionLimits,
    PoolTls tls,
    InsightSettings insight) {
  public PoolSettings {
    nodes = List.copyOf(nodes);
    users = List.copyOf(users);
    commands = List.copyOf(commands);
  }

  /** The rows of all commands: Redis's own and those that are declared. */
  public CommandTable commandTable() {
    return CommandSettings.table(commands);
  }

  /** The same with what another has that takes a restart to change. */
  PoolSettings withWhatTakesARestart(PoolSettings other) {
    return new PoolSettings(
        name,
        listen,
        other.backlog,
        keepalive,
        hash,
        hashTag,
        distribution,
        pointsPerNode,
        nodes,
        timeoutMillis,
        connectionsPerNode,
        preconnect,
        database,
        failureLimit,
        retryAfterMillis,
        retryReads,
        eject,
        password,
        users,
        nodeAuth,
        adminCommands,
        commands,
        limits,
        connectionLimits,
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
    return distribution.create(members(), options());
  }

  /**
   * Whom clients can be, {@code default} among them.
   *
   * @throws IllegalArgumentException if a rule is wrong, which it is not in settings that were read
   */
  public Users rights() {
    Map<String, String> rules =
        users.stream().collect(Collectors.toMap(UserSettings::name, UserSettings::rules));
    try {
      return Users.of(rules, password.map(Secret::value).orElse(null), commandTable());
    } catch (BadRuleException wrong) {
      throw new IllegalArgumentException("users of pool '" + name + "'", wrong);
    }
  }

  private DistributionOptions options() {
    return new DistributionOptions(pointsPerNode);
  }

  /**
   * Where keys belong when no node is ejected.
   *
   * @throws IllegalArgumentException if the nodes cannot be spread over; the message says why
   */
  public KeyMapper keyMapper() {
    return keyMapper(members());
  }

  /** Whether every node is to hold the same data, so that any will do for a key. */
  public boolean holdsTheSame() {
    return distribution.name().equals("random");
  }

  /**
   * Where keys belong while the other nodes are ejected.
   *
   * @param present some of {@link #members()}, at least one
   */
  public KeyMapper keyMapper(List<Member> present) {
    boolean substitutes = eject.ring() == EjectRing.KEEP && present.size() < nodes.size();
    Distribution spread =
        substitutes
            ? new Substitution(distribution, members(), present, options())
            : distribution.create(present, options());
    return new KeyMapper(hash, hashTag, spread, present.size());
  }
}
