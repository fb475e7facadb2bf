package io.cashew.proxy.control;

import io.cashew.hashing.KeyMapper;
import io.cashew.proxy.config.NodeSettings;
import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.ReloadEffect;
import io.cashew.proxy.config.ReloadTable;
import io.cashew.proxy.config.SettingChange;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What becomes of one pool, by its name.
 *
 * @param before empty if it is new
 * @param after empty if it goes
 * @param settings that differ
 * @param nodes all, those that stay as they are included; those that go come last
 */
record PoolPlan(
    Optional<PoolSettings> before,
    Optional<PoolSettings> after,
    List<SettingChange> settings,
    List<NodePlan> nodes) {
  /** Keys of which it is counted how many move. */
  static final int SAMPLE = 10_000;

  static PoolPlan of(Optional<PoolSettings> before, Optional<PoolSettings> after) {
    if (before.isEmpty() || after.isEmpty()) {
      return new PoolPlan(before, after, List.of(), List.of());
    }
    PoolSettings was = before.get();
    PoolSettings is = after.get();
    boolean listensElsewhere = !Listening.isSame(was.listen(), is.listen());
    List<SettingChange> settings =
        ReloadTable.changes(was, is).stream()
            // A backlog is that of a listener, which is opened with it.
            .filter(change -> !(listensElsewhere && change.effect() == ReloadEffect.RESTART))
            .toList();
    List<NodePlan> nodes = new ArrayList<>();
    for (NodeSettings node : is.nodes()) {
      nodes.add(new NodePlan(named(was, node.name()), Optional.of(node)));
    }
    for (NodeSettings node : was.nodes()) {
      if (named(is, node.name()).isEmpty()) {
        nodes.add(new NodePlan(Optional.of(node), Optional.empty()));
      }
    }
    return new PoolPlan(before, after, settings, nodes);
  }

  private static Optional<NodeSettings> named(PoolSettings pool, String node) {
    return pool.nodes().stream().filter(each -> each.name().equals(node)).findFirst();
  }

  String name() {
    return after.or(() -> before).orElseThrow().name();
  }

  /** Whether it stays, and something of it does not stay as it is. */
  boolean changes() {
    return before.isPresent() && after.isPresent() && !before.equals(after);
  }

  /** Whether all connections to its nodes are made anew. */
  boolean reconnects() {
    return settings.stream().anyMatch(each -> each.effect() == ReloadEffect.NEW_CONNECTIONS);
  }

  /** How many of {@link #SAMPLE} keys are on another node than before; by name. */
  int keysMoved() {
    if (before.isEmpty()
        || after.isEmpty()
        || spreadsNoKeys(before.get())
        || spreadsNoKeys(after.get())) {
      return 0;
    }
    KeyMapper was = before.get().keyMapper();
    KeyMapper is = after.get().keyMapper();
    int moved = 0;
    for (int i = 0; i < SAMPLE; i++) {
      byte[] key = ("user:" + i).getBytes(StandardCharsets.US_ASCII);
      String from = before.get().nodes().get(was.nodeFor(key, 0, key.length)).name();
      String to = after.get().nodes().get(is.nodeFor(key, 0, key.length)).name();
      moved += from.equals(to) ? 0 : 1;
    }
    return moved;
  }

  /**
   * Other pools have its keys, its nodes hold the same, or its servers form a Cluster, which
   * spreads them itself.
   */
  private static boolean spreadsNoKeys(PoolSettings pool) {
    return pool.hasRoutes() || pool.isCluster() || pool.placement().holdsTheSame();
  }

  private static String whatItServes(PoolSettings pool) {
    if (pool.hasRoutes()) {
      return "the pools " + String.join(", ", pool.poolRoutes().pools());
    }
    if (pool.isCluster()) {
      return "a Cluster";
    }
    return pool.nodes().size() + (pool.nodes().size() == 1 ? " node" : " nodes");
  }

  /** What changes, a line each; none if nothing does. */
  Stream<String> lines() {
    String prefix = "pool " + name() + ": ";
    if (before.isEmpty()) {
      PoolSettings added = after.orElseThrow();
      return Stream.of(
          prefix
              + "added, "
              + (added.listens() ? "listens on " + added.listen().text() + " for " : "")
              + whatItServes(added));
    }
    if (after.isEmpty()) {
      return Stream.of(
          prefix
              + (before.get().listens()
                  ? "removed; "
                      + before.get().listen().text()
                      + " closes, and its clients when they have their replies"
                  : "removed"));
    }
    if (!changes()) {
      return Stream.empty();
    }
    int moved = keysMoved();
    String share =
        moved == 0
            ? "no key moves"
            : String.format(
                Locale.ROOT,
                "%.1f %% of keys move (%d of a sample of %d)",
                100.0 * moved / SAMPLE,
                moved,
                SAMPLE);
    if (after.get().hasRoutes()) { // keys of which it is not known how they are spread
      return settings.stream().map(SettingChange::text).map(prefix::concat);
    }
    boolean order = settings.isEmpty() && nodes.stream().noneMatch(NodePlan::changes);
    return Stream.of(
            settings.stream().map(SettingChange::text),
            nodes.stream().filter(NodePlan::changes).map(NodePlan::text),
            Stream.of(order ? "nodes: in another order; " + share : share))
        .flatMap(each -> each)
        .map(line -> prefix + line);
  }
}
