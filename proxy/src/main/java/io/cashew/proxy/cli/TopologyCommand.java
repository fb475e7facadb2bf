package io.cashew.proxy.cli;

import io.cashew.proxy.config.ConfigException;
import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.PoolSettings;
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
          + " no server is known has one line with none and -.",
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

  private static List<String> lines(
      PoolSettings pool, NodeSettings node, PrimaryProbe.Finding finding) {
    Optional<List<String>> known =
        Optional.of(finding.servers())
            .filter(servers -> !servers.isEmpty())
            .map(
                servers ->
                    servers.stream()
                        .map(server -> server.word() + "\t" + server.address().text())
                        .toList());
    return known.orElse(List.of("none\t-")).stream()
        .map(line -> pool.name() + "\t" + node.name() + "\t" + line)
        .toList();
  }
}
