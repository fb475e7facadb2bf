package io.cashew.proxy.cli;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.ConfigException;
import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.topology.ClusterPicture;
import io.cashew.proxy.topology.Shard;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code cashew topology}: who is primary of each node now, as servers and Sentinels say. */
@Command(
    name = "topology",
    mixinStandardHelpOptions = true,
    description = {
      "Asks servers and Sentinels who takes the writes of each node, and prints a line a server:"
          + " pool, node, role and address, with tabs between them. The role is primary, replica,"
          + " unknown (it answers, and says none) or silent (it does not answer); a node of which"
          + " no server is known has one line with none and -. A Cluster's node is named by the address"
          + " of its primary, whose line has its slots at the end.",
      "A replica's line ends with how many bytes of writes it is behind its primary, and whether its"
          + " link to that is up; each line with the zone of the server, if it says one: behind=0"
          + " link=up zone=a.",
      "Exit status 1 if a node has no primary or several, which is said on standard error. What a"
          + " running proxy believes is at /api/topology of its admin address."
    })
final class TopologyCommand implements Callable<Integer> {

  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Spec
  private CommandSpec spec;

  @Mixin private final ConfigOption config = new ConfigOption();

  @Override
  public Integer call() throws ConfigException, IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    List<String> problems = new ArrayList<>();
    for (PoolSettings pool : config.read().pools()) {
      if (pool.hasRoutes()) { // its servers are those of other pools
        continue;
      }
      if (pool.isCluster()) {
        ofCluster(pool, out, problems);
        continue;
      }
      List<PrimaryProbe.Finding> findings =
          AskedNodes.of(pool, node -> PrimaryProbe.ask(pool, node));
      for (int i = 0; i < findings.size(); i++) {
        NodeSettings node = pool.nodes().get(i);
        PrimaryProbe.Finding finding = findings.get(i);
        lines(pool, node, finding).forEach(out::println);
        finding
            .error()
            .or(finding::problem)
            .ifPresent(
                why ->
                    problems.add("pool '" + pool.name() + "': node '" + node.name() + "': " + why));
      }
    }
    out.flush();
    if (!problems.isEmpty()) {
      throw new IOException(String.join("\n", problems));
    }
    return 0;
  }

  private static void ofCluster(PoolSettings pool, PrintWriter out, List<String> problems) {
    ClusterProbe probe = ClusterProbe.of(pool);
    List<Shard> shards = probe.answered() == 0 ? List.of() : probe.picture().topology().shards();
    for (int i = 0; i < shards.size(); i++) {
      Shard shard = shards.get(i);
      String start = pool.name() + "\t" + shard.name() + "\t";
      if (ClusterPicture.isUnserved(shard)) {
        out.println(start + "none\t-\t" + probe.ranges(i));
        continue;
      }
      String primary = shard.primary().address();
      Optional<ServerStanding> standing = ServerStanding.ask(pool, Address.parse(primary));
      out.println(
          start
              + "primary\t"
              + primary
              + "\t"
              + probe.ranges(i)
              + words(standing, Optional.empty()));
      shard
          .replicas()
          .forEach(
              replica ->
                  out.println(
                      start
                          + "replica\t"
                          + replica.address()
                          + words(
                              ServerStanding.ask(pool, Address.parse(replica.address())),
                              standing)));
    }
    probe.whatIsWrong().forEach(why -> problems.add("pool '" + pool.name() + "': " + why));
  }

  private static String words(Optional<ServerStanding> of, Optional<ServerStanding> primary) {
    String words = of.map(its -> its.words(primary)).orElse("");
    return words.isEmpty() ? "" : "\t" + words;
  }

  private static List<String> lines(
      PoolSettings pool, NodeSettings node, PrimaryProbe.Finding finding) {
    Optional<ServerStanding> primary =
        finding.servers().stream()
            .filter(ProbedServer::isPrimary)
            .findFirst()
            .flatMap(server -> ServerStanding.ask(pool, server.address()));
    Optional<List<String>> known =
        Optional.of(finding.servers())
            .filter(servers -> !servers.isEmpty())
            .map(
                servers ->
                    servers.stream()
                        .map(
                            server ->
                                server.word()
                                    + "\t"
                                    + server.address().text()
                                    + words(
                                        server.isPrimary()
                                            ? primary
                                            : ServerStanding.ask(pool, server.address()),
                                        primary))
                        .toList());
    return known.orElse(List.of("none\t-")).stream()
        .map(line -> pool.name() + "\t" + node.name() + "\t" + line)
        .toList();
  }
}
