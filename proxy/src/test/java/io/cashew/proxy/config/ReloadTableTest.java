package io.cashew.proxy.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ReloadTableTest {
  private static Settings read(String text) throws ConfigException {
    return HoconReader.read(text, "cashew.conf");
  }

  private static String pool(String more) {
    return "cashew.pools.p { listen = \"127.0.0.1:1\", nodes = [\"127.0.0.1:2\"], " + more + " }";
  }

  @Test
  void everyKeySaysWhatAReloadDoesAboutIt() {
    List<String> without =
        Stream.concat(Settings.TABLE.rows().stream(), PoolSettings.TABLE.rows().stream())
            .filter(setting -> setting.effect() == ReloadEffect.WITH_THE_WHOLE)
            .<String>map(Setting::key)
            .toList();
    assertEquals(List.of("pools", "nodes"), without);
  }

  @Test
  void changeNamesTheKeyBothValuesAndHowItComesIntoForce() throws ConfigException {
    List<SettingChange> changes =
        ReloadTable.changes(
            read(pool("timeout = 400ms")).pools().get(0),
            read(pool("hash = murmur, limits.bulk-length = 1MiB")).pools().get(0));
    assertEquals(
        List.of(
            "hash: fnv1a_64 -> murmur, at once; keys move",
            "timeout: 400ms -> 1s, at once",
            "limits.bulk-length: 512MiB -> 1MiB, with new connections to the nodes; the old ones"
                + " end with their last reply"),
        changes.stream().map(SettingChange::text).toList());
  }

  @Test
  void secretsAreNotShown() throws ConfigException {
    List<SettingChange> changes =
        ReloadTable.changes(
            read(pool("auth.password = one")).pools().get(0),
            read(pool("auth.password = two")).pools().get(0));
    assertEquals(2, changes.size());
    for (SettingChange change : changes) {
      assertTrue(change.text().contains(": changed, "), change.text());
    }
  }

  @Test
  void whatNeedsARestartKeepsItsValue() throws ConfigException {
    Settings before =
        read("cashew.workers = 2, cashew.memory-limit = 32MiB, " + pool("backlog = 1"));
    Settings after =
        read("cashew.workers = 3, cashew.drain-timeout = 9s, " + pool("backlog = 2, timeout = 2s"));
    Settings runs = ReloadTable.takenOver(before, after);
    assertEquals(2, runs.workers().count());
    assertEquals(32 << 20, runs.memoryLimit());
    assertEquals(9000, runs.drain().timeoutMillis());
    assertEquals(1, runs.pools().get(0).clients().backlog());
    assertEquals(2000, runs.pools().get(0).connections().timeoutMillis());
  }
}
