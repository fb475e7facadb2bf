package io.cashew.proxy.control;

import io.cashew.proxy.config.PoolSettings;
import io.cashew.proxy.config.ReloadEffect;
import io.cashew.proxy.config.ReloadTable;
import io.cashew.proxy.config.SettingChange;
import io.cashew.proxy.config.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What it takes to get from one configuration to another: pool by pool, node by node, key by key.
 * What a reload does and what {@code cashew diff} prints is the same plan.
 */
public final class ReloadPlan {
  private final Settings takenOver;
  private final List<SettingChange> settings;
  private final List<PoolPlan> pools;
  private final List<String> moved;

  private ReloadPlan(
      Settings takenOver, List<SettingChange> settings, List<PoolPlan> pools, List<String> moved) {
    this.takenOver = takenOver;
    this.settings = settings;
    this.pools = pools;
    this.moved = moved;
  }

  /** The same, when the names of nodes have other addresses besides; a line each. */
  ReloadPlan andMoved(List<String> names) {
    return new ReloadPlan(takenOver, settings, pools, names);
  }

  /** The way from one configuration, which runs, to another. */
  public static ReloadPlan of(Settings before, Settings after) {
    List<PoolPlan> pools = new ArrayList<>();
    for (PoolSettings pool : after.pools()) {
      pools.add(PoolPlan.of(named(before, pool.name()), Optional.of(pool)));
    }
    for (PoolSettings pool : before.pools()) {
      if (named(after, pool.name()).isEmpty()) {
        pools.add(PoolPlan.of(Optional.of(pool), Optional.empty()));
      }
    }
    return new ReloadPlan(
        ReloadTable.takenOver(before, after), ReloadTable.changes(before, after), pools, List.of());
  }

  private static Optional<PoolSettings> named(Settings settings, String pool) {
    return settings.pools().stream().filter(each -> each.name().equals(pool)).findFirst();
  }

  /** What runs then: the new configuration, but for what needs a restart. */
  public Settings takenOver() {
    return takenOver;
  }

  List<PoolPlan> pools() {
    return pools;
  }

  /** What changes, a line each; none if nothing does. */
  public List<String> lines() {
    return Stream.of(
            settings.stream().map(SettingChange::text),
            pools.stream().flatMap(PoolPlan::lines),
            moved.stream())
        .flatMap(each -> each)
        .toList();
  }

  /** The keys whose new values need a restart, a line each. */
  public List<String> needRestart() {
    return Stream.concat(
            settings.stream()
                .filter(each -> each.effect() == ReloadEffect.RESTART)
                .map(SettingChange::text),
            pools.stream()
                .flatMap(
                    pool ->
                        pool.settings().stream()
                            .filter(each -> each.effect() == ReloadEffect.RESTART)
                            .map(each -> "pool " + pool.name() + ": " + each.text())))
        .toList();
  }
}
