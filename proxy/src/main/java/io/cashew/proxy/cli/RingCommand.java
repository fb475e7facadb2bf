package io.cashew.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cashew.proxy.admin.RingPicture;
import io.cashew.proxy.config.ConfigException;
import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.PoolSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code cashew ring}: who has how much of the ring, and what a change of nodes would move. */
@Command(
    name = "ring",
    mixinStandardHelpOptions = true,
    description =
        "Shows the share of each node, and with --with or --without what part of all keys would"
            + " move to another node. Asks no node, changes nothing.")
final class RingCommand implements Callable<Integer> {
  private static final int BAR = 40;
  private static final int AROUND = 1440;

  @SuppressWarnings("NullAway.Init") // picocli sets it.
  @Spec
  private CommandSpec spec;

  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final PoolOption pool = new PoolOption();

  @Option(
      names = "--with",
      paramLabel = "NODE",
      description = "Adds a node as the configuration writes it: \"host:port:weight name\".")
  private List<String> with = List.of();

  @Option(names = "--without", paramLabel = "NAME", description = "Leaves a node out, by its name.")
  private List<String> without = List.of();

  @Option(
      names = "--svg",
      paramLabel = "FILE",
      description = "Draws the ring, after the change if there is one, into a file.")
  private @Nullable Path svg;

  @Override
  public Integer call() throws ConfigException, IOException {
    PoolSettings chosen = pool.choose(config.read());
    if (chosen.placement().distribution().name().equals("random")) {
      throw new ParameterException(
          spec.commandLine(),
          "pool '" + chosen.name() + "' has distribution = random: no key has a node");
    }
    if (chosen.hasRoutes()) {
      throw new ParameterException(
          spec.commandLine(),
          "pool '" + chosen.name() + "' has routes, and no nodes: name a pool that they lead to");
    }
    if (chosen.isCluster()) {
      throw new ParameterException(
          spec.commandLine(),
          "pool '"
              + chosen.name()
              + "' has a Cluster, which spreads keys itself: cashew topology prints its slots");
    }
    Ring before = Ring.of(chosen, chosen.nodes());
    Ring after = changed(chosen);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "pool '%s': %s over %s%n",
        chosen.name(),
        chosen.placement().hash().name(),
        chosen.placement().distribution().name());
    boolean isChanged = !with.isEmpty() || !without.isEmpty();
    table(before, after, isChanged).forEach(out::println);
    if (isChanged) {
      moves(before, after).forEach(out::println);
    }
    if (svg != null) {
      Files.writeString(svg, picture(chosen, after), UTF_8);
    }
    out.flush();
    return 0;
  }

  private Ring changed(PoolSettings chosen) {
    List<NodeSettings> nodes = new ArrayList<>(chosen.nodes());
    for (String name : without) {
      if (!nodes.removeIf(node -> node.name().equals(name))) {
        throw new ParameterException(
            spec.commandLine(),
            "there is no node '"
                + name
                + "'; there are: "
                + String.join(" ", nodes.stream().map(NodeSettings::name).toList()));
      }
    }
    try {
      for (String text : with) {
        NodeSettings added = NodeSettings.of(text);
        if (nodes.stream().anyMatch(node -> node.name().equals(added.name()))) {
          throw new IllegalArgumentException("there is a node '" + added.name() + "' already");
        }
        nodes.add(added);
      }
      if (nodes.isEmpty()) {
        throw new IllegalArgumentException("no node would be left");
      }
      return Ring.of(chosen, nodes);
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(spec.commandLine(), String.valueOf(wrong.getMessage()), wrong);
    }
  }

  private static List<String> table(Ring before, Ring after, boolean isChanged) {
    List<String> heading = new ArrayList<>(List.of("node", "weight", "points", "share"));
    if (isChanged) {
      heading.add("after");
    }
    TextTable table = new TextTable(1, heading);
    List<NodeSettings> all = new ArrayList<>(before.nodes());
    after.nodes().stream().filter(node -> indexOf(before, node) < 0).forEach(all::add);
    double[] sharesBefore = before.shares();
    double[] sharesAfter = after.shares();
    int[] pointsBefore = before.spread().points(before.nodes().size());
    int[] pointsAfter = after.spread().points(after.nodes().size());
    List<Double> shown = new ArrayList<>();
    for (NodeSettings node : all) {
      int was = indexOf(before, node);
      int is = indexOf(after, node);
      int points = is < 0 ? pointsBefore[was] : pointsAfter[is];
      List<String> row =
          new ArrayList<>(
              List.of(
                  node.name(),
                  "" + node.weight(),
                  points == 0 ? "-" : "" + points,
                  was < 0 ? "-" : percent(sharesBefore[was])));
      if (isChanged) {
        row.add(is < 0 ? "-" : percent(sharesAfter[is]));
      }
      shown.add(is < 0 ? 0 : sharesAfter[is]);
      table.add(row);
    }
    double most = shown.stream().mapToDouble(Double::doubleValue).max().orElse(1);
    List<String> lines = table.lines();
    List<String> withBars = new ArrayList<>(List.of("  " + lines.get(0)));
    int width = lines.stream().mapToInt(String::length).max().orElse(0);
    for (int i = 1; i < lines.size(); i++) {
      String bar = "#".repeat((int) Math.round(BAR * shown.get(i - 1) / most));
      withBars.add(("  " + pad(lines.get(i), width) + "  " + bar).stripTrailing());
    }
    return withBars;
  }

  private static String pad(String line, int width) {
    return line + " ".repeat(width - line.length());
  }

  private static int indexOf(Ring ring, NodeSettings node) {
    for (int i = 0; i < ring.nodes().size(); i++) {
      if (ring.nodes().get(i).name().equals(node.name())) {
        return i;
      }
    }
    return -1;
  }

  private static List<String> moves(Ring before, Ring after) {
    Map<String, Double> moves = before.moves(after);
    double all = moves.values().stream().mapToDouble(Double::doubleValue).sum();
    List<String> lines = new ArrayList<>();
    lines.add(percent(all) + " of all keys would move" + (moves.isEmpty() ? "" : ":"));
    moves.forEach((name, part) -> lines.add("  " + percent(part) + " to " + name));
    return lines;
  }

  private static String picture(PoolSettings chosen, Ring ring) {
    return RingPicture.svg(
        chosen.name() + ", " + chosen.placement().distribution().name(),
        ring.nodes().stream().map(NodeSettings::name).toList(),
        Arrays.stream(ring.shares()).boxed().toList(),
        Arrays.stream(ring.spread().around(AROUND)).boxed().toList());
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f%%", share * 100);
  }
}
