package io.cashew.proxy.config;

import static io.cashew.proxy.config.ReloadEffect.AT_ONCE;
import static io.cashew.proxy.config.ReloadEffect.NEW_LISTENER;
import static io.cashew.proxy.config.ReloadEffect.WITH_THE_WHOLE;

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
 * @param sentinel who says who is primary of nodes that have a master name
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
    SentinelSettings sentinel,
    AuthSettings auth,
    CommandSettings commands,
    ClientConnections clients,
    LimitSettings limits,
    PoolTls tls,
    InsightSettings insight) {
  /** The rows of its settings. */
  public static final Table<PoolSettings> TABLE =
      Table.<PoolSettings>titled("`cashew.pools.NAME`", from -> new PoolSettings("", from))
          .readBy(PoolReader::read);

  public static final Setting<PoolSettings, Address> LISTEN =
      TABLE.required(
          "listen",
          Texts.listener(),
          Kinds.NO_ADDRESS,
          NEW_LISTENER,
          PoolSettings::listen,
          "Where clients connect. An IPv6 address is written in brackets; a unix socket may carry"
              + " its file's permissions in octal: `\"unix:/run/cashew.sock 0660\"`.");

  public static final Setting<PoolSettings, List<NodeSettings>> NODES =
      TABLE.required(
          "nodes",
          NodesReader.KIND,
          List.of(),
          WITH_THE_WHOLE,
          PoolSettings::nodes,
          "The Redis servers, each `\"host:port[:weight] [name]\"`, `\"unix:/path[:weight] [name]\"`"
              + " or an object (keys below). Keys are spread by name, so a named node can move to"
              + " another address and keep its keys.");

  static {
    TABLE.part(PlacementSettings.TABLE, PoolSettings::placement);
    TABLE.part(NodeConnections.TABLE, PoolSettings::connections);
    TABLE.part(HealthSettings.TABLE, PoolSettings::health);
    TABLE.part(SentinelSettings.TABLE, PoolSettings::sentinel);
    TABLE.part(AuthSettings.TABLE, PoolSettings::auth);
  }

  static final Setting<PoolSettings, Boolean> PROTECTED_MODE =
      TABLE.add(
          Setting.<PoolSettings, Boolean>of(
                  "protected-mode",
                  Kinds.flag(),
                  "true",
                  true,
                  AT_ONCE,
                  pool -> !Exposure.isOpenDoor(pool),
                  "Whether a pool that anybody may use (no password, no users, no required client"
                      + " certificates) may listen on this machine only, as Redis's setting of the same name."
                      + " `false` is for a network that only trusted machines reach.")
              .remarkedAs(pool -> "Other machines can reach it, and there is no password.")
              .forTheFileOnly());

  static {
    TABLE.part(PoolTls.TABLE, PoolSettings::tls);
    TABLE.part(CommandSettings.TABLE, PoolSettings::commands);
    TABLE.part(ClientConnections.TABLE, PoolSettings::clients);
    TABLE.part(LimitSettings.TABLE, PoolSettings::limits);
    TABLE.part(InsightSettings.TABLE, PoolSettings::insight);
  }

  /** The settings of a pool, and its name, from wherever they come. */
  PoolSettings(String name, Values<PoolSettings> from) {
    this(
        name,
        from.get(LISTEN),
        from.get(NODES),
        from.part(PlacementSettings.TABLE, PoolSettings::placement),
        from.part(NodeConnections.TABLE, PoolSettings::connections),
        from.part(HealthSettings.TABLE, PoolSettings::health),
        from.part(SentinelSettings.TABLE, PoolSettings::sentinel),
        from.part(AuthSettings.TABLE, PoolSettings::auth),
        from.part(CommandSettings.TABLE, PoolSettings::commands),
        from.part(ClientConnections.TABLE, PoolSettings::clients),
        from.part(LimitSettings.TABLE, PoolSettings::limits),
        from.part(PoolTls.TABLE, PoolSettings::tls),
        from.part(InsightSettings.TABLE, PoolSettings::insight));
  }

  public PoolSettings {
    nodes = List.copyOf(nodes);
  }

  /** A pool with the defaults. */
  public static PoolSettings of(String name, Address listen, List<NodeSettings> nodes) {
    Values<PoolSettings> standard = Values.standard();
    PoolSettings bare = new PoolSettings(name, standard);
    return bare.with(LISTEN, listen).with(NODES, nodes);
  }

  /** The same but for one setting, its own or one of its parts. */
  public <T> PoolSettings with(Setting<?, T> setting, T value) {
    return new PoolSettings(name, Values.but(this, setting, value));
  }

  /** The same but for one of its parts. */
  public <P> PoolSettings with(Table<P> table, P part) {
    return new PoolSettings(name, Values.but(this, table, part));
  }

  /** What runs when it is taken over by a process that was started with another of its name. */
  PoolSettings takenOverAfter(PoolSettings before) {
    return new PoolSettings(name, Values.takenOver(before, this));
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
