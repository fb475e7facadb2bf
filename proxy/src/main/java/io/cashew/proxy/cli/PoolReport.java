package io.cashew.proxy.cli;

import io.cashew.hashing.KeyMapper;
import io.cashew.hashing.function.HashFunction;
import io.cashew.hashing.function.HashFunctions;
import io.cashew.proxy.acl.User;
import io.cashew.proxy.acl.Users;
import io.cashew.proxy.cache.rule.CacheRule;
import io.cashew.proxy.cache.rule.RuleEffect;
import io.cashew.proxy.command.CommandTable;
import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.Exposure;
import io.cashew.proxy.config.MeetingAddresses;
import io.cashew.proxy.config.MemoryBudget;
import io.cashew.proxy.config.NodePlace;
import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.Settings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code cashew check} finds out about one pool.
 *
 * @param name of the pool
 * @param nodes what is known of each; none of a Cluster's, nor with routes
 * @param lines a table of its nodes
 * @param warnings what works but hurts
 * @param errors what cannot work
 */
record PoolReport(
    String name, List<Node> nodes, List<String> lines, List<String> warnings, List<String> errors) {
  /**
   * What is known of a node.
   *
   * @param place as the configuration has it
   * @param share of the keys, 0 to 1
   * @param problem why it does not answer
   */
  record Node(String name, String place, int weight, double share, Optional<String> problem) {}

  /** Where every common shape of key spreads well. */
  private static final String EVEN_HASH = "murmur";

  /** Looks at all pools; asks all their nodes at once. */
  static List<PoolReport> of(Settings settings) throws InterruptedException {
    List<PoolReport> reports = new ArrayList<>();
    for (PoolSettings pool : settings.pools()) {
      if (pool.hasRoutes()) {
        reports.add(ofRoutes(pool));
        continue;
      }
      if (pool.isCluster()) {
        reports.add(ofCluster(pool));
        continue;
      }
      List<PrimaryProbe.Finding> findings = AskedNodes.of(pool, node -> probe(pool, node));
      PoolReport report = of(pool, findings);
      List<String> lines = new ArrayList<>(report.lines());
      List<String> errors = new ArrayList<>();
      List<String> warnings = new ArrayList<>(report.warnings());
      for (int i = 0; i < findings.size(); i++) {
        String node = "node '" + pool.nodes().get(i).name() + "': ";
        findings.get(i).roles().forEach(role -> lines.add("  " + node + role));
        findings
            .get(i)
            .error()
            .ifPresent(error -> errors.add("pool '" + pool.name() + "': " + node + error));
        findings
            .get(i)
            .warnings()
            .forEach(warning -> warnings.add("pool '" + pool.name() + "': " + node + warning));
      }
      reports.add(new PoolReport(pool.name(), report.nodes(), lines, warnings, errors));
    }
    return reports;
  }

  /** The warnings of all pools, and those of the admin address. */
  static List<String> warnings(Settings settings, List<PoolReport> reports) {
    List<String> warnings = new ArrayList<>();
    reports.forEach(report -> warnings.addAll(report.warnings()));
    warnings.addAll(MeetingAddresses.circles(settings));
    MemoryBudget.ofProcess().warning(settings.memoryLimit()).ifPresent(warnings::add);
    warnings.addAll(BindProbe.warnings(settings));
    settings
        .admin()
        .listen()
        .flatMap(PoolReport::exposure)
        .filter(exposure -> settings.admin().token().isEmpty())
        .ifPresent(
            exposure ->
                warnings.add("admin.listen " + exposure + " without a token (admin.token)"));
    return warnings;
  }

  private static PoolReport ofRoutes(PoolSettings pool) {
    TextTable table = new TextTable(3, List.of("keys", "user", "pool"));
    pool.routes()
        .forEach(route -> table.add(List.of(route.keys(), route.user().orElse("-"), route.pool())));
    List<String> lines = new ArrayList<>();
    lines.add("pool '" + pool.name() + "': listen " + pool.listen().text() + ", routes");
    table.lines().forEach(line -> lines.add("  " + line));
    String prefix = "pool '" + pool.name() + "': ";
    return new PoolReport(
        pool.name(),
        List.of(),
        lines,
        ofAnyPool(pool).stream().map(prefix::concat).toList(),
        List.of());
  }

  private static PoolReport ofCluster(PoolSettings pool) {
    String prefix = "pool '" + pool.name() + "': ";
    ClusterProbe probe = ClusterProbe.of(pool);
    List<String> warnings = new ArrayList<>(probe.whatIsWrong());
    warnings.addAll(probe.warnings());
    warnings.addAll(ofAnyPool(pool));
    return new PoolReport(
        pool.name(),
        List.of(),
        probe.lines(pool),
        warnings.stream().map(prefix::concat).toList(),
        List.of());
  }

  private static PoolReport of(PoolSettings pool, List<PrimaryProbe.Finding> findings) {
    List<Optional<String>> problems = findings.stream().map(PrimaryProbe.Finding::problem).toList();
    String prefix = "pool '" + pool.name() + "': ";
    List<String> warnings = new ArrayList<>();
    List<KeySpread> spreads = spreads(pool, pool.placement().hash());
    warnings.addAll(spreadWarnings(pool, spreads));
    for (int i = 0; i < problems.size(); i++) {
      NodeSettings node = pool.nodes().get(i);
      problems
          .get(i)
          .ifPresent(
              problem ->
                  warnings.add(
                      "node '" + node.name() + "' (" + node.place().text() + ") " + problem));
    }
    List<String> runs = findings.stream().map(PrimaryProbe.Finding::run).toList();
    warnings.addAll(sameServers(pool, runs));
    warnings.addAll(
        sameData(pool, runs, findings.stream().map(PrimaryProbe.Finding::data).toList()));
    warnings.addAll(ofAnyPool(pool));
    List<Node> nodes = nodes(pool, problems);
    return new PoolReport(
        pool.name(),
        nodes,
        withNear(table(pool, spreads, nodes), pool),
        warnings.stream().map(prefix::concat).toList(),
        List.of());
  }

  /** Says how old what is kept of memcached's items may be. */
  private static List<String> withNear(List<String> table, PoolSettings pool) {
    List<String> lines = new ArrayList<>(table);
    if (pool.protocol().isMemcached()) {
      pool.cache().rules().stream()
          .filter(CacheRule::hearsOfWrites)
          .map(rule -> "  near of '" + rule.match() + "': " + RuleEffect.UNTOLD)
          .forEach(lines::add);
    }
    return lines;
  }

  /** What is not about its servers. */
  private static List<String> ofAnyPool(PoolSettings pool) {
    List<String> warnings = new ArrayList<>();
    warnings.addAll(CertificateDates.warnings(pool, Instant.now()));
    Users users = pool.rights();
    warnings.addAll(userWarnings(pool, users));
    exposure(pool.listen())
        .ifPresent(
            exposure -> {
              if (pool.letsAnybodyIn() || exposure.startsWith("has")) {
                warnings.add(
                    "listen "
                        + exposure
                        + (exposure.startsWith("has")
                            ? ""
                            : pool.protocol().isMemcached()
                                ? ", and memcached has no passwords"
                                : " without a password (auth.password)"));
              }
            });
    return warnings;
  }

  private static List<String> userWarnings(PoolSettings pool, Users users) {
    List<String> warnings = new ArrayList<>();
    if (!pool.auth().users().isEmpty() && users.open() && users.defaultUser().unrestricted()) {
      warnings.add(
          "clients may do everything as the user 'default' before they name one of auth.users: set"
              + " auth.password, or auth.users.default.rules = \"off\"");
    }
    for (User user : users.all()) {
      if (user.reachesOtherKeysByScripts(CommandTable.standard())) {
        warnings.add(
            "user '"
                + user.name()
                + "' may run scripts, which reach keys that its rules do not allow; -@scripting"
                + " keeps it from that");
      }
    }
    return warnings;
  }

  private static List<KeySpread> spreads(PoolSettings pool, HashFunction hash) {
    if (pool.placement().distribution().name().equals("random")) {
      return List.of();
    }
    KeyMapper mapper =
        new KeyMapper(hash, pool.placement().tag(), pool.spread(), pool.nodes().size());
    return KeyShape.TYPICAL.stream()
        .map(shape -> KeySpread.of(shape, mapper, pool.nodes().size()))
        .toList();
  }

  private static List<String> spreadWarnings(PoolSettings pool, List<KeySpread> spreads) {
    if (pool.nodes().size() > 1
        && pool.placement().hash().name().equals("crc32")
        && pool.placement().distribution().name().equals("ketama")) {
      return List.of(
          "hash crc32 has only 15 bits, the ketama continuum 32: nearly all keys go to one node;"
              + " crc32a has all 32 bits");
    }
    double[] fair = KeySpread.fairShares(pool);
    List<String> warnings = new ArrayList<>();
    for (KeySpread spread : spreads) {
      List<String> unfair = spread.unfair(pool.nodes(), fair);
      if (!unfair.isEmpty()) {
        warnings.add(
            String.format(
                Locale.ROOT,
                "of %,d keys %s, node %s",
                spread.keys(),
                spread.shape().name(),
                String.join("; ", unfair)));
      }
    }
    if (!warnings.isEmpty() && !pool.placement().hash().name().equals(EVEN_HASH)) {
      boolean cured =
          spreads(pool, HashFunctions.byName(EVEN_HASH)).stream()
              .allMatch(spread -> spread.unfair(pool.nodes(), fair).isEmpty());
      boolean isFree =
          !pool.placement().isShardedJedis()
              && !pool.placement().distribution().name().equals("slots");
      if (cured && isFree) {
        warnings.add(
            "hash = murmur would spread all of these keys within 0.75 to 1.25 of the shares; a"
                + " change of hash moves most keys, so make it while the nodes are empty");
      }
    }
    return warnings;
  }

  /**
   * Nodes that are one server, by their addresses or by what it says of itself.
   *
   * @param runs of the servers that the nodes are; empty: not known
   */
  private static List<List<NodeSettings>> oneServer(PoolSettings pool, List<String> runs) {
    List<List<NodeSettings>> groups = new ArrayList<>(MeetingAddresses.oneServer(pool));
    for (List<NodeSettings> nodes : alike(pool, runs)) {
      groups.removeIf(nodes::containsAll);
      groups.add(nodes);
    }
    return groups;
  }

  /** Nodes with the same text, where there are several; an empty text is that of none. */
  private static List<List<NodeSettings>> alike(PoolSettings pool, List<String> texts) {
    Map<String, List<NodeSettings>> nodes = new LinkedHashMap<>();
    for (int i = 0; i < texts.size(); i++) {
      if (!texts.get(i).isEmpty()) {
        nodes.computeIfAbsent(texts.get(i), text -> new ArrayList<>()).add(pool.nodes().get(i));
      }
    }
    return nodes.values().stream().filter(group -> group.size() > 1).toList();
  }

  /**
   * Nodes of which one is a replica of another, or both of a third. Where each may be asked for all
   * keys it is as it should be.
   */
  private static List<String> sameData(
      PoolSettings pool, List<String> runs, List<String> histories) {
    if (pool.placement().distribution().name().equals("random")) {
      return List.of();
    }
    List<List<NodeSettings>> servers = oneServer(pool, runs);
    return alike(pool, histories).stream()
        .filter(nodes -> servers.stream().noneMatch(server -> server.containsAll(nodes)))
        .map(
            nodes ->
                "nodes "
                    + joined(nodes.stream().map(node -> "'" + node.name() + "'").toList())
                    + " are copies of one another, "
                    + joined(nodes.stream().map(node -> node.place().text()).toList())
                    + ": keys and messages count once for each of them, and a replica refuses the"
                    + " writes to its share of the keys; write { name = …, addresses = [ … ] } for"
                    + " a server and its replicas")
        .toList();
  }

  private static List<String> sameServers(PoolSettings pool, List<String> runs) {
    List<String> warnings = new ArrayList<>();
    for (List<NodeSettings> nodes : oneServer(pool, runs)) {
      List<String> addresses = nodes.stream().map(node -> node.place().text()).distinct().toList();
      warnings.add(
          "nodes "
              + joined(nodes.stream().map(node -> "'" + node.name() + "'").toList())
              + (addresses.size() == 1
                  ? " have the same address " + addresses.get(0)
                  : " are one server, " + joined(addresses))
              + ": it has the keys of all of them in one keyspace, so that commands over all keys,"
              + " FLUSHALL included, are about all of them, and when it fails all of them fail");
    }
    return warnings;
  }

  private static String joined(List<String> words) {
    int last = words.size() - 1;
    return String.join(", ", words.subList(0, last)) + " and " + words.get(last);
  }

  /** What is doubtful about where something listens; empty if it is this machine only. */
  private static Optional<String> exposure(Address address) {
    if (!(address instanceof Address.Tcp tcp)) {
      return Optional.empty();
    }
    return switch (Exposure.of(address)) {
      case THIS_MACHINE -> Optional.empty();
      case OTHER_MACHINES ->
          Optional.of("is reachable from other machines (" + address.text() + ")");
      case UNKNOWN -> Optional.of("has a host that does not resolve here: " + tcp.host());
    };
  }

  private static PrimaryProbe.Finding probe(PoolSettings pool, NodeSettings node) {
    if (pool.protocol().isMemcached()) {
      return PrimaryProbe.Finding.of(NodeProbe.askMemcached(node.address(), pool.tls().nodes()));
    }
    return node.place() instanceof NodePlace.At at
        ? PrimaryProbe.askOne(pool, at)
        : PrimaryProbe.ask(pool, node);
  }

  private static List<Node> nodes(PoolSettings pool, List<Optional<String>> problems) {
    double[] shares = pool.spread().shares(pool.nodes().size());
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < shares.length; i++) {
      NodeSettings node = pool.nodes().get(i);
      nodes.add(
          new Node(node.name(), node.place().text(), node.weight(), shares[i], problems.get(i)));
    }
    return nodes;
  }

  private static List<String> table(PoolSettings pool, List<KeySpread> spreads, List<Node> nodes) {
    List<String> heading = new ArrayList<>(List.of("node", "address", "weight", "share"));
    spreads.forEach(spread -> heading.add(spread.shape().name()));
    heading.add(pool.protocol().isMemcached() ? "version" : "PING");
    TextTable table = new TextTable(2, heading);
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      List<String> row =
          new ArrayList<>(
              List.of(node.name(), node.place(), "" + node.weight(), percent(node.share())));
      for (KeySpread spread : spreads) {
        row.add(percent(spread.share(i)));
      }
      String answer = pool.protocol().isMemcached() ? "yes" : "PONG";
      row.add(node.problem().isEmpty() ? answer : "no");
      table.add(row);
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        "pool '"
            + pool.name()
            + "': "
            + (pool.listens() ? "listen " + pool.listen().text() : "by routes only")
            + ", hash "
            + pool.placement().hash().name()
            + ", distribution "
            + pool.placement().distribution().name());
    table.lines().forEach(line -> lines.add("  " + line));
    return lines;
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f%%", share * 100);
  }
}
