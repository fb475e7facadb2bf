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
import io.cashew.proxy.acl.UserOptions;
import io.cashew.proxy.acl.Users;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.command.PoolRoutes;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A listener and its nodes, or the routes to the pools that have them.
 *
 * @param name unique; names the pool in metrics, logs and errors
 * @param listen where clients connect; {@link Address#NOWHERE}: routes of other pools lead here
 * @param routes which pool has which keys; none: this one has nodes
 * @param nodes in the order of the file; none where the servers form a Cluster, or with routes
 * @param cluster where its servers form a Cluster, which says itself who they are
 * @param placement which node a key belongs to
 * @param protocol what clients and nodes speak
 * @param connections to the nodes
 * @param health when a node counts as down, and what follows
 * @param reads from which servers of a node requests are answered that only read
 * @param sentinel who says who is primary of nodes that have a master name
 * @param auth who clients are, and who the proxy is to the nodes
 * @param commands what is said of commands
 * @param clients how they are accepted, and when they are closed
 * @param limits of frames and buffers
 * @param tls on the side of the clients and of the nodes
 * @param cache what is done for the servers by patterns of keys
 * @param insight what is noted of requests
 */
public record PoolSettings(
    String name,
    Address listen,
    List<RouteSettings> routes,
    List<NodeSettings> nodes,
    ClusterSettings cluster,
    PlacementSettings placement,
    ProtocolSettings protocol,
    NodeConnections connections,
    HealthSettings health,
    ReadSettings reads,
    SentinelSettings sentinel,
    AuthSettings auth,
    CommandSettings commands,
    ClientConnections clients,
    LimitSettings limits,
    PoolTls tls,
    CacheSettings cache,
    InsightSettings insight) {
  /** The rows of its settings. */
  public static final Table<PoolSettings> TABLE =
      Table.<PoolSettings>titled("`cashew.pools.NAME`", from -> new PoolSettings("", from))
          .readBy(PoolReader::read);

  public static final Setting<PoolSettings, Address> LISTEN =
      TABLE.add(
          Setting.of(
              "listen",
              Texts.listener(),
              "required, unless a route of another pool leads here",
              Address.NOWHERE,
              NEW_LISTENER,
              PoolSettings::listen,
              "Where clients connect. An IPv6 address is written in brackets; a unix socket may"
                  + " carry its file's permissions in octal: `\"unix:/run/cashew.sock 0660\"`."));

  public static final Setting<PoolSettings, List<RouteSettings>> ROUTES =
      TABLE.add(
          Setting.of(
              "routes",
              RouteSettings.KIND,
              "none: the pool has nodes",
              List.of(),
              AT_ONCE,
              PoolSettings::routes,
              "Instead of nodes: which pool has which keys (keys below). The first route that"
                  + " matches a key decides. See docs/routes.md."));

  public static final Setting<PoolSettings, List<NodeSettings>> NODES =
      TABLE.add(
          Setting.of(
              "nodes",
              NodesReader.KIND,
              "this, `cluster.seeds` or `routes`",
              List.of(),
              WITH_THE_WHOLE,
              PoolSettings::nodes,
              "The Redis servers, each `\"host:port[:weight] [name]\"`, `\"unix:/path[:weight] [name]\"`"
                  + " or an object (keys below). Keys are spread by name, so a named node can move to"
                  + " another address and keep its keys."));

  static {
    TABLE.part(ClusterSettings.TABLE, PoolSettings::cluster);
    TABLE.part(PlacementSettings.TABLE, PoolSettings::placement);
    TABLE.part(ProtocolSettings.TABLE, PoolSettings::protocol);
    TABLE.part(NodeConnections.TABLE, PoolSettings::connections);
    TABLE.part(HealthSettings.TABLE, PoolSettings::health);
    TABLE.part(ReadSettings.TABLE, PoolSettings::reads);
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
    TABLE.part(CacheSettings.TABLE, PoolSettings::cache);
    TABLE.part(InsightSettings.TABLE, PoolSettings::insight);
  }

  /** The settings of a pool, and its name, from wherever they come. */
  PoolSettings(String name, Values<PoolSettings> from) {
    this(
        name,
        from.get(LISTEN),
        from.get(ROUTES),
        from.get(NODES),
        from.part(ClusterSettings.TABLE, PoolSettings::cluster),
        from.part(PlacementSettings.TABLE, PoolSettings::placement),
        from.part(ProtocolSettings.TABLE, PoolSettings::protocol),
        from.part(NodeConnections.TABLE, PoolSettings::connections),
        from.part(HealthSettings.TABLE, PoolSettings::health),
        from.part(ReadSettings.TABLE, PoolSettings::reads),
        from.part(SentinelSettings.TABLE, PoolSettings::sentinel),
        from.part(AuthSettings.TABLE, PoolSettings::auth),
        from.part(CommandSettings.TABLE, PoolSettings::commands),
        from.part(ClientConnections.TABLE, PoolSettings::clients),
        from.part(LimitSettings.TABLE, PoolSettings::limits),
        from.part(PoolTls.TABLE, PoolSettings::tls),
        from.part(CacheSettings.TABLE, PoolSettings::cache),
        from.part(InsightSettings.TABLE, PoolSettings::insight));
  }

  public PoolSettings {
    routes = List.copyOf(routes);
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

  /** Whether its servers form a Cluster, which says who they are and where keys belong. */
  public boolean isCluster() {
    return !cluster.seeds().isEmpty();
  }

  /** Whether its keys belong to other pools. */
  public boolean hasRoutes() {
    return !routes.isEmpty();
  }

  /**
   * Which pool has which keys.
   *
   * @throws IndexOutOfBoundsException if it has no routes
   */
  public PoolRoutes poolRoutes() {
    return PoolRoutes.of(
        routes.stream()
            .map(each -> new PoolRoutes.One(each.keys(), each.user().orElse(""), each.pool()))
            .toList());
  }

  /** Whether clients can connect. */
  public boolean listens() {
    return !listen.equals(Address.NOWHERE);
  }

  /** Whether a client needs neither a password nor a certificate. */
  public boolean letsAnybodyIn() {
    boolean certificates =
        tls.clients()
            .map(clients -> clients.clientCertificates() == ClientCertificates.REQUIRED)
            .orElse(false);
    return !certificates && rights().open();
  }

  /** The rows of all commands that its clients may send. */
  public CommandTable commandTable() {
    return protocol.isMemcached() ? CommandTable.memcached() : commands.table();
  }

  /** The nodes as a distribution sees them; a member's index is its node's place in the list. */
  public List<Member> members() {
    return IntStream.range(0, nodes.size())
        .mapToObj(
            index -> {
              NodeSettings node = nodes.get(index);
              return new Member(index, node.name(), node.weight(), node.slots(), node.named());
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
    Map<String, UserOptions> options =
        auth.users().stream().collect(Collectors.toMap(UserSettings::name, UserSettings::options));
    try {
      return Users.of(
          rules, options, auth.password().map(Secret::value).orElse(null), commands.table());
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
    return new KeyMapper(placement.hash(), placement.tag(), spread, present.size());
  }
}
