package io.cashew.proxy.cli;

import io.cashew.proxy.config.Address;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.topology.ClusterPicture;
import io.cashew.proxy.topology.Shard;
import io.cashew.proxy.topology.SlotPlacement;
import io.cashew.proxy.topology.Topology;
import java.io.IOException;
import java.nio.channels.UnresolvedAddressException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Finds out once what the servers of a pool's Cluster say: the seeds are asked, one after the
 * other. Blocks.
 *
 * @param picture what they say
 * @param problems what keeps seeds from saying it, a line each
 * @param answered how many seeds have answered
 */
record ClusterProbe(ClusterPicture picture, List<String> problems, int answered) {

  /** Asks the seeds of a pool. */
  static ClusterProbe of(PoolSettings pool) {
    Map<String, String> elsewhere = new HashMap<>();
    pool.cluster().elsewhere().forEach((told, at) -> elsewhere.put(told.text(), at.text()));
    ClusterPicture picture = new ClusterPicture(elsewhere);
    List<String> problems = new ArrayList<>();
    int answered = 0;
    for (Address seed : pool.cluster().seeds()) {
      String text = seed.text();
      try {
        var replies =
            NodeProbe.ask(
                seed, pool.auth().nodeAuth(), pool.tls().nodes(), ClusterPicture.QUESTIONS);
        var problem = picture.add(text, replies);
        problem.ifPresent(why -> problems.add("seed " + text + " " + why + hint(why)));
        answered += problem.isEmpty() ? 1 : 0;
      } catch (IOException | UnresolvedAddressException away) {
        problems.add("seed " + text + " does not answer (" + away.getMessage() + ")");
      }
    }
    return new ClusterProbe(picture, List.copyOf(problems), answered);
  }

  private static String hint(String why) {
    return why.contains("cluster support disabled")
        ? ": it is no server of a Cluster; write it in nodes instead"
        : "";
  }

  /** Whether every slot has a server, as somebody has said. */
  boolean servesAll() {
    return answered > 0 && picture.uncovered() == 0;
  }

  /** What is wrong with it; empty: nothing. */
  List<String> whatIsWrong() {
    List<String> wrong = new ArrayList<>();
    if (answered == 0) {
      wrong.add("no seed tells of the Cluster: " + String.join("; ", problems));
    } else if (picture.uncovered() > 0) {
      wrong.add(
          picture.uncovered()
              + " slots have no server: redis-cli --cluster check and --cluster fix mend that");
    }
    return wrong;
  }

  /** What works but hurts. */
  List<String> warnings() {
    List<String> warnings = new ArrayList<>(answered == 0 ? List.of() : problems);
    if (answered > 0) {
      picture.suspected().forEach(each -> warnings.add("its server " + each + " does not answer"));
      for (Shard shard : picture.topology().shards()) {
        if (!ClusterPicture.isUnserved(shard) && shard.replicas().isEmpty() && slots(shard) > 0) {
          warnings.add(
              "its primary "
                  + shard.name()
                  + " has no replica: its slots are not served while it is away");
        }
      }
    }
    return warnings;
  }

  private int slots(Shard shard) {
    Topology topology = picture.topology();
    int index = topology.shards().indexOf(shard);
    return topology.placement() instanceof SlotPlacement slots
        ? slots.counts(topology.shards().size())[index]
        : 0;
  }

  /** The ranges of slots of a shard: {@code 0-5460,9000}; empty: it has none. */
  String ranges(int shard) {
    List<String> texts = new ArrayList<>();
    if (picture.topology().placement() instanceof SlotPlacement slots) {
      slots
          .rangesOf(shard)
          .forEach(
              range ->
                  texts.add(
                      range.first() == range.last()
                          ? "" + range.first()
                          : range.first() + "-" + range.last()));
    }
    return String.join(",", texts);
  }

  /** A table of the primaries, and what is asked of whom. */
  List<String> lines(PoolSettings pool) {
    TextTable table = new TextTable(1, List.of("node", "slots", "share", "replicas"));
    for (Shard shard : answered == 0 ? List.<Shard>of() : picture.topology().shards()) {
      int slots = slots(shard);
      table.add(
          List.of(
              shard.name(),
              "" + slots,
              String.format(Locale.ROOT, "%.1f%%", 100.0 * slots / 16_384),
              "" + shard.replicas().size()));
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        "pool '"
            + pool.name()
            + "': listen "
            + pool.listen().text()
            + ", a Cluster (epoch "
            + picture.epoch()
            + "), "
            + answered
            + " of "
            + pool.cluster().seeds().size()
            + " seeds answer");
    table.lines().forEach(line -> lines.add("  " + line));
    return lines;
  }
}
