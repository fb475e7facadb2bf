package io.cashew.proxy.config;

import java.util.List;

/**
 * What a reload does about each setting, by the rows of their tables. Nodes and pools are compared
 * one by one and have no row of their own here.
 */
public final class ReloadTable {
  private ReloadTable() {}

  /** What differs besides the pools, in the order of the documents. */
  public static List<SettingChange> changes(Settings before, Settings after) {
    return Settings.TABLE.changes(before, after).toList();
  }

  /** What differs besides the nodes, in the order of the documents. */
  public static List<SettingChange> changes(PoolSettings before, PoolSettings after) {
    return PoolSettings.TABLE.changes(before, after).toList();
  }

  /** What runs when {@code after} is taken over by a proxy that was started with {@code before}. */
  public static Settings takenOver(Settings before, Settings after) {
    List<PoolSettings> pools =
        after.pools().stream()
            .map(
                pool ->
                    before.pools().stream()
                        .filter(each -> each.name().equals(pool.name()))
                        .filter(each -> each.listen().text().equals(pool.listen().text()))
                        .findFirst()
                        .map(pool::takenOverAfter)
                        .orElse(pool))
            .toList();
    return Settings.TABLE.takenOver(before, after).with(Settings.POOLS, pools);
  }
}
