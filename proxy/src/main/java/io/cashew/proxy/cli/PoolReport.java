package io.cashew.proxy.cli;

import io.cashew.hashing.KeyMapper;
import io.cashew.hashing.function.HashFunction;
import io.cashew.hashing.function.HashFunctions;
import io.cashew.proxy.acl.User;
import io.cashew.proxy.acl.Users;
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
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What {@code cashew check} finds out about one pool.
 *
 * @param lines a table of its nodes
 * @param warnings what works but hurts
 * @param errors what cannot work
 */
record PoolReport(List<String> lines, List<String> warnings, List<String> errors) {
  /** Where every common shape of key spreads well. */
  private static final String EVEN_HASH = "murmur";

  /** Looks at all pools; asks all their nodes at once. */
  static List<PoolReport> of(Settings settings) throws InterruptedException {
    List<PoolReport> reports = new ArrayList<>();
    for (PoolSettings pool : settings.pools()) {
      List<PrimaryProbe.Finding> findings = AskedNodes.of(pool, node -> probe(pool, node));
      PoolReport report = of(pool, findings.stream().map(PrimaryProbe.Finding::problem).toList());
      List<String> lines = new ArrayList<>(report.lines());
      List<String> errors = new ArrayList<>();
      for (int i = 0; i < findings.size(); i++) {
        String node = "node '" + pool.nodes().get(i).name() + "': ";
        findings.get(i).roles().forEach(role -> lines.add("  " + node + role));
        findings
            .get(i)
            .error()
            .ifPresent(error -> errors.add("pool '" + pool.name() + "': " + node + error));
      }
      reports.add(new PoolReport(lines, report.warnings(), errors));
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

  private static PoolReport of(PoolSettings pool, List<Optional<String>> problems) {
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
    warnings.addAll(sameServers(pool));
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
                            : " without a password (auth.password)"));
              }
            });
    return new PoolReport(
        table(pool, spreads, problems), warnings.stream().map(prefix::concat).toList(), List.of());
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
        new KeyMapper(hash, pool.placement().hashTag(), pool.spread(), pool.nodes().size());
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
      if (cured && !pool.placement().distribution().name().equals("slots")) {
        warnings.add(
            "hash = murmur would spread all of these keys within 0.75 to 1.25 of the shares; a"
                + " change of hash moves most keys, so make it while the nodes are empty");
      }
    }
    return warnings;
  }

  private static List<String> sameServers(PoolSettings pool) {
    List<String> warnings = new ArrayList<>();
    for (List<NodeSettings> nodes : MeetingAddresses.oneServer(pool)) {
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
    return node.place() instanceof NodePlace.At at
        ? PrimaryProbe.Finding.of(
            NodeProbe.ask(
                at.address(),
                pool.auth().nodeAuth(),
                pool.connections().database(),
                pool.tls().nodes()))
        : PrimaryProbe.ask(pool, node);
  }

  private static List<String> table(
      PoolSettings pool, List<KeySpread> spreads, List<Optional<String>> problems) {
    List<String> heading = new ArrayList<>(List.of("node", "address", "weight", "share"));
    spreads.forEach(spread -> heading.add(spread.shape().name()));
    heading.add("PING");
    TextTable table = new TextTable(2, heading);
    double[] shares = pool.spread().shares(pool.nodes().size());
    for (int i = 0; i < pool.nodes().size(); i++) {
      NodeSettings node = pool.nodes().get(i);
      List<String> row =
          new ArrayList<>(
              List.of(node.name(), node.place().text(), "" + node.weight(), percent(shares[i])));
      for (KeySpread spread : spreads) {
        row.add(percent(spread.share(i)));
      }
      row.add(problems.get(i).isEmpty() ? "PONG" : "no");
      table.add(row);
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        "pool '"
            + pool.name()
            + "': listen "
            + pool.listen().text()
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
